"""What the display adds to measured times: an image is on the screen up to one frame later."""

from __future__ import annotations

from PySide6.QtGui import QScreen

_MS_PER_S = 1000.0


def frame_interval_ms(screen: QScreen) -> float:
    """Milliseconds between two frames of a screen.

    A paint ends up to one frame before its pixels light up, so this bounds the error of response
    times and of each end of an exposure. Whatever the panel itself needs to change comes on top.
    """
    return _MS_PER_S / max(1.0, screen.refreshRate())


def display_detail(screen: QScreen) -> str:
    """Refresh rate, frame interval, size and scaling of a screen, for the study's log."""
    size = screen.size() * screen.devicePixelRatio()
    return (
        f"{screen.refreshRate():.2f} Hz, frame interval {frame_interval_ms(screen):.2f} ms, "
        f"{size.width()} x {size.height()} pixels, scaling {screen.devicePixelRatio():.0%}"
    )
