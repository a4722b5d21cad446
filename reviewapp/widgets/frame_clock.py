"""Tells when the next frame of a sequence is due, without drifting away from the asked rate."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

_MS = 1000.0


class FrameClock(QObject):
    """``due`` carries the position of the frame to show now, in a loop over the sequence.

    No frame is left out: one that comes late is shown late, and the next ones follow at the asked
    rate from there.
    """

    due = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._n_frames = 0
        self._frame = 0
        self._interval_ms = 0.0
        self._due_at_ms = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tell)

    @property
    def running(self) -> bool:
        """Whether frames are being told."""
        return self._timer.isActive()

    def start(self, n_frames: int, interval_ms: float, *, shown: int = 0) -> None:
        """Begin after frame ``shown``, which is on show now."""
        self._n_frames, self._frame = n_frames, shown
        self._interval_ms = interval_ms
        self._due_at_ms = time.perf_counter() * _MS
        self._wait()

    def set_interval(self, interval_ms: float) -> None:
        """Another rate, from the next frame on."""
        self._interval_ms = interval_ms

    def stop(self) -> None:
        """Stop at the frame on show."""
        self._timer.stop()

    def _wait(self) -> None:
        now = time.perf_counter() * _MS
        self._due_at_ms = max(self._due_at_ms + self._interval_ms, now)
        self._timer.start(round(self._due_at_ms - now))

    def _tell(self) -> None:
        self._frame = (self._frame + 1) % self._n_frames
        self._wait()
        self.due.emit(self._frame)
