"""Where and why readers marked images: counts by reason and density maps over the mean image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.data.records import Source
from engine.progress import CancelCheck, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.study.errors import StoreError
from reviewapp.study.marks import MARK_REASONS
from reviewapp.study.model import Mark
from reviewapp.study.presented_files import read_presented
from reviewapp.study.ratings import Rating

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: cells of a map along one side
MAP_SIDE = 64
ALL_REASONS = "all"
#: a mean image is made of so many images at most, spread evenly over those shown
MEAN_OF = 48
_MEAN_SIDE = 256


@dataclass(frozen=True, slots=True)
class MarkCount:
    """How many marks of a reason lie on generated and on real images."""

    reason: str
    on_generated: int
    on_real: int


@dataclass(frozen=True, slots=True)
class MarkMap:
    """Share of the marks of one reason that cover each cell; float32 (64, 64), row 0 on top."""

    dataset: str
    source: Source
    reason: str
    n_marks: int
    density: NDArray[np.float32] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MeanImage:
    """Mean of ``n_images`` presented images; uint8 (side, side) or (side, side, 3)."""

    dataset: str
    n_images: int
    pixels: NDArray[np.uint8] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of the finished sessions, training left out."""

    counts: tuple[MarkCount, ...]
    maps: tuple[MarkMap, ...]
    mean_images: tuple[MeanImage, ...]


@dataclass(frozen=True, slots=True)
class _Placed:
    mark: Mark
    dataset: str
    source: Source


def study_marks(
    ratings: Iterable[Rating], workspace: Workspace, size_px: int, cancelled: CancelCheck
) -> Marks:
    """Count and map the marks; mean images only of data sets that have marks."""
    used = [
        r
        for r in ratings
        if r.session.finished_at is not None and not r.trial.is_training and r.truth is not None
    ]
    placed = list(_placed(used))
    reasons = [reason for reason in MARK_REASONS if any(p.mark.reason == reason for p in placed)]
    counts = tuple(
        MarkCount(
            reason,
            *(
                sum(p.mark.reason == reason and p.source == source for p in placed)
                for source in ("generated", "real")
            ),
        )
        for reason in reasons
    )
    maps = []
    groups = sorted({(p.dataset, p.source) for p in placed})
    for dataset, source in groups:
        own = [p.mark for p in placed if (p.dataset, p.source) == (dataset, source)]
        for reason in (ALL_REASONS, *reasons):
            marks = [m for m in own if reason in (ALL_REASONS, m.reason)]
            if marks:
                maps.append(
                    MarkMap(dataset, source, reason, len(marks), mark_density(marks, size_px))
                )
    means = []
    for dataset in sorted({p.dataset for p in placed}):
        raise_if_cancelled(cancelled)
        mean = _mean_image(workspace, dataset, _presented_keys(used, dataset), cancelled)
        if mean is not None:
            means.append(mean)
    return Marks(counts, tuple(maps), tuple(means))


def mark_density(marks: Sequence[Mark], size_px: int) -> NDArray[np.float32]:
    """Share of ``marks`` that cover each cell's centre: float32 (MAP_SIDE, MAP_SIDE), 0 to 1.

    ``size_px`` is the side of the presented square. An outline that was drawn is filled, a region
    without one is the ellipse in its box. A region smaller than a cell covers the cell it lies in.
    """
    import numpy as np

    density = np.zeros((MAP_SIDE, MAP_SIDE), dtype=np.float32)
    for mark in marks:
        density += _cover(mark, size_px)
    return density / np.float32(max(1, len(marks)))


def _cover(mark: Mark, size_px: int) -> NDArray[np.bool_]:
    import numpy as np
    from PIL import Image, ImageDraw

    scale = MAP_SIDE / size_px
    centres = np.arange(MAP_SIDE) + 0.5
    if len(mark.points) > 2:
        canvas = Image.new("1", (MAP_SIDE, MAP_SIDE))
        ImageDraw.Draw(canvas).polygon([(x * scale, y * scale) for x, y in mark.points], fill=1)
        covered: NDArray[np.bool_] = np.asarray(canvas, dtype=bool)
    else:
        radius = mark.w * scale / 2, mark.h * scale / 2
        across = (centres - (mark.x * scale + radius[0])) / radius[0]
        down = (centres - (mark.y * scale + radius[1])) / radius[1]
        covered = across[None, :] ** 2 + down[:, None] ** 2 <= 1
    if not covered.any():
        column, row = (
            min(MAP_SIDE - 1, max(0, int((start + extent / 2) * scale)))
            for start, extent in ((mark.x, mark.w), (mark.y, mark.h))
        )
        covered = np.zeros((MAP_SIDE, MAP_SIDE), dtype=bool)
        covered[row, column] = True
    return covered


def _placed(ratings: Iterable[Rating]) -> Iterator[_Placed]:
    for rating in ratings:
        for mark in rating.marks:
            truth = rating.right_truth if mark.side == "right" else rating.truth
            if truth is not None:
                yield _Placed(mark, truth.dataset, truth.source)


def _presented_keys(ratings: Iterable[Rating], dataset: str) -> list[str]:
    keys = set()
    for rating in ratings:
        trial = rating.trial
        if trial.dataset == dataset:
            keys.add(trial.presented_key)
            if trial.right_presented_key is not None:
                keys.add(trial.right_presented_key)
    return sorted(keys)


def _mean_image(
    workspace: Workspace, dataset: str, keys: Sequence[str], cancelled: CancelCheck
) -> MeanImage | None:
    """None where no presented image can be read; the maps are then drawn on blank ground."""
    import numpy as np

    chosen = [keys[i * len(keys) // MEAN_OF] for i in range(MEAN_OF)]
    total: NDArray[np.float64] | None = None
    n = 0
    for key in dict.fromkeys(chosen):
        raise_if_cancelled(cancelled)
        try:
            pixels = read_presented(workspace.image_path(key))
        except StoreError:
            continue
        step = max(1, pixels.shape[0] // _MEAN_SIDE)
        values = pixels[::step, ::step].astype(np.float64)
        if total is not None and total.shape != values.shape:
            continue
        total = values if total is None else total + values
        n += 1
    if total is None:
        return None
    return MeanImage(dataset, n, np.round(total / n).astype(np.uint8))
