"""Retinal vessels, drawn as trees that leave the disc and arch around the macula."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from engine.data.phantom_retina import Canvas, Eye

#: length of the straight pieces, in radii of the field
_STEP = 0.03
#: no vessel comes nearer to the fovea
_FOVEA_FREE = 0.16


def draw_vessels(
    rng: np.random.Generator, canvas: Canvas, eye: Eye
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
    canvas: Canvas,
    draw: ImageDraw.ImageDraw,
    eye: Eye,
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
