"""The curve of hits against false alarms over the confidence scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from reviewapp.theme.tokens import DARK

_MIN_SIDE = 240


class RocPlot(QWidget):
    """An empirical ROC curve beside the diagonal of guessing; pyqtgraph comes with the first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumSize(_MIN_SIDE, _MIN_SIDE)
        self.setAccessibleName("Curve of recognised generated images against real ones mistaken")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._curve: Any = None

    def show_points(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw (false-alarm rate, hit rate) pairs from (0, 0) to (1, 1); none clear the curve."""
        if self._curve is None:
            self._curve = self._make_curve()
        self._curve.setData([x for x, _ in points], [y for _, y in points])

    def _make_curve(self) -> Any:
        import pyqtgraph

        plot = pyqtgraph.PlotWidget(background=DARK.background)
        plot.setMouseEnabled(x=False, y=False)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setRange(xRange=(0, 1), yRange=(0, 1), padding=0.02)
        plot.setLabel("bottom", "Real images called generated", color=DARK.text_secondary)
        plot.setLabel("left", "Generated images recognised", color=DARK.text_secondary)
        plot.plot(
            [0, 1], [0, 1], pen=pyqtgraph.mkPen(DARK.text_secondary, style=Qt.PenStyle.DashLine)
        )
        self._layout.addWidget(plot)
        return plot.plot(
            pen=pyqtgraph.mkPen(DARK.accent, width=2),
            symbol="o",
            symbolSize=6,
            symbolBrush=DARK.accent,
            symbolPen=None,
        )
