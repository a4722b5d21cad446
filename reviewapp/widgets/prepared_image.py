"""An image made ready for the screen ahead of time, so that showing it costs one copy.

Makes `QImage`s only, which any thread may do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from reviewapp.widgets.grey_window import GreyWindow
from reviewapp.widgets.pixel_rendering import Pixels, check_pixels, render_pixels


@dataclass(frozen=True, slots=True)
class PreparedImage:
    """``pixels`` with their full grey range rendered, and that fitted into a view.

    ``fitted`` is in device pixels; a view of another size makes its own.
    """

    pixels: Pixels
    rendered: QImage
    fitted: QImage


def prepare_image(pixels: Pixels, view_px: QSize) -> PreparedImage:
    """Render and fit ``pixels`` for a view of ``view_px`` device pixels.

    Raises `ValueError` for arrays that are no image.
    """
    check_pixels(pixels)
    rendered = to_qimage(render_pixels(pixels, GreyWindow()))
    height, width = pixels.shape[:2]
    scale = min(view_px.width() / width, view_px.height() / height)
    return PreparedImage(pixels, rendered, scaled_image(rendered, scale))


def scaled_image(image: QImage, scale: float) -> QImage:
    """``image`` at ``scale`` device pixels per image pixel, averaged or interpolated.

    A painter looks at four pixels only and would drop fine detail of an image that it shrinks. The
    format is the screen's own, so that painting converts nothing.
    """
    size = (image.size().toSizeF() * scale).toSize().expandedTo(QSize(1, 1))
    scaled = image.scaled(
        size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    return scaled.convertToFormat(QImage.Format.Format_RGB32)


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """uint8 (H, W), (H, W, 3) or (H, W, 4) as an image that owns its memory."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    n_channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    formats = {
        1: QImage.Format.Format_Grayscale8,
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888,
    }
    return QImage(pixels.data, width, height, width * n_channels, formats[n_channels]).copy()


def from_qimage(image: QImage, n_dimensions: int) -> NDArray[np.uint8]:
    """The pixels of an image: uint8 (H, W) for two dimensions, (H, W, 3) for three."""
    colour = n_dimensions == 3
    image = image.convertToFormat(
        QImage.Format.Format_RGB888 if colour else QImage.Format.Format_Grayscale8
    )
    height, width = image.height(), image.width()
    # Qt pads each line to four bytes.
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(height, -1)
    used = lines[:, : width * 3].reshape(height, width, 3) if colour else lines[:, :width]
    return used.copy()
