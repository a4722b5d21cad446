"""An image that can be zoomed, panned and windowed by mouse and keys."""

from __future__ import annotations

import math
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from reviewapp.widgets.grey_window import GreyWindow
from reviewapp.widgets.image_view import ImageView

LeftDrag = Literal["pan", "window", "none"]

_ZOOM_STEP = 1.25
_WHEEL_NOTCH = 120
_KEY_PAN_PX = 40
#: grey levels (0–255) that the window changes per pixel of the mouse's way
_LEVELS_PER_PX = 0.5
_PAN_KEYS = {
    Qt.Key.Key_Left: (1, 0),
    Qt.Key.Key_Right: (-1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class ImageCanvas(ImageView):
    """Shows one image and lets the reader handle it.

    Wheel and ``+``/``-`` zoom (the wheel about the cursor), the middle button pans, the right
    button drags window (to the right: wider) and level (up: brighter); ``left_drag`` says what the
    left button does. A double click or ``0`` fits the image. Keys it has no use for go on to its
    parent.

    ``probed`` tells x, y and the stored value or RGB values under the cursor, or -1, -1, None.
    """

    probed = Signal(int, int, object)

    def __init__(self, parent: QWidget | None = None, *, left_drag: LeftDrag = "pan") -> None:
        super().__init__(parent)
        self.left_drag: LeftDrag = left_drag
        self.zoom_enabled = True
        self.window_enabled = True
        #: whether the arrow keys pan a magnified image, or are left to the parent
        self.arrow_keys_pan = True
        self._drag: Literal["pan", "window"] | None = None
        self._drag_from = QPointF()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the cursor."""
        notches = event.angleDelta().y() / _WHEEL_NOTCH
        if not self.zoom_enabled or notches == 0:
            event.ignore()
            return
        self.zoom_by(_ZOOM_STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan or to change the window."""
        self._drag = self._drag_of(event.button())
        self._drag_from = event.position()
        event.setAccepted(self._drag is not None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the drag, and tell the value under the cursor."""
        way = event.position() - self._drag_from
        self._drag_from = event.position()
        transform = self.transform()
        if self._drag == "pan" and transform is not None:
            self.set_view(transform.panned(way.x(), way.y()))
        elif self._drag == "window":
            window = GreyWindow(self.window_center, self.window_width).moved(
                wider=way.x() * _LEVELS_PER_PX, brighter=-way.y() * _LEVELS_PER_PX
            )
            self.set_window(window.center, window.width)
        self._probe(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        self._drag = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Fit the image."""
        if event.button() == Qt.MouseButton.LeftButton and self.zoom_enabled:
            self.fit()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom and pan by keys."""
        key = Qt.Key(event.key())
        transform = self.transform()
        if transform is None or not self.zoom_enabled:
            event.ignore()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_by(_ZOOM_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom_by(1 / _ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in _PAN_KEYS and self.arrow_keys_pan and self.view.magnification > 1:
            across, down = _PAN_KEYS[key]
            self.set_view(transform.panned(across * _KEY_PAN_PX, down * _KEY_PAN_PX))
        else:
            event.ignore()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell the value under the cursor."""
        self._probe(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        """No value any more."""
        super().leaveEvent(event)
        self.probed.emit(-1, -1, None)

    def _drag_of(self, button: Qt.MouseButton) -> Literal["pan", "window"] | None:
        wanted: str | None = None
        if button == Qt.MouseButton.MiddleButton:
            wanted = "pan"
        elif button == Qt.MouseButton.RightButton:
            wanted = "window"
        elif button == Qt.MouseButton.LeftButton:
            wanted = self.left_drag
        if wanted == "pan" and self.zoom_enabled:
            return "pan"
        if wanted == "window" and self.window_enabled:
            return "window"
        return None

    def _probe(self, position: QPointF) -> None:
        point = self.image_position(position)
        if self.pixels is None or point is None:
            return
        height, width = self.pixels.shape[:2]
        x, y = math.floor(point.x()), math.floor(point.y())
        if 0 <= x < width and 0 <= y < height:
            self.probed.emit(x, y, self.pixels[y, x].tolist())
        else:
            self.probed.emit(-1, -1, None)
