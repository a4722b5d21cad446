"""Draws figures to images beside the UI thread, one after the other."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage

from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import DARK
from reviewapp.widgets.prepared_image import to_qimage

if TYPE_CHECKING:
    from reviewapp.study.figures.catalogue import FigureSpec

#: figures are drawn no larger than this, in device-independent dots per inch
MAX_DPI = 118.0

_log = logging.getLogger(__name__)


class FigureRenderer(QObject):
    """Answers the last request of each asker, newest request first.

    ``drawn`` carries the asker's number and the image, or None and what went wrong.
    """

    drawn = Signal(int, object, str)
    _finished = Signal(int, int, object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._askers = itertools.count(1)
        self._numbers = itertools.count(1)
        self._latest: dict[int, int] = {}
        self._wanted: OrderedDict[int, tuple[int, FigureSpec, int, float]] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._finished.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def new_asker(self) -> int:
        """A number for one place that shows figures."""
        return next(self._askers)

    def request(self, asker: int, spec: FigureSpec, width: int, ratio: float) -> None:
        """Draw for ``width`` device-independent pixels of ``ratio`` device pixels each."""
        if self._closed:
            return
        number = self._latest[asker] = next(self._numbers)
        with self._lock:
            self._wanted[asker] = (number, spec, width, ratio)
            self._wanted.move_to_end(asker)
        self._pool.start(self._draw_next)

    def forget(self) -> None:
        """Answer nothing that was asked for so far: other figures are shown now."""
        with self._lock:
            self._wanted.clear()
        self._latest.clear()

    def close(self) -> None:
        """Wait until nothing is being drawn; nothing is drawn from then on."""
        self._closed = True
        self.forget()
        self._pool.waitForDone()

    def _draw_next(self) -> None:
        with self._lock:
            if not self._wanted:
                return
            asker, (number, spec, width, ratio) = self._wanted.popitem(last=True)
        try:
            image = draw_figure(spec, width, ratio)
        except Exception as error:
            # A fault of ours: the page says so in the figure's place, the log keeps the traceback.
            _log.exception("The figure %s could not be drawn", spec.name)
            self._finished.emit(asker, number, None, f"{type(error).__name__}: {error}")
        else:
            self._finished.emit(asker, number, image, "")

    def _answer(self, asker: int, number: int, image: QImage | None, problem: str) -> None:
        if self._latest.get(asker) == number:
            self.drawn.emit(asker, image, problem)


def draw_figure(spec: FigureSpec, width: int, ratio: float) -> QImage:
    """The figure in the window's colours, at most ``width`` wide (device-independent pixels)."""
    # matplotlib takes a second to load, so it comes with the first figure and beside the UI thread.
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from reviewapp.study.figures.theme import PAPER, SCREEN

    figure = spec.draw(SCREEN if colours() is DARK else PAPER)
    figure.set_dpi(min(MAX_DPI, width / figure.get_figwidth()) * ratio)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    image = to_qimage(pixels)
    image.setDevicePixelRatio(ratio)
    return image
