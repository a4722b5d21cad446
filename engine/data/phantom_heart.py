"""Drawn short-axis hearts: the anatomy of ACDC's five groups as simple geometry, with MR's faults.

Not a simulation of MR physics: grey values are those of balanced SSFP pictures (bright blood and
fat, dark muscle, black lung), edges are as soft as a pixel, noise is Rician (Gudbjartsson and
Patz 1995, doi 10.1002/mrm.1910340618).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.intensity import rescale_intensity

Group = Literal["NOR", "MINF", "DCM", "HCM", "RV"]
Phase = Literal["ED", "ES"]
Plane = NDArray[np.float32]

#: sides of a square that holds the heart with its surroundings, as the importer cuts it, in mm
FIELD_MM = 192.0
#: grey values of the mask that comes with each slice, as in ACDC's ground truth
RV_LABEL, MYOCARDIUM_LABEL, LV_LABEL = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Anatomy:
    """One heart and chest; lengths in millimetres, angles in radians (0 = patient's left)."""

    group: Group
    lv_radius: float
    wall: float
    #: thickening of the septum over the free wall, a factor
    septum: float
    #: how far the inner radius shrinks in systole, a factor
    systolic_radius: float
    rv_radius: float
    #: flattening of the septum by a loaded right ventricle, 0 to 1
    flattening: float
    #: direction and half width of an infarct's thin wall; width 0 where there is none
    scar_angle: float
    scar_width: float
    #: where the right ventricle lies, seen from the left one
    rv_angle: float
    chest_centre: tuple[float, float]
    chest_axes: tuple[float, float]
    fat: float
    bias_direction: float
    bias: float
    noise: float
    #: seed of what stays the same from slice to slice (outline, papillary muscles, organs)
    seed: int


def draw_anatomy(rng: np.random.Generator, group: Group) -> Anatomy:
    """A random heart of this group."""
    lv_radius, wall, septum, systolic, rv_radius = {
        "NOR": (24.0, 8.5, 1.0, 0.66, 27.0),
        "MINF": (28.0, 8.5, 1.0, 0.80, 27.0),
        "DCM": (34.0, 6.0, 1.0, 0.90, 29.0),
        "HCM": (21.0, 15.0, 1.35, 0.58, 25.0),
        "RV": (22.0, 8.0, 1.0, 0.72, 37.0),
    }[group]
    vary = rng.uniform
    return Anatomy(
        group=group,
        lv_radius=lv_radius * vary(0.92, 1.08),
        wall=wall * vary(0.9, 1.12),
        septum=septum * vary(0.95, 1.1),
        systolic_radius=systolic * vary(0.96, 1.04),
        rv_radius=rv_radius * vary(0.92, 1.1),
        flattening=vary(0.16, 0.28) if group == "RV" else 0.0,
        scar_angle=vary(-2.0, 2.0),
        scar_width=vary(0.55, 0.9) if group == "MINF" else 0.0,
        rv_angle=np.pi + vary(-0.15, 0.45),
        chest_centre=(vary(-32, -20), vary(22, 34)),
        chest_axes=(vary(118, 134), vary(92, 106)),
        fat=vary(7, 22),
        bias_direction=vary(-2.2, -0.9),
        bias=vary(0.15, 0.5),
        noise=vary(0.010, 0.024),
        seed=int(rng.integers(2**31)),
    )


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
    sheet = _Sheet(np.zeros(shape, dtype=np.float32), x, y, spacing_mm)
    _draw_chest(fixed, sheet, anatomy, level)
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


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> Plane:
    """Random hills, float32 of ``shape``, about ``cells`` along each side, roughly in [-1, 1]."""
    coarse = rng.uniform(-1, 1, (cells + 2, cells + 2)).astype(np.float32)
    hills = Image.fromarray(coarse).resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(hills, dtype=np.float32)


@dataclass(slots=True)
class _Sheet:
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


def _draw_chest(rng: np.random.Generator, sheet: _Sheet, anatomy: Anatomy, level: float) -> None:
    """Air, fat, muscle, lung with vessels, liver, stomach and aorta around the heart."""
    x, y = sheet.x, sheet.y
    shape = (x.shape[0], x.shape[1])
    vary = rng.uniform
    centre_x, centre_y = anatomy.chest_centre
    axis_x, axis_y = anatomy.chest_axes
    # Towards the apex the plane comes nearer to the chest wall.
    squeeze = np.float32(1 - 0.14 * level)
    u, v = (x - np.float32(centre_x)) / axis_x, (y - np.float32(centre_y)) / axis_y
    fine = smooth_noise(rng, shape, 60)
    hills = smooth_noise(rng, shape, 14)
    wobble = smooth_noise(rng, shape, 5)
    outer = (np.hypot(u, v) - squeeze) * np.float32(min(axis_x, axis_y)) + 4 * wobble
    sheet.paint(sheet.inside(outer), 0.82 + 0.12 * hills)
    # Muscle in layers, with fat between them.
    muscle = outer + np.float32(anatomy.fat) + 4 * smooth_noise(rng, shape, 8)
    layers = 0.24 + 0.07 * fine + 0.34 * np.clip(np.sin(muscle / 2.6 + 3 * hills) - 0.45, 0, 1)
    sheet.paint(sheet.inside(muscle), layers)
    for angle in np.arange(-2.7, 0.6, 0.42) + vary(-0.12, 0.12):
        reach = squeeze - (anatomy.fat + 8) / min(axis_x, axis_y)
        rib = (
            float(centre_x + axis_x * reach * np.cos(angle)),
            float(centre_y + axis_y * reach * np.sin(angle)),
        )
        slim, tilt = float(vary(1.2, 2.2)), float(angle + np.pi / 2)
        sheet.spot(rib, 5.5, 0.09, slimness=slim, tilt=tilt)
        sheet.spot(rib, 3.6, float(vary(0.3, 0.5)), slimness=slim, tilt=tilt)
    lung = sheet.inside(muscle + np.float32(15))
    sheet.paint(lung, 0.05 + 0.03 * np.abs(fine) + 0.02 * hills)
    for _ in range(45):
        vessel = (float(vary(-85, 95)), float(vary(-75, 85)))
        sheet.spot(
            vessel,
            float(vary(0.7, 2.0)),
            float(vary(0.15, 0.75)),
            within=lung,
            slimness=float(vary(1, 3)),
            tilt=float(vary(0, np.pi)),
        )
    inside_body = sheet.inside(muscle + np.float32(6))
    # The back: muscles and spine with fat in between.
    back = inside_body * sheet.inside(np.float32(74) - y - 5 * wobble)
    sheet.paint(back, 0.24 + 0.30 * np.clip(3 * smooth_noise(rng, shape, 20) - 0.5, 0, 1))
    aorta = (float(vary(-26, -8)), float(vary(54, 62)))
    spine = (aorta[0] - 30, aorta[1] + 26)
    sheet.spot(spine, 19, 0.42, within=inside_body, slimness=1.2)
    sheet.spot((spine[0] + 4, spine[1] - 20), 5, 0.75, within=inside_body, slimness=1.5)
    # Liver under the right heart, stomach or spleen under the left; both rise towards the apex.
    dome = np.float32(46 - 20 * level) + 0.005 * (x + 52) ** 2 - y + 3 * wobble
    liver = sheet.inside(dome) * sheet.inside(x - np.float32(6 + 22 * level)) * inside_body
    sheet.paint(liver, 0.31 + 0.03 * fine + 0.04 * hills)
    for _ in range(12):
        vein = (float(vary(-90, 20)), float(vary(35, 90)))
        sheet.spot(
            vein,
            float(vary(1.2, 3.0)),
            float(vary(0.42, 0.62)),
            within=liver,
            slimness=float(vary(1, 3)),
            tilt=float(vary(0, np.pi)),
        )
    stomach = (float(vary(24, 42)), float(vary(62, 72)) - 14 * level)
    slim = float(vary(1.1, 1.4))
    sheet.spot(stomach, 21, 0.62, within=inside_body, slimness=slim, tilt=0.4)
    sheet.spot(stomach, 19.5, 0.20, within=inside_body, slimness=slim, tilt=0.4)
    sheet.spot(stomach, 17.5, float(vary(0.3, 0.42)), within=inside_body, slimness=slim, tilt=0.4)
    sheet.spot(aorta, 12, 0.16)
    sheet.spot(aorta, 10.5, 0.9)


def _draw_heart(
    rng: np.random.Generator, sheet: _Sheet, anatomy: Anatomy, level: float, phase: Phase
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
    sheet: _Sheet,
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


def _record_signal(rng: np.random.Generator, sheet: _Sheet, anatomy: Anatomy) -> Plane:
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
