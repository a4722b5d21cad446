"""A small histogram with the window that the image is shown in."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from reviewapp.browse.histogram import Histogram
from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import SPACE_XS

_PLOT_HEIGHT = 56
_TEXT_HEIGHT = 18
_CHANNELS = ("#e05a50", "#5ab05a", "#5a8ae0")
_CHANNEL_OPACITY = 150


class HistogramView(QWidget):
    """Bars from the lowest to the highest value; both ends and the title stand below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._histogram: Histogram | None = None
        self._window: tuple[float, float] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def histogram(self) -> Histogram | None:
        """What is drawn."""
        return self._histogram

    def show_histogram(self, histogram: Histogram | None) -> None:
        """Draw another one, or nothing."""
        self._histogram = histogram
        title = "" if histogram is None else histogram.title
        self.setAccessibleName(f"Histogram. {title}")
        self.setToolTip(title)
        self.update()

    def show_window(self, black: float, white: float) -> None:
        """Mark the values that are shown as black and as white."""
        self._window = (black, white)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw bars, window and words."""
        found = self._histogram
        if found is None:
            return
        palette = colours()
        with QPainter(self) as painter:
            heights = found.heights()
            single = len(heights) == 1
            for channel, row in enumerate(heights):
                colour = QColor(palette.text_secondary if single else _CHANNELS[channel])
                colour.setAlpha(255 if single else _CHANNEL_OPACITY)
                step = self.width() / len(row)
                for position, height in enumerate(row.tolist()):
                    tall = height * _PLOT_HEIGHT
                    bar = QRectF(position * step, _PLOT_HEIGHT - tall, step, tall)
                    painter.fillRect(bar, colour)
            painter.setPen(QPen(QColor(palette.border), 1))
            painter.drawLine(0, _PLOT_HEIGHT, self.width(), _PLOT_HEIGHT)
            self._paint_window(painter, found)
            texts = QRectF(0, _PLOT_HEIGHT + SPACE_XS, self.width(), _TEXT_HEIGHT)
            painter.setPen(QColor(palette.text_secondary))
            painter.drawText(texts, Qt.AlignmentFlag.AlignLeft, f"{found.low:.3g}")
            painter.drawText(texts, Qt.AlignmentFlag.AlignRight, f"{found.high:.3g}")
            metrics = painter.fontMetrics()
            ends = max(metrics.horizontalAdvance(f"{end:.3g}") for end in (found.low, found.high))
            room = max(0, self.width() - 2 * (ends + SPACE_XS))
            title = metrics.elidedText(found.title, Qt.TextElideMode.ElideRight, room)
            painter.drawText(texts, Qt.AlignmentFlag.AlignHCenter, title)
        event.accept()

    def _paint_window(self, painter: QPainter, found: Histogram) -> None:
        if self._window is None:
            return
        painter.setPen(QPen(QColor(colours().accent), 1.5))
        for level in self._window:
            if found.low <= level <= found.high:
                x = (level - found.low) / (found.high - found.low) * (self.width() - 1)
                painter.drawLine(round(x), 0, round(x), _PLOT_HEIGHT)

    def sizeHint(self) -> QSize:
        """A strip below the image."""
        return QSize(256, _PLOT_HEIGHT + SPACE_XS + _TEXT_HEIGHT)
