"""Drawn fundus photographs: disc, fovea, vessel trees and the lesions of retinopathy by grade.

Lengths are in radii of the round field of view, whose centre is the origin; y points down. The
lesions of each grade follow the international scale (Wilkinson et al. 2003,
doi 10.1016/S0161-6420(03)00475-5).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.phantom_lesions import draw_lesions
from engine.data.phantom_retina import Canvas, Eye, tint
from engine.data.phantom_sheet import smooth_noise
from engine.data.phantom_vessels import draw_vessels

#: the camera cuts the field off above and below, as in IDRiD: 2848 of about 3426 pixels
_HALF_HEIGHT = 0.832
#: field diameter over picture width
_FIELD_OF_WIDTH = 0.8


def draw_fundus(
    rng: np.random.Generator, size_px: tuple[int, int] = (858, 570), grade: int = 0
) -> NDArray[np.uint8]:
    """A photograph of (width, height) pixels, retinopathy ``grade`` 0 to 4; uint8 (H, W, 3)."""
    width, height = size_px
    return _draw(rng, width, height, _FIELD_OF_WIDTH * width / 2, grade)


def draw_fundus_square(rng: np.random.Generator, size: int, grade: int = 0) -> NDArray[np.uint8]:
    """The same as the importer would cut it: the field fills the square; uint8 (size, size, 3)."""
    return _draw(rng, size, size, size / 2, grade)


def _draw(
    rng: np.random.Generator, width: int, height: int, radius_px: float, grade: int
) -> NDArray[np.uint8]:
    canvas = Canvas(width, height, radius_px, fineness=2 if radius_px > 150 else 4)
    side = 1 if rng.random() < 0.5 else -1
    eye = Eye(
        side=side,
        disc=(side * float(rng.uniform(0.60, 0.74)), float(rng.uniform(-0.10, 0.06))),
        disc_radius=float(rng.uniform(0.135, 0.16)),
        cup=float(rng.uniform(0.32, 0.55)),
        fovea=(-side * float(rng.uniform(0.0, 0.10)), float(rng.uniform(0.0, 0.10))),
    )
    picture = _background(rng, canvas, eye)
    veins, arteries = draw_vessels(rng, canvas, eye)
    tint(picture, canvas.coverage(veins), (0.70, 0.50, 0.55))
    tint(picture, canvas.coverage(arteries), (0.88, 0.60, 0.58))
    draw_lesions(rng, canvas, eye, picture, grade)
    return _expose(rng, canvas, picture)


def _background(rng: np.random.Generator, canvas: Canvas, eye: Eye) -> NDArray[np.float32]:
    """Retina with disc and fovea, float32 (3, H, W); computed coarsely, because it is smooth."""
    step = 4 if canvas.radius_px > 150 else 1
    shape = (-(-canvas.height // step), -(-canvas.width // step))
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    x = ((x + 0.5) * step - canvas.width / 2) / np.float32(canvas.radius_px)
    y = ((y + 0.5) * step - canvas.height / 2) / np.float32(canvas.radius_px)
    pigment = rng.uniform(0, 1)
    colour = np.array([0.86, 0.47, 0.20]) * (1 - pigment) + np.array([0.62, 0.27, 0.08]) * pigment
    colour *= rng.uniform(0.9, 1.1, 3) * rng.uniform(0.9, 1.12)
    lit_x, lit_y = rng.uniform(-0.3, 0.3, 2)
    light = 1.06 - rng.uniform(0.25, 0.42) * ((x - lit_x) ** 2 + (y - lit_y) ** 2)
    light *= 1 + 0.06 * smooth_noise(rng, shape, 4) + 0.03 * smooth_noise(rng, shape, 15)
    light *= 1 + 0.025 * smooth_noise(rng, shape, 60)
    fovea = np.hypot(x - eye.fovea[0], (y - eye.fovea[1]) * 1.1)
    macula = np.exp(-((fovea / 0.23) ** 2))
    pit = np.exp(-((fovea / 0.075) ** 2))
    disc = np.hypot((x - eye.disc[0]) * 1.08, y - eye.disc[1])
    wobble = 0.007 * smooth_noise(rng, shape, 12)
    rim = np.clip((eye.disc_radius - disc + wobble) / 0.022 + 0.5, 0, 1)
    halo = np.exp(-((np.maximum(disc - eye.disc_radius, 0) / 0.10) ** 2)) * (1 - rim)
    cup_distance = np.hypot(x - eye.disc[0] + eye.side * 0.02, y - eye.disc[1])
    cup = np.clip((eye.cup * eye.disc_radius - cup_distance) / 0.045 + 0.5, 0, 1)
    # Nerve fibres sheen above and below the disc.
    sheen = halo * np.clip(np.abs(y - eye.disc[1]) / 0.2, 0, 1)
    planes = []
    warm = float(rng.uniform(0.85, 1.0))
    disc_colour = np.array([1.0, 0.74 * warm, 0.42 * warm]) * (0.86 + 0.14 * colour[0])
    cup_colour = np.array([1.0, 0.90, 0.68]) * (0.88 + 0.12 * colour[0])
    darken = (0.16, 0.30, 0.35), (0.14, 0.26, 0.26)
    for channel in range(3):
        plane = np.float32(colour[channel]) * light
        plane *= 1 - darken[0][channel] * macula - darken[1][channel] * pit
        plane *= 1 + (0.06, 0.16, 0.20)[channel] * halo + 0.08 * sheen
        plane += rim * (np.float32(disc_colour[channel]) * light - plane)
        plane += rim * cup * (np.float32(cup_colour[channel]) * light - plane)
        resized = Image.fromarray(plane.astype(np.float32)).resize(
            (canvas.width, canvas.height), Image.Resampling.BICUBIC
        )
        planes.append(np.asarray(resized, dtype=np.float32))
    return np.stack(planes)


def _expose(
    rng: np.random.Generator, canvas: Canvas, picture: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Grain, the round mask of the camera, and 8 bits."""
    height, width = canvas.height, canvas.width
    grain = rng.standard_normal((height, width), dtype=np.float32)
    y, x = np.ogrid[0:height, 0:width]
    x = (x + 0.5 - width / 2).astype(np.float32)
    y = (y + 0.5 - height / 2).astype(np.float32)
    radius = np.float32(canvas.radius_px)
    lens = np.clip(radius - np.hypot(x, y) + np.float32(0.5), 0, 1)
    lens *= np.clip(np.float32(_HALF_HEIGHT) * radius - np.abs(y) + np.float32(0.5), 0, 1)
    picture += np.float32(0.012) * grain
    picture *= lens * np.float32(255)
    return np.ascontiguousarray(np.moveaxis(np.clip(picture, 0, 255).astype(np.uint8), 0, 2))
