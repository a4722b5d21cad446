"""What a drawn heart and its chest measure, by ACDC's five groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Group = Literal["NOR", "MINF", "DCM", "HCM", "RV"]
Phase = Literal["ED", "ES"]


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
