"""Draws the losses of the selected run, or what its guard measured, over its steps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.progress import CancelCheck, ProgressReport
from reviewapp.tasks import TaskRunner
from reviewapp.theme.plots import SERIES, dress_plot
from reviewapp.theme.tokens import SPACE_S
from reviewapp.training.loss_history import LossHistory
from reviewapp.training.run_words import loss_title
from reviewapp.translation import translate

if TYPE_CHECKING:
    import pyqtgraph

#: a plot takes several ms to draw; once a second is enough to watch
_REDRAW_INTERVAL_MS = 1000
_DOT_PX = 7


#: two threads that import the same package of circular modules at once may find it half made
_LOADING = threading.Lock()


def _load_plotting(_progress: ProgressReport, _cancelled: CancelCheck) -> None:
    with _LOADING:
        import pyqtgraph  # noqa: F401 - it is loaded here so that drawing finds it loaded


@dataclass(frozen=True, slots=True)
class CurveWords:
    """What a plot is called, and its curves, as HTML, by the names of their values."""

    axis: str
    accessible: str
    empty: str
    title: Callable[[str], str]
    logarithmic: str = "&Logarithmic"


LOSS_WORDS = CurveWords("Loss", "Loss curves", "No losses are recorded yet.", loss_title)


class LossCurves(QWidget):
    """One curve per loss, or other value, with a legend, on a linear or logarithmic scale.

    ``header`` is the line above, for what else belongs there.

    pyqtgraph takes half a second to load, so that happens in the background. Redraws are gathered,
    and left out while the widget is hidden.
    """

    def __init__(
        self,
        tasks: TaskRunner,
        parent: QWidget | None = None,
        words: CurveWords = LOSS_WORDS,
    ) -> None:
        super().__init__(parent)
        self._words = words
        self._history = LossHistory()
        self._plot: pyqtgraph.PlotWidget | None = None
        self._curves: dict[str, Any] = {}
        self.log_box = QCheckBox(words.logarithmic)
        self.log_box.setToolTip(
            translate("Training", "Show small changes of small values; values up to 0 are left out")
        )
        self.log_box.toggled.connect(self._redraw)
        self._hint = QLabel(words.empty)
        self._hint.setWordWrap(True)
        self._hint.setProperty("role", "secondary")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.header = QHBoxLayout()
        self.header.addStretch(1)
        self.header.addWidget(self.log_box)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(SPACE_S)
        self._layout.addLayout(self.header)
        self._layout.addWidget(self._hint, 1)
        self._redraw_timer = QTimer(self)
        self._redraw_timer.setSingleShot(True)
        self._redraw_timer.timeout.connect(self._redraw)
        loading = tasks.prepare("Loading the plots", _load_plotting)
        loading.succeeded.connect(self._make_plot)
        tasks.launch(loading)

    def show_history(self, history: LossHistory) -> None:
        """Show another run's losses."""
        self._history = history
        self._redraw()

    def update_soon(self) -> None:
        """The shown history has new points; the first ones are drawn at once."""
        if not self._redraw_timer.isActive():
            nothing_drawn = not self._hint.isHidden()
            self._redraw_timer.start(0 if nothing_drawn else _REDRAW_INTERVAL_MS)

    def curve_titles(self) -> list[str]:
        """What the legend says."""
        return [self._words.title(name) for name in self._curves]

    def drawn_values(self, name: str) -> list[float]:
        """What is drawn of a loss; logarithms (base 10) on a logarithmic scale."""
        curve = self._curves.get(name)
        return [] if curve is None else [float(value) for value in curve.getData()[1]]

    def has_dots(self, name: str) -> bool:
        """Whether a loss is drawn as dots, for want of a line."""
        return self._curves[name].opts["symbol"] is not None

    def _redraw(self) -> None:
        empty = len(self._history) == 0
        self._hint.setVisible(empty)
        self.log_box.setEnabled(not empty)
        if self._plot is not None:
            self._plot.setVisible(not empty)
        if empty or self._plot is None or not self.isVisible():
            return
        if list(self._curves) != self._history.names:
            self._make_curves(self._plot)
        logarithmic = self.log_box.isChecked()
        self._plot.setLogMode(y=logarithmic)
        for name, curve in self._curves.items():
            steps, values = self._history.curve(name)
            if logarithmic:
                values = np.where(values > 0, values, np.nan)
            # A line needs two points; a single one is shown as a dot.
            curve.setSymbol("o" if len(steps) == 1 else None)
            curve.setData(steps, values)

    def _make_plot(self) -> None:
        import pyqtgraph

        plot = pyqtgraph.PlotWidget()
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setLabel("bottom", "Step")
        plot.setLabel("left", self._words.axis)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.showGrid(x=False, y=True, alpha=0.15)
        for side in ("left", "bottom"):
            plot.getAxis(side).enableAutoSIPrefix(False)
        plot.addLegend(offset=(-8, 4)).setLabelTextSize("12px")
        dress_plot(plot)
        plot.setAccessibleName(self._words.accessible)
        self._layout.addWidget(plot, 1)
        self._plot = plot
        self._redraw()

    def _make_curves(self, plot: pyqtgraph.PlotWidget) -> None:
        for curve in self._curves.values():
            plot.removeItem(curve)
        # Wider than one pixel, a line costs twice as much to draw; on fine screens it is needed.
        width = 1 if self.devicePixelRatioF() < 1.5 else 2
        self._curves = {
            name: plot.plot(
                pen={"color": SERIES[i % len(SERIES)], "width": width},
                name=self._words.title(name),
                symbolBrush=SERIES[i % len(SERIES)],
                symbolPen=None,
                symbolSize=_DOT_PX,
                connect="finite",
                autoDownsample=True,
                clipToView=False,
            )
            for i, name in enumerate(self._history.names)
        }

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of theme."""
        if event.type() == QEvent.Type.PaletteChange and self._plot is not None:
            dress_plot(self._plot)
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was left out while hidden."""
        super().showEvent(event)
        self._redraw()
