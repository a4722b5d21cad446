"""Tells whether a list is being scrolled faster than anyone can look at it."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

#: heights of the view a second above which pictures are not worth loading
_FAST = 4.0
#: the speed is taken over at least so long
_SPAN_S = 0.04
#: after so long without movement the list counts as still
_STILL_MS = 90


class ScrollPace(QObject):
    """Watches a position in pixels; ``fast_changed`` tells when a fast movement begins and ends."""

    fast_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fast = False
        self._position = 0
        self._at_s = float("-inf")
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(lambda: self._set_fast(False))

    @property
    def fast(self) -> bool:
        """Whether the movement is fast now."""
        return self._fast

    def note(self, position: int, height: int, now_s: float | None = None) -> None:
        """The view of this height has come to this position."""
        now = time.perf_counter() if now_s is None else now_s
        span = now - self._at_s
        if span >= _SPAN_S:
            heights = abs(position - self._position) / max(1, height)
            # A jump after a rest (Home, a click on the bar) is no movement to wait for.
            recent = span < _STILL_MS / 1000
            self._position, self._at_s = position, now
            self._set_fast(recent and heights / span > _FAST)
        if self._fast:
            self._still.start()

    def _set_fast(self, fast: bool) -> None:
        if fast != self._fast:
            self._fast = fast
            self.fast_changed.emit(fast)
