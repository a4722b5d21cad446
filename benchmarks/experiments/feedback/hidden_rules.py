"""What a simulated specialist checks, computed from pixels alone; no generator ever sees it.

A rule scores a picture (S, S) in [0, 1]; a picture whose score reaches the rule's limit keeps it.
Where one breaks it, the rule tells the place, as a reader would mark it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.experiments.feedback.phantoms import (
    Picture,
    draw_ring,
    draw_sized_ring,
    draw_vessels,
)

_LEVELS = np.linspace(0.1, 0.9, 25)
#: smallest hole that a ring may enclose, and brightness from which on a pixel is vessel
_SMALLEST_HOLE = 20 / 32**2
_VESSEL_LEVEL = 0.42
_SMALLEST_TREE = 40 / 32**2
#: mean radii, as shares of a picture's side, between small, medium and large rings
_BETWEEN_SIZES = (7.0 / 32, 9.2 / 32)
_EVERY_NEIGHBOUR = np.ones((3, 3))

#: left, top, width and height, in fractions of the picture
Place = tuple[float, float, float, float]


def _no_class(picture: Picture) -> int:  # noqa: ARG001 - all are alike
    return -1


@dataclass(frozen=True, slots=True)
class HiddenRule:
    """``score`` of a picture, the ``limit`` it must reach, and ``unit``, a clear difference.

    ``place`` is where a picture breaks the rule most, None where it cannot be told. ``class_of``
    tells which of ``class_names`` a picture belongs to, whether it keeps the rule or not.
    """

    name: str
    draw: Callable[..., Picture]
    score: Callable[[Picture], float]
    place: Callable[[Picture], Place | None]
    limit: float
    unit: float
    class_names: tuple[str, ...] = ()
    class_of: Callable[[Picture], int] = _no_class

    def scores(self, pictures: NDArray[np.float32]) -> NDArray[np.float64]:
        """Scores (N,) of pictures (N, S, S)."""
        return np.array([self.score(picture) for picture in pictures])

    def kept(self, pictures: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which pictures (N, S, S) keep the rule, (N,)."""
        return self.scores(pictures) >= self.limit


def ring_closure(picture: Picture) -> float:
    """How far above the ground (the median) the brightest level lies that encloses a hole.

    What is brighter than a level encloses a hole where darker pixels do not reach the edge; 0
    without any.
    """
    closed, ground = 0.0, float(np.median(picture))
    for level in _LEVELS:
        labels, n = ndimage.label(picture <= level)
        sizes = np.bincount(labels.ravel(), minlength=n + 1)
        edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        sizes[np.unique(edge)] = 0
        if sizes[1:].max(initial=0) >= _SMALLEST_HOLE * picture.size:
            closed = float(level) - ground
    return max(0.0, closed)


def ring_gap(picture: Picture) -> Place | None:
    """Around the darkest spot of the ring, seen from the middle of its brightness."""
    size = picture.shape[0]
    mass = np.where(picture > 0.3, picture, 0.0)
    if mass.sum() == 0:
        return None
    y, x = ndimage.center_of_mass(mass)
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    radii = np.arange(0.1, 0.45, 0.5 / size) * size
    rows = y + radii[:, None] * np.sin(angles)
    columns = x + radii[:, None] * np.cos(angles)
    along = ndimage.map_coordinates(picture, [rows, columns], order=1, mode="nearest")
    thinnest = int(along.max(axis=0).argmin())
    radius = float(np.median(radii[along.argmax(axis=0)]))
    at_x = (x + radius * np.cos(angles[thinnest])) / size
    at_y = (y + radius * np.sin(angles[thinnest])) / size
    return _around(at_x, at_y, 0.3)


def ring_size(picture: Picture) -> int:
    """0, 1 or 2: the class of a ring by the mean distance of its brightness from its middle."""
    size = picture.shape[0]
    mass = np.where(picture > 0.35, picture, 0.0)
    if mass.sum() == 0:
        return 0
    y, x = ndimage.center_of_mass(mass)
    rows, columns = np.mgrid[0:size, 0:size]
    distance = float((mass * np.hypot(rows - y, columns - x)).sum() / mass.sum()) / size
    return int(np.searchsorted(_BETWEEN_SIZES, distance))


def vessel_connection(picture: Picture) -> float:
    """The largest connected part's share of all vessel pixels; 0 where there is hardly a vessel."""
    sizes = _vessel_sizes(picture)[1]
    if sizes.sum() <= _SMALLEST_TREE * picture.size:
        return 0.0
    return float(sizes.max() / sizes.sum())


def loose_vessel(picture: Picture) -> Place | None:
    """The box of the largest part that hangs on nothing."""
    labels, sizes = _vessel_sizes(picture)
    if len(sizes) < 2:
        return None
    second = int(np.argsort(sizes)[-2]) + 1
    rows, columns = ndimage.find_objects(labels)[second - 1]
    size = picture.shape[0]
    return (
        columns.start / size,
        rows.start / size,
        (columns.stop - columns.start) / size,
        (rows.stop - rows.start) / size,
    )


RULES: dict[str, HiddenRule] = {
    rule.name: rule
    for rule in (
        HiddenRule("closed ring", draw_ring, ring_closure, ring_gap, 0.36, 0.06),
        HiddenRule(
            *("closed ring of a size", draw_sized_ring, ring_closure, ring_gap, 0.36, 0.06),
            class_names=("small", "medium", "large"),
            class_of=ring_size,
        ),
        HiddenRule("connected vessels", draw_vessels, vessel_connection, loose_vessel, 0.97, 0.02),
    )
}


def _vessel_sizes(picture: Picture) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    labels, n = ndimage.label(picture > _VESSEL_LEVEL, structure=_EVERY_NEIGHBOUR)
    return labels, np.bincount(labels.ravel(), minlength=n + 1)[1:]


def _around(x: float, y: float, side: float) -> Place:
    left, top = max(0.0, x - side / 2), max(0.0, y - side / 2)
    return left, top, min(1.0, x + side / 2) - left, min(1.0, y + side / 2) - top
