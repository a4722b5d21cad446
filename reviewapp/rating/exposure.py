"""Tells when the asked time of an image is over, to a part of a millisecond."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

_NS_PER_MS = 1_000_000
#: a timer may be this late, so it is set earlier by as much and the rest is waited for
_TIMER_SLACK_MS = 2


class Exposure(QObject):
    """One exposure at a time: `begin` when the image is painted; ``due`` when it has to go.

    Whoever covers the image then calls `end` and measures from paint to paint. All times are
    `time.perf_counter_ns`.
    """

    due = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._painted_ns: int | None = None
        self._asked_ms = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._expire)

    @property
    def running(self) -> bool:
        """Whether an image is being exposed."""
        return self._painted_ns is not None

    def begin(self, painted_ns: int, asked_ms: int) -> None:
        """The image is on the screen since ``painted_ns`` and stays for ``asked_ms``."""
        self._painted_ns = painted_ns
        self._asked_ms = asked_ms
        passed_ms = (time.perf_counter_ns() - painted_ns) / _NS_PER_MS
        self._timer.start(max(0, int(asked_ms - passed_ms) - _TIMER_SLACK_MS))

    def end(self) -> None:
        """The image is gone."""
        self._timer.stop()
        self._painted_ns = None

    def _expire(self) -> None:
        if self._painted_ns is None:
            return
        deadline_ns = self._painted_ns + self._asked_ms * _NS_PER_MS
        while time.perf_counter_ns() < deadline_ns:
            # Gives the interpreter to other threads, and comes back within the same millisecond.
            time.sleep(0)
        self.due.emit()
