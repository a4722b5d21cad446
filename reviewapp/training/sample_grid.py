"""Shows what a run draws from the same latents at each stage of its training."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.prepared_image import to_qimage

_STEP = re.compile(r"(\d+)(?=\.png$)")


def mosaic(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images (N, H, W) or (N, H, W, 3) side by side in nearly square rows; gaps are black."""
    n, height, width = images.shape[:3]
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    sheet = np.zeros((rows * height, columns * width, *images.shape[3:]), np.uint8)
    for i, image in enumerate(images):
        y, x = i // columns * height, i % columns * width
        sheet[y : y + height, x : x + width] = image
    return sheet


def latest_sample_file(folder: Path) -> tuple[Path, int] | None:
    """The newest saved grid of a run and its step."""
    found = [
        (path, int(match[1])) for path in folder.glob("*.png") if (match := _STEP.search(path.name))
    ]
    return max(found, key=lambda item: item[1], default=None)


class SampleGridView(QWidget):
    """The newest grid, as large as fits, with its step."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        heading = QLabel(translate("Training", "Samples"))
        heading.setProperty("role", "heading")
        self._caption = QLabel()
        self._caption.setProperty("role", "secondary")
        self._caption.setToolTip(
            translate("Training", "The same starting points every time, so that progress shows")
        )
        self._picture = _Picture()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(heading)
        layout.addWidget(self._picture, 1)
        layout.addWidget(self._caption)
        self.step: int | None = None

    def show_images(self, images: NDArray[np.uint8], step: int) -> None:
        """Show a fresh grid, uint8 (N, H, W) or (N, H, W, 3)."""
        self._show(to_qimage(mosaic(images)), step)

    def show_file(self, path: Path, step: int) -> None:
        """Show a saved grid; a damaged file counts as none."""
        image = QImage(str(path), "PNG")  # type: ignore[call-overload]
        if image.isNull():
            self.clear()
        else:
            self._show(image, step)

    def clear(self) -> None:
        """Show that there is no grid yet."""
        self.step = None
        self._caption.setText(translate("Training", "No samples are drawn yet."))
        self._picture.set_image(QImage())

    def _show(self, image: QImage, step: int) -> None:
        self.step = step
        self._caption.setText(f"Drawn at step {step:,}")
        self._picture.set_image(image)


class _Picture(QWidget):
    """An image scaled once per size, at the screen's own resolution."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(160, 160)
        self.setAccessibleName(translate("Training", "Samples of the run"))
        self._image = QImage()
        self._scaled = QPixmap()
        self._scaled_for = QSize()

    def set_image(self, image: QImage) -> None:
        self._image = image
        self._scaled_for = QSize()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(colours().image_background))
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        device = QSize(round(self.width() * ratio), round(self.height() * ratio))
        if self._scaled_for != device:
            self._scaled_for = device
            self._scaled = QPixmap.fromImage(
                self._image.scaled(
                    device,
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )
            self._scaled.setDevicePixelRatio(ratio)
        shown = self._scaled.deviceIndependentSize()
        corner = QPoint(
            round((self.width() - shown.width()) / 2), round((self.height() - shown.height()) / 2)
        )
        painter.drawPixmap(corner, self._scaled)
