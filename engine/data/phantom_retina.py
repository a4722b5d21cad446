"""Where things lie on a drawn retina, and how they are painted onto it.

Lengths are in radii of the round field of view, whose centre is the origin; y points down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw


@dataclass(slots=True)
class Canvas:
    """Masks of what is drawn, finer than the picture so that edges come out smooth."""

    width: int
    height: int
    radius_px: float
    fineness: int

    def mask(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        """An empty mask, and what draws on it in the units of `px` and `length`."""
        image = Image.new("L", (self.width * self.fineness, self.height * self.fineness))
        return image, ImageDraw.Draw(image)

    def px(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the retina lies on a mask."""
        scale = self.radius_px * self.fineness
        return (
            self.width * self.fineness / 2 + x * scale,
            self.height * self.fineness / 2 + y * scale,
        )

    def length(self, units: float) -> float:
        """A length, given in radii of the field, on a mask."""
        return units * self.radius_px * self.fineness

    def coverage(self, mask: Image.Image) -> NDArray[np.float32]:
        """How much of each pixel a mask covers: float32 (H, W) from 0 to 1."""
        reduced = mask.reduce(self.fineness) if self.fineness > 1 else mask
        return np.asarray(reduced, dtype=np.float32) / np.float32(255)


@dataclass(frozen=True, slots=True)
class Eye:
    """Landmarks of one eye; ``side`` is 1 where the disc lies to the right, else -1.

    ``cup`` is the radius of the disc's pale middle as a part of the disc's own.
    """

    side: int
    disc: tuple[float, float]
    disc_radius: float
    cup: float
    fovea: tuple[float, float]


def tint(
    picture: NDArray[np.float32],
    coverage: NDArray[np.float32],
    factors: tuple[float, float, float],
) -> None:
    """Let ``factors`` of red, green and blue through where something covers the retina."""
    for channel, factor in enumerate(factors):
        picture[channel] *= 1 - np.float32(1 - factor) * coverage


def cover(
    picture: NDArray[np.float32],
    coverage: NDArray[np.float32],
    colour: tuple[float, float, float],
) -> None:
    """Lay an opaque ``colour`` (red, green, blue from 0 to 1) over the retina."""
    for channel, value in enumerate(colour):
        picture[channel] += coverage * (np.float32(value) - picture[channel])
