"""Windows for reading, computed from the image, because the grey values of MR have no unit."""

from __future__ import annotations

from collections.abc import Callable

from reviewapp.widgets.grey_window import GreyWindow
from reviewapp.widgets.pixel_rendering import Pixels

FULL = "Full range"
#: by title; percentiles of the image's own levels, the black surroundings of MR left out
WINDOW_PRESETS: dict[str, Callable[[Pixels], GreyWindow]] = {
    FULL: lambda pixels: GreyWindow(),  # noqa: ARG005
    "Cut extremes (1–99 %)": lambda pixels: GreyWindow.of_percentiles(_inside(pixels), 1, 99),
    "Heart muscle (dark tissue)": lambda pixels: GreyWindow.of_percentiles(_inside(pixels), 1, 75),
    "Blood (bright tissue)": lambda pixels: GreyWindow.of_percentiles(_inside(pixels), 40, 99.8),
}


def _inside(pixels: Pixels) -> Pixels:
    """The pixels that are not quite black, or all where none is."""
    inside = pixels[pixels > pixels.min()]
    return inside if inside.size else pixels
