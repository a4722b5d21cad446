"""Drawn short-axis hearts: the anatomy of ACDC's five groups as simple geometry, with MR's faults.

Not a simulation of MR physics: grey values are those of balanced SSFP pictures (bright blood and
fat, dark muscle, black lung), edges are as soft as a pixel, noise is Rician (Gudbjartsson and
Patz 1995, doi 10.1002/mrm.1910340618).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.data.intensity import rescale_intensity
from engine.data.phantom_anatomy import Anatomy, Group, Phase, draw_anatomy
from engine.data.phantom_chest import draw_chest
from engine.data.phantom_sheet import Plane, Sheet, smooth_noise

#: sides of a square that holds the heart with its surroundings, as the importer cuts it, in mm
FIELD_MM = 192.0
#: grey values of the mask that comes with each slice, as in ACDC's ground truth
RV_LABEL, MYOCARDIUM_LABEL, LV_LABEL = 1, 2, 3


def draw_heart_slice(
    rng: np.random.Generator,
    shape: tuple[int, int],
    *,
    anatomy: Anatomy,
    level: float,
    phase: Phase,
    spacing_mm: float,
) -> tuple[Plane, NDArray[np.uint8]]:
    """One plane and its mask, both (rows, columns); the left ventricle is in the middle.

    ``level`` runs from 0 at the base to 1 at the apex. The picture is float32, 0 for black and
    about 1 for blood, before any scaling; the mask uses ACDC's labels. ``rng`` gives the noise;
    everything else follows from ``anatomy``.
    """
    fixed = np.random.default_rng(anatomy.seed)
    rows, columns = shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    x = (x - np.float32((columns - 1) / 2)) * np.float32(spacing_mm)
    y = (y - np.float32((rows - 1) / 2)) * np.float32(spacing_mm)
    sheet = Sheet(np.zeros(shape, dtype=np.float32), x, y, spacing_mm)
    draw_chest(fixed, sheet, anatomy, level)
    mask = _draw_heart(fixed, sheet, anatomy, level, phase)
    return _record_signal(rng, sheet, anatomy), mask


def draw_heart(rng: np.random.Generator, size: int, group: Group = "NOR") -> Plane:
    """A random slice as the importer would make it: float32 (1, size, size) in [-1, 1]."""
    picture, _ = draw_heart_slice(
        rng,
        (size, size),
        anatomy=draw_anatomy(rng, group),
        level=float(rng.uniform(0.05, 0.95)),
        phase="ED" if rng.random() < 0.5 else "ES",
        spacing_mm=FIELD_MM / size,
    )
    return rescale_intensity(picture)[None]


def _draw_heart(
    rng: np.random.Generator, sheet: Sheet, anatomy: Anatomy, level: float, phase: Phase
) -> NDArray[np.uint8]:
    """Both ventricles, their walls and the fat around them; returns the mask."""
    x, y = sheet.x, sheet.y
    shape = (x.shape[0], x.shape[1])
    systole = phase == "ES"
    shrink = anatomy.systolic_radius if systole else 1.0
    # A half ellipsoid: full at the base, closing towards the apex.
    taper = float(np.sqrt(1 - (0.93 * level) ** 2))
    theta = np.arctan2(y, x)
    away = np.cos(theta - np.float32(anatomy.rv_angle))  # 1 towards the right ventricle
    towards = np.clip(away, 0, 1)
    # Where the septum is pushed in, the left ventricle is D-shaped.
    push = 1 - np.float32(anatomy.flattening) * towards**2
    # The wall's lumps keep their places from slice to slice; the inner side is the rougher one.
    starts = [np.float32(start) for start in rng.uniform(0, 2 * np.pi, 4)]
    outline = 1 + np.float32(0.025) * (
        np.cos(2 * theta + starts[0]) + np.cos(3 * theta + starts[1])
    )
    rough = np.float32(0.015 + 0.02 * level)
    trabeculae = 1 + rough * (np.cos(7 * theta + starts[2]) + np.cos(12 * theta + starts[3]))
    smooth_endo = np.float32(anatomy.lv_radius * taper) * push * outline
    scar = np.zeros_like(theta)
    if anatomy.scar_width:
        bend = np.cos(theta - np.float32(anatomy.scar_angle))
        edge = np.float32(np.cos(anatomy.scar_width))
        scar = np.clip((bend - edge) / np.float32(0.25), 0, 1)
    # A scar neither shortens nor thickens.
    smooth_endo = smooth_endo * (np.float32(shrink) + np.float32(0.85 * (1 - shrink)) * scar)
    endo = smooth_endo * trabeculae
    thickening = 1 + 1.1 * (1 - shrink) if systole else 1.0
    wall = np.float32(anatomy.wall * (0.8 + 0.2 * taper) * thickening) * (
        1 - np.float32(0.55) * scar
    )
    wall = wall * (1 + np.float32(anatomy.septum - 1) * towards)
    distance = np.hypot(x, y)
    epi_edge = distance - smooth_endo - wall

    fine = smooth_noise(rng, shape, 70)
    flow = smooth_noise(rng, shape, 22)
    # Right ventricle: a rounded triangle beside the left one, which covers a part of it.
    rv_taper = max(0.0, 1 - (level / 0.92) ** 2.2)
    rv_radius = anatomy.rv_radius * rv_taper * (0.82 + 0.18 * shrink if systole else 1.0)
    offset = float(np.mean(smooth_endo) + np.mean(wall)) * 0.95 + 0.18 * rv_radius
    offset -= 0.12 * rv_radius if systole else 0.0
    cosine, sine = np.float32(np.cos(anatomy.rv_angle)), np.float32(np.sin(anatomy.rv_angle))
    s = x * cosine + y * sine - np.float32(offset)
    t = y * cosine - x * sine
    rv_edge = np.hypot(s * np.float32(1.18), t * np.float32(0.84)) - np.float32(rv_radius)
    rv_edge += np.float32(0.06 * rv_radius) * np.cos(3 * np.arctan2(t, s) + starts[0]) + 1.2 * flow

    # Fat in the pericardium follows both ventricles; a dark line parts it from the lung.
    fat = np.minimum(epi_edge, rv_edge - np.float32(3)) - 2 - 4.5 * smooth_noise(rng, shape, 9)
    sheet.paint(sheet.inside(fat - np.float32(2)), 0.08)
    sheet.paint(sheet.inside(fat) * np.clip(0.45 + 0.9 * flow, 0, 1), 0.66)
    if rv_taper > 0.05:
        sheet.paint(sheet.inside(rv_edge - np.float32(2.8)), 0.24)
        # Trabeculae and the moderator band make the chamber's inner side uneven.
        strands = np.clip(smooth_noise(rng, shape, 34) * 1.8 - 0.45, 0, 1)
        depth = np.clip(1 + rv_edge / np.float32(9), 0, 1)
        sheet.paint(sheet.inside(rv_edge), 0.82 + 0.09 * flow - 0.5 * strands * depth)
    muscle = sheet.inside(epi_edge)
    sheet.paint(muscle, 0.21 + 0.04 * fine)
    sheet.paint(muscle * scar, 0.26 + 0.04 * fine)
    blood = sheet.inside(distance - endo)
    sheet.paint(blood, 0.92 + 0.08 * flow)
    _draw_papillary_muscles(rng, sheet, blood, float(np.mean(endo)), level, systole)
    mask = np.zeros(shape, dtype=np.uint8)
    if rv_taper > 0.05:
        mask[rv_edge < 0] = RV_LABEL
    mask[epi_edge < 0] = MYOCARDIUM_LABEL
    mask[distance < endo] = LV_LABEL
    return mask


def _draw_papillary_muscles(
    rng: np.random.Generator,
    sheet: Sheet,
    blood: Plane,
    radius: float,
    level: float,
    systole: bool,
) -> None:
    """Two muscles that stand in the chamber, and fine strands along its wall."""
    size = radius * float(np.clip(1.2 * (level - 0.1), 0, 1) * np.clip(4 * (1 - level), 0, 1))
    for direction in (0.75, 2.3):
        for _ in range(3):  # each is a bundle of a few heads
            angle = direction + float(rng.uniform(-0.25, 0.25))
            at = radius * float(rng.uniform(0.68, 0.9)) * (0.92 if systole else 1.0)
            head = (at * float(np.cos(angle)), at * float(np.sin(angle)))
            thickness = size * float(rng.uniform(0.16, 0.27))
            slim = float(rng.uniform(1.1, 1.7))
            sheet.spot(head, thickness, 0.27, within=blood, slimness=slim, tilt=angle)
    for _ in range(18):
        angle = float(rng.uniform(-np.pi, np.pi))
        at = radius * float(rng.uniform(0.86, 1.03))
        strand = (at * float(np.cos(angle)), at * float(np.sin(angle)))
        thickness = radius * float(rng.uniform(0.03, 0.08)) * (0.3 + level)
        sheet.spot(strand, thickness, 0.35, within=blood, slimness=1.6, tilt=angle)


def _record_signal(rng: np.random.Generator, sheet: Sheet, anatomy: Anatomy) -> Plane:
    """Coil sensitivity and Rician noise: the magnitude of a complex signal."""
    direction = anatomy.bias_direction
    across = np.float32(np.cos(direction) * anatomy.bias / 100) * sheet.x
    along = np.float32(np.sin(direction) * anatomy.bias / 100) * sheet.y
    signal = sheet.picture * np.exp(across + along)
    real = rng.standard_normal(signal.shape, dtype=np.float32)
    imaginary = rng.standard_normal(signal.shape, dtype=np.float32)
    noise = np.float32(anatomy.noise)
    magnitude: Plane = np.hypot(signal + noise * real, noise * imaginary)
    return magnitude
