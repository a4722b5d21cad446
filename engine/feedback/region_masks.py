"""What readers marked, as weights of pixels: where in an image its discriminator is to look.

The region of an image is the share of its raters who marked each pixel. Marks in generated images
that were recognised tell D which patches give them away (`engine.losses.recognised`); where the
image is a restoration, they tell the restoring network where the real image under it counts more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.data.records import Source
from engine.feedback.reweighting import taken_for_generated
from engine.feedback.snapshot import FeedbackMark, Snapshot

#: corners that an outline needs at least
_CORNERS = 3


@dataclass(frozen=True, slots=True)
class MarkedImage:
    """An image that readers took for generated and marked.

    ``strength`` in (0, 1] is how surely they did, ``marks`` are those of each rater.
    """

    record_id: str
    key: str
    strength: float
    marks: tuple[tuple[FeedbackMark, ...], ...]

    def region(self, size: int) -> NDArray[np.float32]:
        """The share of raters who marked each pixel, float32 (size, size) in [0, 1]."""
        masks = [region_of(marks, size) for marks in self.marks]
        shares: NDArray[np.float32] = np.mean(masks, axis=0, dtype=np.float32)
        return shares


def marked_images(snapshot: Snapshot, source: Source) -> tuple[MarkedImage, ...]:
    """The marked images that may train, by record; those taken for real are left out."""
    confidences: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    marks: defaultdict[tuple[str, str], list[tuple[FeedbackMark, ...]]] = defaultdict(list)
    for rating in snapshot.training:
        if rating.source == source:
            confidences[rating.record_id, rating.key].append(rating.confidence)
            marks[rating.record_id, rating.key].append(rating.marks)
    found = []
    for (record_id, key), given in sorted(confidences.items()):
        strength = taken_for_generated(sum(given) / len(given))
        each = tuple(marks[record_id, key])
        if strength > 0 and any(each):
            found.append(MarkedImage(record_id, key, strength, each))
    return tuple(found)


def region_of(marks: Iterable[FeedbackMark], size: int) -> NDArray[np.float32]:
    """1 inside any of the marks, 0 elsewhere, float32 (size, size).

    A pixel is inside where its centre is; a mark that holds no centre is the pixel nearest to it.
    """
    region = np.zeros((size, size), dtype=bool)
    for mark in marks:
        inside = _outline(mark, size) if len(mark.points) >= _CORNERS else _ellipse(mark, size)
        if not inside.any():
            row, column = (
                min(max(int(place * size), 0), size - 1)
                for place in (mark.y + mark.h / 2, mark.x + mark.w / 2)
            )
            inside[row, column] = True
        region |= inside
    return region.astype(np.float32)


def _ellipse(mark: FeedbackMark, size: int) -> NDArray[np.bool_]:
    centres = (np.arange(size) + 0.5) / size
    x = (centres - mark.x - mark.w / 2) / (mark.w / 2)
    y = (centres - mark.y - mark.h / 2) / (mark.h / 2)
    inside: NDArray[np.bool_] = x**2 + y[:, None] ** 2 <= 1
    return inside


def _outline(mark: FeedbackMark, size: int) -> NDArray[np.bool_]:
    canvas = Image.new("1", (size, size))
    # Pillow counts from pixel centres.
    corners = [(x * size - 0.5, y * size - 0.5) for x, y in mark.points]
    ImageDraw.Draw(canvas).polygon(corners, fill=1)
    return np.asarray(canvas, dtype=bool).copy()
