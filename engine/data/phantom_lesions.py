"""Lesions of diabetic retinopathy, as the grades of the international scale have them.

Source: Wilkinson et al. 2003, doi 10.1016/S0161-6420(03)00475-5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.data.phantom_retina import Canvas, Eye, cover, tint


def draw_lesions(
    rng: np.random.Generator,
    canvas: Canvas,
    eye: Eye,
    picture: NDArray[np.float32],
    grade: int,
) -> None:
    """Microaneurysms from grade 1, haemorrhages and exudates from 2, all of them and more above."""
    if grade == 0:
        return
    counts = {  # dots, blots, exudate clusters, cotton wool spots
        1: (int(rng.integers(4, 10)), 0, 0, 0),
        2: (int(rng.integers(10, 20)), int(rng.integers(3, 7)), int(rng.integers(1, 4)), 0),
        3: (int(rng.integers(20, 35)), int(rng.integers(14, 24)), int(rng.integers(2, 6)), 2),
        4: (int(rng.integers(20, 35)), int(rng.integers(10, 20)), int(rng.integers(2, 7)), 3),
    }
    dots, blots, clusters, wool = counts[grade]
    mask, draw = canvas.mask()
    for _ in range(wool):
        _blob(rng, canvas, draw, _place(rng, eye, 0.35), float(rng.uniform(0.035, 0.055)), 0.35)
    soft = canvas.coverage(mask)
    cover(picture, 0.55 * _blurred(soft, canvas.radius_px * 0.018), (0.95, 0.82, 0.58))

    mask, draw = canvas.mask()
    for _ in range(dots):
        _blob(rng, canvas, draw, _place(rng, eye, 0.08), float(rng.uniform(0.005, 0.009)), 0.1)
    for _ in range(blots):
        _blob(rng, canvas, draw, _place(rng, eye, 0.15), float(rng.uniform(0.012, 0.034)), 0.35)
    if grade == 4:
        # A preretinal bleed settles below an almost level line.
        x, y = _place(rng, eye, 0.4)
        wide, high, tilt = rng.uniform(0.06, 0.13), rng.uniform(0.05, 0.09), rng.uniform(-12, 12)
        left, top = canvas.px(x - wide, y - high)
        right, bottom = canvas.px(x + wide, y + high)
        draw.chord((left, top, right, bottom), tilt, 180 + tilt, fill=255)
    soft = _blurred(canvas.coverage(mask), canvas.radius_px * 0.006)
    tint(picture, soft, (0.60, 0.36, 0.45))

    mask, draw = canvas.mask()
    for _ in range(clusters):
        angle = float(rng.uniform(0, 2 * np.pi))
        reach = float(rng.uniform(0.12, 0.42))
        centre = (
            eye.fovea[0] + reach * np.cos(angle),
            eye.fovea[1] + reach * np.sin(angle),
        )
        for _ in range(int(rng.integers(8, 30))):
            x, y = centre + rng.normal(0, 0.05, 2)
            _blob(rng, canvas, draw, (x, y), float(rng.gamma(2.0, 0.0026)) + 0.003, 0.35)
    cover(picture, 0.9 * canvas.coverage(mask), (0.98, 0.86, 0.38))

    if grade == 4:
        mask, draw = canvas.mask()
        for _ in range(7):
            # New vessels: fine, tangled, where they do not belong.
            x, y = eye.disc
            heading = float(rng.uniform(0, 2 * np.pi))
            for _ in range(22):
                heading += float(rng.normal(0, 0.8))
                following = (x + 0.018 * np.cos(heading), y + 0.018 * np.sin(heading))
                thickness = max(1, round(canvas.length(0.005)))
                draw.line([canvas.px(x, y), canvas.px(*following)], fill=255, width=thickness)
                x, y = following
        tint(picture, canvas.coverage(mask), (0.86, 0.52, 0.52))


def _place(rng: np.random.Generator, eye: Eye, keep_off_fovea: float) -> tuple[float, float]:
    """A point of the field, off the disc and the fovea's middle."""
    while True:
        x, y = rng.uniform(-0.8, 0.8), rng.uniform(-0.7, 0.7)
        off_disc = np.hypot(x - eye.disc[0], y - eye.disc[1]) > 1.5 * eye.disc_radius
        off_fovea = np.hypot(x - eye.fovea[0], y - eye.fovea[1]) > keep_off_fovea
        if off_disc and off_fovea and np.hypot(x, y) < 0.9:
            return float(x), float(y)


def _blob(
    rng: np.random.Generator,
    canvas: Canvas,
    draw: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    radius: float,
    ragged: float,
) -> None:
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radii = np.full(angles.size, radius)
    for order in (1, 2, 3):
        radii += radius * ragged / order * np.cos(order * angles + rng.uniform(0, 2 * np.pi))
    points = [
        canvas.px(centre[0] + r * np.cos(a), centre[1] + r * np.sin(a))
        for a, r in zip(angles, radii, strict=True)
    ]
    draw.polygon(points, fill=255)


def _blurred(coverage: NDArray[np.float32], radius_px: float) -> NDArray[np.float32]:
    factor = max(1, round(radius_px))
    if factor == 1:
        return coverage
    image = Image.fromarray(coverage)
    height, width = coverage.shape
    small = image.resize((max(1, width // factor), max(1, height // factor)), Image.Resampling.BOX)
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)
