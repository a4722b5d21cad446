"""From stored pixels to screen pixels: window, inversion, colour map, overlay. Knows no Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reviewapp.widgets.colour_map import GREY, colour_table
from reviewapp.widgets.grey_window import GreyWindow

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


def check_pixels(pixels: Pixels) -> None:
    """Raise `ValueError` unless ``pixels`` is uint8/uint16 (H, W) or uint8 (H, W, 3), not empty."""
    grey = pixels.ndim == 2 and pixels.dtype in (np.uint8, np.uint16)
    colour = pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8
    if not (grey or colour) or pixels.size == 0:
        raise ValueError(
            f"Cannot show an image of shape {pixels.shape} and type {pixels.dtype}: "
            "expected uint8 or uint16 (H, W), or uint8 (H, W, 3)."
        )


def render_pixels(
    pixels: Pixels, window: GreyWindow, *, colour_map: str = GREY, inverted: bool = False
) -> NDArray[np.uint8]:
    """Screen pixels: uint8 (H, W) for a grey image in grey, else uint8 (H, W, 3).

    The window acts on the three channels of a colour image alike, which keeps a grey pixel grey;
    a colour map and inversion are for grey images only and leave colour images alone.
    """
    if pixels.dtype == np.uint8 and window == GreyWindow() and colour_map == GREY and not inverted:
        # The full range shows 8-bit levels as they are; a photograph has millions of them.
        return pixels.astype(np.uint8, copy=False)
    levels = window.lookup_table(pixels.dtype)
    if pixels.ndim == 3:
        return levels[pixels]
    if inverted:
        levels = 255 - levels
    if colour_map == GREY:
        return levels[pixels]
    return colour_table(colour_map)[levels][pixels]


def render_overlay(
    values: NDArray[np.floating], low: float, high: float, *, colour_map: str, opacity: float
) -> NDArray[np.uint8]:
    """A map of values (H, W) as RGBA, uint8 (H, W, 4), of the same ``opacity`` (0–1) throughout.

    ``low`` and what is below get the first colour, ``high`` and what is above the last. One opacity
    everywhere keeps a colour's meaning the same over dark and over bright parts of the map.
    """
    span = max(high - low, float(np.finfo(np.float32).tiny))
    levels = np.rint(np.clip((values - low) / span, 0, 1) * 255).astype(np.uint8)
    colours = colour_table(colour_map)[levels]
    alpha = np.full((*values.shape, 1), round(255 * opacity), np.uint8)
    return np.concatenate([colours, alpha], axis=2)
