"""The structures of the heart in ACDC's ground truth, and their contours."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.browse.viewer_canvas import Contour
from reviewapp.theme.plots import SERIES
from reviewapp.widgets.pixel_rendering import Pixels
from reviewapp.widgets.region_outline import region_outline


@dataclass(frozen=True, slots=True)
class Structure:
    """A label of the mask, what it is, and the colour of its contour."""

    label: int
    name: str
    colour: str


STRUCTURES = (
    Structure(1, "Right ventricle", SERIES[0]),
    Structure(2, "Myocardium", SERIES[1]),
    Structure(3, "Left ventricle", SERIES[3]),
)


def segmentation_contours(mask: Pixels) -> list[Contour]:
    """One contour for each structure that the mask (H, W) has."""
    size = (mask.shape[1], mask.shape[0])
    return [
        Contour(region_outline(mask == structure.label), size, structure.colour, structure.name)
        for structure in STRUCTURES
        if (mask == structure.label).any()
    ]
