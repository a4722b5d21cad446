"""A grey picture that is painted in millimetres, with edges as soft as a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]


@dataclass(slots=True)
class Sheet:
    """A picture being painted; ``x`` and ``y`` are millimetres from its middle."""

    picture: Plane
    x: Plane
    y: Plane
    spacing_mm: float

    def inside(self, distance_mm: Plane) -> Plane:
        """Coverage of each pixel by the region where ``distance_mm`` is negative, 0 to 1."""
        coverage: Plane = 0.5 - distance_mm * np.float32(1 / (1.3 * self.spacing_mm))
        return np.clip(coverage, 0, 1, out=coverage)

    def paint(self, coverage: Plane, value: Plane | float) -> None:
        """Mix ``value`` into the picture, as much as ``coverage`` says."""
        self.picture += coverage * (value - self.picture)

    def spot(
        self,
        centre: tuple[float, float],
        radius: float,
        value: float,
        *,
        within: Plane | None = None,
        slimness: float = 1.0,
        tilt: float = 0.0,
    ) -> None:
        """Paint an ellipse, ``slimness`` times as long as wide, touching only its own pixels."""
        rows, columns = self.picture.shape
        reach = radius * max(slimness, 1.0) + 2 * self.spacing_mm
        left, right = self._span(centre[0], reach, columns)
        top, bottom = self._span(centre[1], reach, rows)
        if left >= right or top >= bottom:
            return
        window = np.s_[top:bottom, left:right]
        x = self.x[window] - np.float32(centre[0])
        y = self.y[window] - np.float32(centre[1])
        along = (x * np.float32(np.cos(tilt)) + y * np.float32(np.sin(tilt))) / slimness
        across = y * np.float32(np.cos(tilt)) - x * np.float32(np.sin(tilt))
        coverage = self.inside(np.hypot(along, across) - np.float32(radius))
        if within is not None:
            coverage = coverage * within[window]
        self.picture[window] += coverage * (np.float32(value) - self.picture[window])

    def _span(self, centre_mm: float, reach_mm: float, pixels: int) -> tuple[int, int]:
        middle = (pixels - 1) / 2
        first = int(np.floor((centre_mm - reach_mm) / self.spacing_mm + middle))
        last = int(np.ceil((centre_mm + reach_mm) / self.spacing_mm + middle)) + 1
        return max(0, first), min(pixels, last)


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> Plane:
    """Random hills, float32 of ``shape``, about ``cells`` along each side, roughly in [-1, 1]."""
    coarse = rng.uniform(-1, 1, (cells + 2, cells + 2)).astype(np.float32)
    hills = Image.fromarray(coarse).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(hills, dtype=np.float32)
