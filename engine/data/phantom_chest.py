"""The chest around a drawn heart: wall, ribs, lung, liver, stomach, back and aorta."""

from __future__ import annotations

import numpy as np

from engine.data.phantom_anatomy import Anatomy
from engine.data.phantom_sheet import Sheet, smooth_noise


def draw_chest(rng: np.random.Generator, sheet: Sheet, anatomy: Anatomy, level: float) -> None:
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
    edge = x - np.float32(6 + 22 * level) + 0.5 * (y - 60) + 6 * hills
    liver = sheet.inside(dome) * sheet.inside(edge) * inside_body
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
