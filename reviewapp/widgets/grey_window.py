"""Window and level: which part of the grey range of an image is spread over the screen's.

Centre and width are in grey levels of 0–255 whatever the depth of the stored image (16-bit levels
count 1/257 each), so that values recorded for 8-bit and 16-bit images can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: narrower windows would show the steps of the stored levels as contours
MIN_WIDTH = 1.0
MAX_WIDTH = 1024.0
_TOP = 255.0


@dataclass(frozen=True, slots=True)
class GreyWindow:
    """Levels below ``center - width / 2`` are black, above ``center + width / 2`` white."""

    center: float = _TOP / 2
    width: float = _TOP

    @classmethod
    def between(cls, low: float, high: float) -> GreyWindow:
        """The window whose black is ``low`` and whose white is ``high``."""
        return cls((low + high) / 2, max(MIN_WIDTH, high - low))

    @classmethod
    def of_percentiles(
        cls, pixels: NDArray[np.uint8] | NDArray[np.uint16], low: float, high: float
    ) -> GreyWindow:
        """The window between two percentiles (0–100) of the image's own levels."""
        levels = np.percentile(pixels, (low, high)) * (_TOP / np.iinfo(pixels.dtype).max)
        return cls.between(float(levels[0]), float(levels[1]))

    def limited(self) -> GreyWindow:
        """The nearest window that still shows something of 0–255."""
        width = min(MAX_WIDTH, max(MIN_WIDTH, self.width))
        return GreyWindow(min(_TOP, max(0.0, self.center)), width)

    def moved(self, *, wider: float, brighter: float) -> GreyWindow:
        """``wider`` levels more width, and the centre ``brighter`` levels lower; limited."""
        return GreyWindow(self.center - brighter, self.width + wider).limited()

    def lookup_table(self, dtype: np.dtype[np.uint8] | np.dtype[np.uint16]) -> NDArray[np.uint8]:
        """Screen level 0–255 for every stored level of ``dtype``: uint8 (256,) or (65536,)."""
        n_levels = int(np.iinfo(dtype).max) + 1
        levels = np.linspace(0.0, _TOP, n_levels)
        black = self.center - self.width / 2
        scaled = (levels - black) * (_TOP / self.width)
        return np.rint(np.clip(scaled, 0.0, _TOP)).astype(np.uint8)
