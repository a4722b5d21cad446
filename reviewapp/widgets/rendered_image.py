"""An image as it is painted, kept until its pixels or its look change."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, QSizeF
from PySide6.QtGui import QImage

from reviewapp.widgets.grey_window import GreyWindow
from reviewapp.widgets.pixel_rendering import Pixels, render_pixels
from reviewapp.widgets.prepared_image import (
    PreparedImage,
    from_qimage,
    scaled_image,
    to_qimage,
)


class RenderedImage:
    """Remembers the rendering of one image, and its last scaled copy."""

    def __init__(self) -> None:
        self._full: QImage | None = None
        self._scaled: QImage | None = None
        self._shrunk: Pixels | None = None

    def forget(self) -> None:
        """The pixels have changed."""
        self.forget_look()
        self._shrunk = None

    def forget_look(self) -> None:
        """The look of the pixels has changed."""
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

    def shrunk(
        self, pixels: Pixels, window: GreyWindow, scale: float, *, colour_map: str, inverted: bool
    ) -> QImage:
        """An 8-bit image in ``scale`` (below 1) device pixels per image pixel.

        The window is applied to the pixels on the screen, so that dragging it over a photograph of
        ten million pixels does not touch them all each time.
        """
        height, width = pixels.shape[:2]
        wanted = (QSizeF(width, height) * scale).toSize().expandedTo(QSize(1, 1))
        if self._scaled is None or self._scaled.size() != wanted:
            if self._shrunk is None or self._shrunk.shape[1::-1] != (
                wanted.width(),
                wanted.height(),
            ):
                self._shrunk = from_qimage(
                    scaled_image(to_qimage(pixels.astype(np.uint8, copy=False)), scale), pixels.ndim
                )
            shown = render_pixels(self._shrunk, window, colour_map=colour_map, inverted=inverted)
            self._scaled = to_qimage(shown).convertToFormat(QImage.Format.Format_RGB32)
        return self._scaled
