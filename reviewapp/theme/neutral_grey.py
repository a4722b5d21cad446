"""Greys of a stated luminance, for surroundings that must not shift what a reader sees."""

from __future__ import annotations

#: surround of an image in a session: dark enough for the eye to stay adapted to the dark parts of
#: an image, bright enough to show where a black image ends
SESSION_LUMINANCE = 0.02


def neutral_grey(relative_luminance: float) -> str:
    """``#rrggbb`` of the grey with this part (0–1) of white's luminance on a calibrated display.

    By the transfer function of sRGB (IEC 61966-2-1); red, green and blue are equal, so that the
    grey is as neutral as the display's white. Raises `ValueError` outside of 0 to 1.
    """
    if not 0 <= relative_luminance <= 1:
        raise ValueError(f"A relative luminance lies between 0 and 1, not {relative_luminance}.")
    if relative_luminance <= 0.0031308:
        signal = 12.92 * relative_luminance
    else:
        signal = 1.055 * relative_luminance ** (1 / 2.4) - 0.055
    level = round(255 * signal)
    return f"#{level:02x}{level:02x}{level:02x}"
