"""How much memory a benchmark takes at most."""

from __future__ import annotations

import threading

import psutil

_MIB = 2**20


class PeakResident:
    """The highest resident size of this process since `start`, looked at every millisecond."""

    def __init__(self) -> None:
        self.before = self.highest = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        self.before = self.highest = self._resident()
        self._thread.start()

    def stop(self) -> float:
        """MiB above the size at the start."""
        self._ended.set()
        self._thread.join()
        return (self.highest - self.before) / _MIB

    def _watch(self) -> None:
        while not self._ended.wait(0.001):
            self.highest = max(self.highest, self._resident())

    @staticmethod
    def _resident() -> int:
        return int(psutil.Process().memory_info().rss)
