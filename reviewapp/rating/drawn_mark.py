"""A region that a reader has drawn on an image, and the steps of drawing one; no widgets."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, replace
from typing import Literal

from reviewapp.study.marks import MARK_REASONS, MAX_POINTS
from reviewapp.study.model import Mark

MarkShape = Literal["ellipse", "brush"]
Point = tuple[float, float]

#: smaller regions, in image pixels, are taken for a slip of the mouse
MIN_SIDE_PX = 2.0
#: the letter that gives each reason
REASON_KEYS: dict[str, str] = {
    "A": "anatomy",
    "T": "texture",
    "V": "vessel",
    "B": "border",
    "N": "noise",
    "R": "artefact",
    "O": "other",
}
assert set(REASON_KEYS.values()) == set(MARK_REASONS), "every reason has a key"


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """A marked region in image pixels.

    ``points`` are two opposite corners of an ellipse's box, or the way of a brush; ``side`` tells
    the image of a pair.
    """

    shape: MarkShape
    points: tuple[Point, ...]
    side: Literal["", "left", "right"] = ""

    @classmethod
    def of(cls, mark: Mark) -> DrawnMark:
        """A recorded mark as it was drawn; a brush of which only the box is known shows the box."""
        right, bottom = mark.x + mark.w, mark.y + mark.h
        corners: tuple[Point, ...] = ((mark.x, mark.y), (right, bottom))
        if mark.shape == "brush":
            around = ((mark.x, mark.y), (right, mark.y), (right, bottom), (mark.x, bottom))
            corners = mark.points or (*around, around[0])
        return cls(mark.shape, corners, mark.side)

    def recorded(self, session_id: str, trial_index: int, reason: str) -> Mark:
        """What is stored of it; one of `MARK_REASONS` is its reason."""
        x, y, w, h = self.box
        return Mark(
            mark_id=new_mark_id(),
            session_id=session_id,
            trial_index=trial_index,
            shape=self.shape,
            x=x,
            y=y,
            w=w,
            h=h,
            reason=reason,
            side=self.side,
            points=thinned(self.points) if self.shape == "brush" else (),
        )

    def on_side(self, side: Literal["", "left", "right"]) -> DrawnMark:
        """The same on one of the images of a pair."""
        return replace(self, side=side)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width and height of the region's bounding box."""
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)

    @property
    def is_region(self) -> bool:
        """Whether it is large enough to mean something."""
        _, _, width, height = self.box
        return width >= MIN_SIDE_PX and height >= MIN_SIDE_PX

    def limited(self, width: int, height: int) -> DrawnMark:
        """The same with every point held on an image of this size."""
        held = tuple((min(max(x, 0.0), width), min(max(y, 0.0), height)) for x, y in self.points)
        return replace(self, points=held)


def new_mark_id() -> str:
    """The time comes first, so that marks are listed in the order in which they were made."""
    return f"{time.time_ns():016x}-{uuid.uuid4().hex}"


def thinned(points: tuple[Point, ...]) -> tuple[Point, ...]:
    """At most `MAX_POINTS` of the points, evenly taken, the last one always."""
    step = -(-len(points) // (MAX_POINTS - 1))
    return points if step <= 1 else (*points[:-1:step], points[-1])


@dataclass(slots=True)
class Marking:
    """The mark being made: draw a region, then tell the reason.

    ``shape`` is what a drag draws now, None while marks are not being made; ``nameless`` is a drawn
    region that waits for its reason.
    """

    shape: MarkShape | None = None
    nameless: DrawnMark | None = None

    def begin(self, shape: MarkShape) -> None:
        """From now on a drag draws this shape."""
        self.shape = shape
        self.nameless = None

    def draw(self, mark: DrawnMark) -> bool:
        """Take a drawn region; False where it is too small to be one."""
        if self.shape is None or not mark.is_region:
            return False
        self.nameless = mark
        return True

    def stop(self) -> None:
        """Leave off drawing; a region without a reason is dropped."""
        self.shape = None
        self.nameless = None
