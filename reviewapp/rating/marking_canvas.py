"""An image on which regions can be drawn, by mouse and by keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from reviewapp.rating.drawn_mark import DrawnMark, MarkShape, Point
from reviewapp.theme.palette import colours
from reviewapp.widgets.image_canvas import ImageCanvas, LeftDrag

_LINE_PX = 2
_HALO_PX = 4
#: a keyed ellipse begins with this part of the image's width and moves by this part
_KEYED_SIZE = 1 / 6
_KEYED_STEP = 1 / 64
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class MarkingCanvas(ImageCanvas):
    """An `ImageCanvas` that also draws regions while ``drawing`` names a shape.

    The left button then draws; arrow keys move an ellipse, with Shift they change its size, and
    Enter takes it. ``drawn`` carries a `DrawnMark` without a reason, held on the image.
    """

    drawn = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, left_drag: LeftDrag = "pan") -> None:
        super().__init__(parent, left_drag=left_drag)
        self._shape: MarkShape | None = None
        self._points: list[Point] = []
        self._marks: tuple[DrawnMark, ...] = ()

    @property
    def drawing(self) -> MarkShape | None:
        """What the left button draws; None where it draws nothing."""
        return self._shape

    def set_drawing(self, shape: MarkShape | None) -> None:
        """Begin or end drawing; an unfinished region is dropped."""
        self._shape = shape
        self._points = []
        self.setCursor(Qt.CursorShape.CrossCursor if shape else Qt.CursorShape.ArrowCursor)
        self.update()

    def set_marks(self, marks: Sequence[DrawnMark]) -> None:
        """Show these marks, numbered from 1."""
        if tuple(marks) != self._marks:
            self._marks = tuple(marks)
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a region, or what the plain canvas does."""
        if self._draws(event.button()):
            self._points = [self._image_point(event.position())]
            event.accept()
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with the region."""
        if self._shape and self._points and event.buttons() & Qt.MouseButton.LeftButton:
            point = self._image_point(event.position())
            kept = self._points if self._shape == "brush" else self._points[:1]
            self._points = [*kept, point]
            self.update()
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hand over the region."""
        if self._draws(event.button()) and self._points:
            self._hand_over()
            event.accept()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, size and take an ellipse by keys."""
        key = Qt.Key(event.key())
        if self._shape == "ellipse" and key in _ARROWS:
            self._move_ellipse(*_ARROWS[key], bool(event.modifiers() & _SHIFT))
        elif self._points and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._hand_over()
        else:
            super().keyPressEvent(event)

    def paint_annotations(self, painter: QPainter) -> None:
        """Draw the regions and the one being drawn, light on a dark line so that both show."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, mark in enumerate(self._marks, start=1):
            self._paint_mark(painter, mark)
            painter.setPen(QColor(colours().warning))
            corner = self._widget_points(mark.points[:1])[0]
            painter.drawText(corner + QPointF(_HALO_PX, -_HALO_PX), str(number))
        if self._shape and len(self._points) > 1:
            self._paint_mark(painter, DrawnMark(self._shape, tuple(self._points)))

    def _paint_mark(self, painter: QPainter, mark: DrawnMark) -> None:
        places = self._widget_points(mark.points)
        path = QPainterPath()
        if mark.shape == "ellipse":
            path.addEllipse(QRectF(places[0], places[1]).normalized())
        else:
            path.addPolygon(QPolygonF(places))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in (
            (colours().image_background, _HALO_PX),
            (colours().warning, _LINE_PX),
        ):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawPath(path)

    def _widget_points(self, points: Iterable[Point]) -> list[QPointF]:
        places = (self.view_position(QPointF(x, y)) for x, y in points)
        return [place for place in places if place is not None]

    def _image_point(self, position: QPointF) -> Point:
        point = self.image_position(position)
        assert point is not None, "regions are drawn on an image"
        return point.x(), point.y()

    def _draws(self, button: Qt.MouseButton) -> bool:
        drawable = self._shape is not None and self.pixels is not None
        return drawable and button == Qt.MouseButton.LeftButton

    def _hand_over(self) -> None:
        points, self._points = tuple(self._points), []
        self.update()
        if self._shape and len(points) > 1 and self.pixels is not None:
            height, width = self.pixels.shape[:2]
            self.drawn.emit(DrawnMark(self._shape, points).limited(width, height))

    def _move_ellipse(self, across: int, down: int, size: bool) -> None:
        if self.pixels is None:
            return
        height, width = self.pixels.shape[:2]
        if len(self._points) < 2:
            half = width * _KEYED_SIZE / 2
            middle = width * self.view.center_x, height * self.view.center_y
            self._points = [
                (middle[0] - half, middle[1] - half),
                (middle[0] + half, middle[1] + half),
            ]
            self.update()
            return
        step = width * _KEYED_STEP
        (left, top), (right, bottom) = self._points
        if not size:
            left, top = left + across * step, top + down * step
        # A side shrinks to one step at most, so that the ellipse does not turn inside out.
        right = max(left + step, right + across * step)
        bottom = max(top + step, bottom + down * step)
        self._points = [(left, top), (right, bottom)]
        self.update()
