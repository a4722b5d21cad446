"""The fool rate of each round with its interval, from the first round to the last."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from reviewapp.study.statistics.estimate import Estimate
from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import SPACE_S

_LEFT, _BOTTOM, _TOP = 44, 24, 26
_DOT = 4.0
_CAP = 4.0


class FoolRateChart(QWidget):
    """Dots with whiskers on a scale from 0 to 100 %; the dashed line is 50 %, guessing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rates: list[tuple[int, Estimate]] = []
        self._chosen: int | None = None
        self.setMinimumSize(220, 150)
        self.set_rates([], None)

    def sizeHint(self) -> QSize:
        """As wide as a column of the page."""
        return QSize(280, 200)

    def set_rates(self, rates: list[tuple[int, Estimate]], chosen: int | None) -> None:
        """Show round numbers with their fool rates; ``chosen`` is drawn brighter."""
        self._rates = rates
        self._chosen = chosen
        told = ", ".join(f"round {n}: {rate.value:.0%}" for n, rate in rates)
        self.setAccessibleName(f"Fool rate by round. {told or 'No round has been rated yet.'}")
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Axes, the line of guessing, and a dot with its interval for each round."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = QFont(self.font())
        small.setPixelSize(11)
        area = QRectF(_LEFT, _TOP, self.width() - _LEFT - SPACE_S, self.height() - _TOP - _BOTTOM)
        painter.setPen(QColor(colours().text))
        painter.drawText(
            QRectF(0, 0, self.width(), _TOP - 6), int(Qt.AlignmentFlag.AlignLeft), "Fool rate"
        )
        painter.setFont(small)
        for share in (0.0, 0.5, 1.0):
            y = area.bottom() - share * area.height()
            style = Qt.PenStyle.DashLine if share == 0.5 else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(colours().border), 1, style))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours().text_secondary))
            label = QRectF(0, y - 8, _LEFT - SPACE_S, 16)
            painter.drawText(label, int(Qt.AlignmentFlag.AlignRight), f"{100 * share:.0f} %")
        if not self._rates:
            upper = QRectF(area.left(), area.top(), area.width(), area.height() / 2)
            painter.drawText(upper, int(Qt.AlignmentFlag.AlignCenter), "Not known yet")
            return
        step = area.width() / len(self._rates)
        for place, (number, rate) in enumerate(self._rates):
            x = area.left() + (place + 0.5) * step
            self._draw_rate(painter, area, x, rate, number == self._chosen)
            painter.setPen(QColor(colours().text_secondary))
            below = QRectF(x - 30, area.bottom() + 4, 60, 16)
            painter.drawText(below, int(Qt.AlignmentFlag.AlignHCenter), f"{number}")

    def _draw_rate(
        self, painter: QPainter, area: QRectF, x: float, rate: Estimate, chosen: bool
    ) -> None:
        colour = QColor(colours().accent if chosen else colours().text_secondary)
        painter.setPen(QPen(colour, 2))
        if rate.interval is not None:
            low, high = (area.bottom() - bound * area.height() for bound in rate.interval)
            painter.drawLine(QPointF(x, low), QPointF(x, high))
            for end in (low, high):
                painter.drawLine(QPointF(x - _CAP, end), QPointF(x + _CAP, end))
        painter.setBrush(colour)
        y = area.bottom() - rate.value * area.height()
        painter.drawEllipse(QPointF(x, y), _DOT, _DOT)
