"""Drawn fundus photographs: disc, fovea, vessel trees and the lesions of retinopathy by grade.

Lengths are in radii of the round field of view, whose centre is the origin; y points down. The
lesions of each grade follow the international scale (Wilkinson et al. 2003,
doi 10.1016/S0161-6420(03)00475-5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.data.phantom_heart import smooth_noise

#: the camera cuts the field off above and below, as in IDRiD: 2848 of about 3426 pixels
_HALF_HEIGHT = 0.832
#: field diameter over picture width
_FIELD_OF_WIDTH = 0.8
_STEP = 0.03
_FOVEA_FREE = 0.16


@dataclass(slots=True)
class _Canvas:
    """Masks of what is drawn, finer than the picture so that edges come out smooth."""

    width: int
    height: int
    radius_px: float
    fineness: int

    def mask(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        image = Image.new("L", (self.width * self.fineness, self.height * self.fineness))
        return image, ImageDraw.Draw(image)

    def px(self, x: float, y: float) -> tuple[float, float]:
        scale = self.radius_px * self.fineness
        return (
            self.width * self.fineness / 2 + x * scale,
            self.height * self.fineness / 2 + y * scale,
        )

    def length(self, units: float) -> float:
        return units * self.radius_px * self.fineness

    def coverage(self, mask: Image.Image) -> NDArray[np.float32]:
        reduced = mask.reduce(self.fineness) if self.fineness > 1 else mask
        return np.asarray(reduced, dtype=np.float32) / np.float32(255)


@dataclass(frozen=True, slots=True)
class _Eye:
    side: int  # 1: the disc lies to the right
    disc: tuple[float, float]
    disc_radius: float
    cup: float
    fovea: tuple[float, float]


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
    canvas = _Canvas(width, height, radius_px, fineness=2 if radius_px > 150 else 4)
    side = 1 if rng.random() < 0.5 else -1
    eye = _Eye(
        side=side,
        disc=(side * float(rng.uniform(0.60, 0.74)), float(rng.uniform(-0.10, 0.06))),
        disc_radius=float(rng.uniform(0.135, 0.16)),
        cup=float(rng.uniform(0.32, 0.55)),
        fovea=(-side * float(rng.uniform(0.0, 0.10)), float(rng.uniform(0.0, 0.10))),
    )
    picture = _background(rng, canvas, eye)
    veins, arteries = _vessels(rng, canvas, eye)
    _tint(picture, canvas.coverage(veins), (0.70, 0.50, 0.55))
    _tint(picture, canvas.coverage(arteries), (0.88, 0.60, 0.58))
    _lesions(rng, canvas, eye, picture, grade)
    return _expose(rng, canvas, picture)


def _tint(
    picture: NDArray[np.float32],
    coverage: NDArray[np.float32],
    factors: tuple[float, float, float],
) -> None:
    """Let ``factors`` of red, green and blue through where something covers the retina."""
    for channel, factor in enumerate(factors):
        picture[channel] *= 1 - np.float32(1 - factor) * coverage


def _cover(
    picture: NDArray[np.float32],
    coverage: NDArray[np.float32],
    colour: tuple[float, float, float],
) -> None:
    for channel, value in enumerate(colour):
        picture[channel] += coverage * (np.float32(value) - picture[channel])


def _background(rng: np.random.Generator, canvas: _Canvas, eye: _Eye) -> NDArray[np.float32]:
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


def _vessels(
    rng: np.random.Generator, canvas: _Canvas, eye: _Eye
) -> tuple[Image.Image, Image.Image]:
    """Masks of veins and arteries: four arcades each, drawn out from the disc."""
    masks = []
    for width, straying in ((0.027, 0.10), (0.019, 0.14)):
        mask, draw = canvas.mask()
        for vertical in (-1, 1):
            start = (eye.disc[0] + float(rng.uniform(-0.02, 0.02)), eye.disc[1])
            # Temporal arcades leave steeply and arch around the macula; nasal ones run straight.
            steep = vertical * (1.55 + float(rng.uniform(-straying, straying)))
            arch = -vertical * float(rng.uniform(1.35, 1.75))
            _grow(rng, canvas, draw, eye, start, steep, width, arch, 1.9, 0)
            nasal = vertical * float(rng.uniform(2.2, 2.8))
            _grow(rng, canvas, draw, eye, start, nasal, width * 0.6, 0.0, 0.7, 1)
        # A few twigs run from the disc towards the macula.
        for _ in range(2):
            heading = float(rng.uniform(-0.7, 0.7))
            _grow(rng, canvas, draw, eye, eye.disc, heading, width * 0.28, 0.0, 0.42, 3)
        masks.append(mask)
    return masks[0], masks[1]


def _grow(
    rng: np.random.Generator,
    canvas: _Canvas,
    draw: ImageDraw.ImageDraw,
    eye: _Eye,
    start: tuple[float, float],
    heading: float,
    width: float,
    turn: float,
    length: float,
    depth: int,
) -> None:
    """One vessel and its branches: a path that meanders, tapers and forks.

    ``heading`` is an angle from the temporal direction (downwards positive), ``turn`` the steady
    bend in radians a unit length, ``depth`` the number of forks before this vessel.
    """
    x, y = start
    drift = 0.0
    until_fork = float(rng.uniform(0.10, 0.22)) * (1 if depth else 1.5)
    steps = int(length / _STEP)
    side = 1 if rng.random() < 0.5 else -1
    for number in range(steps):
        drift = 0.75 * drift + float(rng.normal(0, 0.9))
        bend = turn * (1.0 if number * _STEP < 1.05 else 0.3)
        heading += (bend + drift) * _STEP
        following = (
            x - eye.side * _STEP * float(np.cos(heading)),
            y + _STEP * float(np.sin(heading)),
        )
        if np.hypot(following[0] - eye.fovea[0], following[1] - eye.fovea[1]) < _FOVEA_FREE:
            return
        if abs(following[1]) > 0.9 or np.hypot(*following) > 1.03:
            return
        thickness = max(1, round(canvas.length(width * (1 - 0.6 * number / steps))))
        draw.line([canvas.px(x, y), canvas.px(*following)], fill=255, width=thickness)
        if thickness > 3:
            cx, cy = canvas.px(*following)
            half = thickness / 2 - 0.5
            draw.ellipse((cx - half, cy - half, cx + half, cy + half), fill=255)
        x, y = following
        until_fork -= _STEP
        if until_fork <= 0 and depth < 4 and width > 0.004:
            part = 0.62 if depth == 0 else 0.68
            _grow(
                rng,
                canvas,
                draw,
                eye,
                (x, y),
                heading + side * float(rng.uniform(0.5, 0.95)),
                width * (1 - 0.5 * number / steps) * part,
                -side * float(rng.uniform(0.0, 0.8)),
                (length - number * _STEP) * float(rng.uniform(0.35, 0.7)) + 0.08,
                depth + 1,
            )
            side = -side
            until_fork = float(rng.uniform(0.10, 0.26))


def _lesions(
    rng: np.random.Generator,
    canvas: _Canvas,
    eye: _Eye,
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
    _cover(picture, 0.55 * _blurred(soft, canvas.radius_px * 0.018), (0.95, 0.82, 0.58))

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
    _tint(picture, soft, (0.60, 0.36, 0.45))

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
    _cover(picture, 0.9 * canvas.coverage(mask), (0.98, 0.86, 0.38))

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
        _tint(picture, canvas.coverage(mask), (0.86, 0.52, 0.52))


def _place(rng: np.random.Generator, eye: _Eye, keep_off_fovea: float) -> tuple[float, float]:
    """A point of the field, off the disc and the fovea's middle."""
    while True:
        x, y = rng.uniform(-0.8, 0.8), rng.uniform(-0.7, 0.7)
        off_disc = np.hypot(x - eye.disc[0], y - eye.disc[1]) > 1.5 * eye.disc_radius
        off_fovea = np.hypot(x - eye.fovea[0], y - eye.fovea[1]) > keep_off_fovea
        if off_disc and off_fovea and np.hypot(x, y) < 0.9:
            return float(x), float(y)


def _blob(
    rng: np.random.Generator,
    canvas: _Canvas,
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


def _expose(
    rng: np.random.Generator, canvas: _Canvas, picture: NDArray[np.float32]
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
