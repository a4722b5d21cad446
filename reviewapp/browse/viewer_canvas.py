"""The viewer's canvas: contours, ruler, the patient's sides and a scale bar above the image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from reviewapp.browse.ruler import Ruler, scale_bar_mm
from reviewapp.theme.tokens import SPACE_S
from reviewapp.widgets.image_canvas import ImageCanvas

#: on images, which are dark or coloured in every theme, text is light with a dark rim
_INK, _RIM = "#f4f4f4", "#000000"
_RIM_WIDTH = 3.0
_RULER_INK = "#ffd54a"
_LINE_WIDTH = 1.6
_TICK_PX = 5.0
#: share of the canvas that the scale bar takes at most
_BAR_SHARE = 0.25
_WHEEL_NOTCH = 120
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


@dataclass(frozen=True, slots=True)
class Contour:
    """Pieces (N, 4) as `region_outline` makes them, in a picture of ``size`` (width, height).

    ``name`` says in the legend what is enclosed.
    """

    pieces: NDArray[np.float64]
    size: tuple[int, int]
    colour: str
    name: str


class ViewerCanvas(ImageCanvas):
    """Shows what is known of an image's geometry and lets a distance be measured.

    While ``measuring``, the left button draws a ruler, arrow keys move its end and Shift with them
    its start. ``measured`` carries the `Ruler`, or None. Where ``wheel_scrolls``, the wheel tells
    ``scrolled`` (slices forward) and zooms with Ctrl only.
    """

    measured = Signal(object)
    scrolled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wheel_scrolls = False
        self.ruler: Ruler | None = None
        self._measuring = False
        self._drawing = False
        self._notches = 0.0
        self._contours: list[tuple[Contour, list[QLineF]]] = []
        self._edges: tuple[str, str, str, str] | None = None
        self._spacing_mm: float | None = None

    @property
    def measuring(self) -> bool:
        """Whether the left button and the arrow keys draw a ruler."""
        return self._measuring

    @property
    def contours(self) -> tuple[Contour, ...]:
        """What is drawn around regions."""
        return tuple(contour for contour, _ in self._contours)

    def set_geometry(
        self, edges: tuple[str, str, str, str] | None, spacing_mm: float | None
    ) -> None:
        """The patient's sides at left, right, top and bottom, and a pixel's size, where known."""
        self._edges, self._spacing_mm = edges, spacing_mm
        self._set_ruler(None)

    def set_contours(self, contours: Sequence[Contour]) -> None:
        """Draw these instead of the ones before."""
        self._contours = [
            (contour, [QLineF(*piece) for piece in contour.pieces.tolist()]) for contour in contours
        ]
        self.update()

    def set_measuring(self, measuring: bool) -> None:
        """Begin with a ruler across the middle of the view, or put it away."""
        self._measuring = measuring
        self.setCursor(Qt.CursorShape.CrossCursor if measuring else Qt.CursorShape.ArrowCursor)
        self._set_ruler(self._middle_ruler() if measuring else None)

    # Events ----------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll through the slices, or zoom."""
        zooms = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not self.wheel_scrolls or zooms:
            super().wheelEvent(event)
            return
        # Touch pads turn by fractions of a notch.
        self._notches -= event.angleDelta().y() / _WHEEL_NOTCH
        whole = int(self._notches)
        self._notches -= whole
        if whole:
            self.scrolled.emit(whole)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a ruler while measuring."""
        point = self.image_position(event.position())
        if self._measuring and event.button() == Qt.MouseButton.LeftButton and point is not None:
            self._drawing = True
            x, y = self._on_image(point)
            self._set_ruler(Ruler(x, y, x, y))
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw the ruler out."""
        point = self.image_position(event.position())
        if self._drawing and self.ruler is not None and point is not None:
            self._set_ruler(self.ruler.with_end(*self._on_image(point)))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The ruler stays."""
        self._drawing = False
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move an end of the ruler while measuring."""
        step = _ARROWS.get(Qt.Key(event.key()))
        if not self._measuring or self.ruler is None or step is None:
            super().keyPressEvent(event)
            return
        ruler, (dx, dy) = self.ruler, step
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            start = self._on_image(QPointF(ruler.x1 + dx, ruler.y1 + dy))
            self._set_ruler(ruler.with_start(*start))
        else:
            end = self._on_image(QPointF(ruler.x2 + dx, ruler.y2 + dy))
            self._set_ruler(ruler.with_end(*end))

    # Painting --------------------------------------------------------------------------------

    def paint_annotations(self, painter: QPainter) -> None:
        """Draw all that is known and wanted."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_contours(painter)
        if self.ruler is not None:
            self._paint_ruler(painter, self.ruler)
        if self._edges is not None:
            self._paint_edges(painter, self._edges)
        if self._spacing_mm is not None:
            self._paint_scale_bar(painter, self._spacing_mm)

    def _paint_contours(self, painter: QPainter) -> None:
        transform = self.transform()
        assert transform is not None, "annotations are painted above an image only"
        left, top = transform.to_view(0, 0)
        for contour, lines in self._contours:
            scale_x = transform.scale * transform.image_width / contour.size[0]
            scale_y = transform.scale * transform.image_height / contour.size[1]
            painter.save()
            painter.setTransform(QTransform(scale_x, 0, 0, scale_y, left, top), True)
            pen = QPen(QColor(contour.colour), _LINE_WIDTH)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLines(lines)
            painter.restore()
        line = painter.fontMetrics().height()
        for number, (contour, _) in enumerate(self._contours):
            at = QPointF(SPACE_S, SPACE_S + (number + 0.5) * line)
            self._write(painter, f"■ {contour.name}", at, "from left", contour.colour)

    def _paint_ruler(self, painter: QPainter, ruler: Ruler) -> None:
        start = self.view_position(QPointF(ruler.x1, ruler.y1))
        end = self.view_position(QPointF(ruler.x2, ruler.y2))
        if start is None or end is None:
            return
        line = QLineF(start, end)
        across = line.normalVector().unitVector() if line.length() else QLineF()
        tick = QPointF(across.dx(), across.dy()) * _TICK_PX
        for colour, width in ((_RIM, _RIM_WIDTH), (_RULER_INK, _LINE_WIDTH)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawLine(line)
            for point in (start, end):
                painter.drawLine(point - tick, point + tick)
        words = ruler.words(self._spacing_mm)
        self._write(painter, words, end + QPointF(SPACE_S, -SPACE_S), "from left", _RULER_INK)

    def _paint_edges(self, painter: QPainter, edges: tuple[str, str, str, str]) -> None:
        left, right, top, bottom = edges
        width, height = self.width(), self.height()
        self._write(painter, left, QPointF(SPACE_S, height / 2), "from left")
        self._write(painter, right, QPointF(width - SPACE_S, height / 2), "to right")
        self._write(painter, top, QPointF(width / 2, 2 * SPACE_S), "centred")
        self._write(painter, bottom, QPointF(width / 2, height - 2 * SPACE_S), "centred")

    def _paint_scale_bar(self, painter: QPainter, spacing_mm: float) -> None:
        if self.zoom <= 0:
            return
        mm_per_px = spacing_mm / self.zoom
        length_mm = scale_bar_mm(mm_per_px, self.width() * _BAR_SHARE)
        y = self.height() - 2.0 * SPACE_S
        right = self.width() - 2.0 * SPACE_S
        left = right - length_mm / mm_per_px
        bar = QPainterPath(QPointF(left, y - _TICK_PX))
        for point in ((left, y), (right, y), (right, y - _TICK_PX)):
            bar.lineTo(*point)
        for colour, width in ((_RIM, _RIM_WIDTH), (_INK, _LINE_WIDTH)):
            painter.strokePath(bar, QPen(QColor(colour), width))
        words = f"{length_mm:g} mm"
        above = y - _TICK_PX - painter.fontMetrics().height() / 2
        middle = QPointF((left + right) / 2, above)
        self._write(painter, words, middle, "centred")

    def _write(
        self,
        painter: QPainter,
        words: str,
        at: QPointF,
        align: Literal["from left", "to right", "centred"],
        ink: str = _INK,
    ) -> None:
        """Words at the height of ``at``, readable on any image and never outside the canvas."""
        metrics = painter.fontMetrics()
        width = metrics.horizontalAdvance(words)
        shift = {"from left": 0.0, "to right": -float(width), "centred": -width / 2}[align]
        x = min(max(at.x() + shift, 2.0), max(2.0, self.width() - width - 2.0))
        y = min(max(at.y(), metrics.height() / 2), self.height() - metrics.height() / 2)
        path = QPainterPath()
        baseline = y + (metrics.ascent() - metrics.descent()) / 2
        path.addText(QPointF(x, baseline), painter.font(), words)
        painter.strokePath(path, QPen(QColor(_RIM), _RIM_WIDTH))
        painter.fillPath(path, QColor(ink))

    # Ruler -----------------------------------------------------------------------------------

    def _set_ruler(self, ruler: Ruler | None) -> None:
        self.ruler = ruler
        self.measured.emit(ruler)
        self.update()

    def _middle_ruler(self) -> Ruler | None:
        """Across the middle half of what is in sight."""
        shown = QRectF(self.rect())
        ends = [
            self.image_position(QPointF(shown.width() * share, shown.height() / 2))
            for share in (0.25, 0.75)
        ]
        if ends[0] is None or ends[1] is None:
            return None
        return Ruler(*self._on_image(ends[0]), *self._on_image(ends[1]))

    def _on_image(self, point: QPointF) -> tuple[float, float]:
        assert self.pixels is not None, "points are asked for on an image only"
        height, width = self.pixels.shape[:2]
        return min(max(point.x(), 0.0), float(width)), min(max(point.y(), 0.0), float(height))
