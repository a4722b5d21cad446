"""Python's cyclic garbage is collected on the UI thread alone while other threads work.

A collection destroys what cycles hold, widgets among it, on whichever thread happens to allocate
just then. Qt crashes when a widget dies on another thread than its own.
"""

from __future__ import annotations

import gc
import time
import weakref

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS = 400
#: a full collection holds the window up for a moment, so it comes rarely
_FULL_INTERVAL_S = 120.0
_OLDEST = 2

_holders = 0


class UiThreadCollection(QObject):
    """Takes automatic collection over until `stop`; make it on the UI thread.

    Several may be at work; collection is automatic again when the last one has stopped or is gone.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        _hold()
        self._release = weakref.finalize(self, _let_go)
        self._last_full_s = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect each generation that is due, by Python's own thresholds."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        now_s = time.monotonic()
        if counts[_OLDEST] > thresholds[_OLDEST] and now_s - self._last_full_s > _FULL_INTERVAL_S:
            self._last_full_s = now_s
            gc.collect()
        elif counts[1] > thresholds[1]:
            gc.collect(1)
        elif counts[0] > thresholds[0]:
            gc.collect(0)

    def stop(self) -> None:
        """Leave collection to Python again; further calls do nothing."""
        self._timer.stop()
        self._release()


def _hold() -> None:
    global _holders
    _holders += 1
    gc.disable()


def _let_go() -> None:
    global _holders
    _holders -= 1
    if _holders == 0:
        gc.enable()
