"""An image as it is painted, kept until its pixels or its look change."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage

from reviewapp.widgets.grey_window import GreyWindow
from reviewapp.widgets.pixel_rendering import Pixels, render_pixels
from reviewapp.widgets.prepared_image import PreparedImage, scaled_image, to_qimage


class RenderedImage:
    """Remembers the rendering of one image, and its last scaled copy."""

    def __init__(self) -> None:
        self._full: QImage | None = None
        self._scaled: QImage | None = None

    def forget(self) -> None:
        """The pixels or their look have changed."""
        self._full = self._scaled = None

    def take(self, prepared: PreparedImage) -> None:
        """Use what has been rendered ahead, with the full window and in plain grey."""
        self._full, self._scaled = prepared.rendered, prepared.fitted

    def full(
        self, pixels: Pixels, window: GreyWindow, *, colour_map: str, inverted: bool
    ) -> QImage:
        """The image pixel by pixel, rendered if it has been forgotten."""
        if self._full is None:
            self._full = to_qimage(
                render_pixels(pixels, window, colour_map=colour_map, inverted=inverted)
            )
        return self._full

    def scaled(self, full: QImage, scale: float) -> QImage:
        """``full`` in ``scale`` device pixels per image pixel, smooth."""
        wanted = (full.size().toSizeF() * scale).toSize().expandedTo(QSize(1, 1))
        if self._scaled is None or self._scaled.size() != wanted:
            self._scaled = scaled_image(full, scale)
        return self._scaled
