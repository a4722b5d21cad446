"""A distance on an image."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Ruler:
    """From one point to another, in pixels of the image."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def length_px(self) -> float:
        """Distance in pixels of the image."""
        return math.hypot(self.x2 - self.x1, self.y2 - self.y1)

    def words(self, spacing_mm: float | None) -> str:
        """The distance in millimetres where the size of a pixel is known, in pixels otherwise."""
        if spacing_mm is None:
            return f"{self.length_px:.1f} px"
        return f"{self.length_px * spacing_mm:.1f} mm"

    def with_start(self, x: float, y: float) -> Ruler:
        """The same end, measured from another point."""
        return replace(self, x1=x, y1=y)

    def with_end(self, x: float, y: float) -> Ruler:
        """Measured to another point."""
        return replace(self, x2=x, y2=y)


def scale_bar_mm(mm_per_px: float, room_px: float) -> float:
    """The longest round length (1, 2 or 5 times a power of ten, in mm) that fits into the room."""
    longest = mm_per_px * room_px
    power: float = 10.0 ** math.floor(math.log10(longest))
    return next(factor * power for factor in (5, 2, 1) if factor * power <= longest * (1 + 1e-9))
