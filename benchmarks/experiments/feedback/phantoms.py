"""Phantoms that a small generator learns in seconds, each with something a reader could check.

All are grey pictures (S, S), float32 in [0, 1], drawn anew for each ``rng``; 32 px is the usual
size. They are no anatomy, only its rules: a ring is closed, vessels hang together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Picture = NDArray[np.float32]
#: the size, in pixels, that lengths below are given for
_USUAL = 32
#: where vessels leave the disc, in radians
_STEMS = (-0.9, -0.15, 0.75)
#: radii of rings, of any size and of the three sizes that are classes
_RADII = (6.0, 9.5)
_SIZES = ((5.2, 5.6), (7.3, 7.7), (9.7, 10.1))


def draw_sized_ring(rng: np.random.Generator, size: int = 32) -> Picture:
    """A ring that is small, medium or large, each as often."""
    return draw_ring(rng, size, _SIZES[rng.integers(len(_SIZES))])


def draw_ring(
    rng: np.random.Generator, size: int = 32, radii: tuple[float, float] = _RADII
) -> Picture:
    """A closed bright ring of uneven width on a dark, cloudy ground: the heart muscle's shape."""
    y, x = np.mgrid[0:size, 0:size] * (_USUAL / size)
    centre_x, centre_y = rng.uniform(13, 18, 2)
    radius, stretch = rng.uniform(*radii), rng.uniform(0.8, 1.25)
    turn = rng.uniform(0, np.pi)
    u = (x - centre_x) * np.cos(turn) + (y - centre_y) * np.sin(turn)
    v = (y - centre_y) * np.cos(turn) - (x - centre_x) * np.sin(turn)
    angle = np.arctan2(v, u)
    two, three, one = rng.uniform(0, 2 * np.pi, 3)
    outline = radius * (1 + 0.06 * np.cos(2 * angle + two) + 0.05 * np.cos(3 * angle + three))
    width = rng.uniform(1.0, 1.7) * (1 + 0.25 * np.cos(angle + one))
    distance = np.hypot(u * stretch, v / stretch)
    ring = np.exp(-0.5 * ((distance - outline) / width) ** 2) * rng.uniform(0.75, 0.95)
    ground = 0.05 + 0.12 * _clouds(rng, size) + 0.03 * rng.normal(size=(size, size))
    return np.clip(ring + ground, 0, 1).astype(np.float32)


def draw_vessels(rng: np.random.Generator, size: int = 32) -> Picture:
    """A bright disc at the left from which three branching vessels run: the fundus' shape."""
    fine = 2 * size
    y, x = np.mgrid[0:fine, 0:fine] * (_USUAL / size) / 2
    picture = np.zeros((fine, fine))
    disc_x, disc_y = rng.uniform(3, 7), rng.uniform(13, 19)

    def dab(at_x: float, at_y: float, radius: float) -> None:
        squared = (x - at_x) ** 2 + (y - at_y) ** 2
        np.maximum(picture, np.exp(-squared / (2 * radius**2)), out=picture)

    def vessel(at_x: float, at_y: float, angle: float, steps: int, width: float) -> None:
        for step in range(steps):
            dab(at_x, at_y, width)
            angle += rng.normal() * 0.13
            at_x, at_y = at_x + 0.75 * np.cos(angle), at_y + 0.75 * np.sin(angle)
            if width == _STEM_WIDTH and step == steps // 3:
                side = rng.choice([-1, 1]) * rng.uniform(0.5, 0.9)
                vessel(at_x, at_y, angle + side, int(0.6 * steps), 0.85 * width)

    for stem in _STEMS:
        angle, steps = stem + 0.15 * rng.normal(), int(rng.integers(24, 32))
        vessel(disc_x, disc_y, angle, steps, _STEM_WIDTH)
    dab(disc_x, disc_y, 1.6)
    soft = ndimage.gaussian_filter(picture, 0.6).reshape(size, 2, size, 2).mean(axis=(1, 3))
    ground = 0.1 + 0.04 * _clouds(rng, size) + 0.025 * rng.normal(size=(size, size))
    return np.clip(0.85 * soft / soft.max() + ground, 0, 1).astype(np.float32)


_STEM_WIDTH = 0.75


def _clouds(rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    clouds = ndimage.gaussian_filter(rng.normal(size=(size, size)), 3 * size / _USUAL)
    scaled: NDArray[np.float64] = clouds / clouds.std()
    return scaled
