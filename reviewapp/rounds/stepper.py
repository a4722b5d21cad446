"""The four steps of a round in a row, and which of them it is at."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import SPACE_M, SPACE_S

STEPS = ("Ratings", "Train", "New images", "New session")
_CIRCLE = 24.0
_HEIGHT = 36


class Stepper(QWidget):
    """Steps before ``current`` are done, those after it are to come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._current = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_current(0)

    @property
    def current(self) -> int:
        """The step at work, from 0."""
        return self._current

    def set_current(self, current: int) -> None:
        """Show another step as the one at work."""
        self._current = current
        self.setAccessibleName(f"Step {current + 1} of {len(STEPS)}: {STEPS[current]}")
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for all titles."""
        text = sum(self.fontMetrics().horizontalAdvance(title) for title in STEPS)
        return QSize(round(text + len(STEPS) * (_CIRCLE + 5 * SPACE_M)), _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Numbered circles with titles, joined by lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bold = QFont(self.font())
        bold.setBold(True)
        middle = self.height() / 2
        # Each column starts where the sum of the ones before ends; the lines take what is left.
        metrics = self.fontMetrics()
        taken = [_CIRCLE + SPACE_S + metrics.horizontalAdvance(title) * 1.12 for title in STEPS]
        gap = max(4.0 * SPACE_S, (self.width() - sum(taken)) / (len(STEPS) - 1))
        gap = min(gap, 12.0 * SPACE_S)
        x = 0.0
        for number, title in enumerate(STEPS):
            circle = QRectF(x, middle - _CIRCLE / 2, _CIRCLE, _CIRCLE)
            here, done = number == self._current, number < self._current
            fill = colours().accent_strong if here else colours().surface_raised
            painter.setPen(QPen(QColor(colours().accent if here or done else colours().outline), 1))
            painter.setBrush(QColor(fill))
            painter.drawEllipse(circle)
            painter.setFont(bold if here else self.font())
            painter.setPen(QColor(colours().on_accent if here else colours().text_secondary))
            # What is done has a tick in place of its number.
            mark = "✓" if done else str(number + 1)
            painter.drawText(circle, int(Qt.AlignmentFlag.AlignCenter), mark)
            painter.setPen(QColor(colours().text if here else colours().text_secondary))
            text = QRectF(circle.right() + SPACE_S, 0, taken[number], self.height())
            painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), title)
            x += taken[number]
            if number < len(STEPS) - 1:
                painter.setPen(QPen(QColor(colours().border), 1))
                painter.drawLine(QPointF(x + SPACE_S, middle), QPointF(x + gap - SPACE_S, middle))
            x += gap
