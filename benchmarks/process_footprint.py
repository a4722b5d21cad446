"""What a long-running window holds: memory, handles, threads, widgets, and how they grow."""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import psutil
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

_MIB = 2**20
_PROCESS = psutil.Process()


@dataclass(frozen=True, slots=True)
class Footprint:
    """Taken in a fraction of a millisecond, so that it can be taken while lateness is measured."""

    rss_mib: float
    #: open files and sockets; on Windows the handles of all kinds
    handles: int
    threads: int

    @classmethod
    def now(cls) -> Footprint:
        count = getattr(_PROCESS, "num_handles", None) or _PROCESS.num_fds
        return cls(_PROCESS.memory_info().rss / _MIB, count(), _PROCESS.num_threads())


@dataclass(frozen=True, slots=True)
class ObjectCount:
    """Takes tens of milliseconds, so the window must not be watched meanwhile."""

    widgets: int
    #: of the window and all below it: timers, layouts and actions too
    window_objects: int
    python_objects: int
    python_threads: int

    @classmethod
    def now(cls, window: QWidget) -> ObjectCount:
        return cls(
            len(QApplication.allWidgets()),
            len(window.findChildren(QObject)),
            len(gc.get_objects()),
            threading.active_count(),
        )


def python_types() -> Counter[str]:
    """How many tracked objects of each type live, after a full collection."""
    gc.collect()
    return Counter(
        f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects()
    )


@dataclass(frozen=True, slots=True)
class Growth:
    """Of a value over a span of time, by a line of least squares and by medians of its ends."""

    first: float
    last: float
    per_hour: float
    by_line: float

    @classmethod
    def of(cls, seconds: Sequence[float], values: Sequence[float]) -> Growth:
        """The ends are the first and the last tenth of the time."""
        at, value = np.asarray(seconds), np.asarray(values, dtype=float)
        tenth = (at[-1] - at[0]) / 10
        slope = float(np.polyfit(at, value, 1)[0])
        return cls(
            first=float(np.median(value[at <= at[0] + tenth])),
            last=float(np.median(value[at >= at[-1] - tenth])),
            per_hour=slope * 3600,
            by_line=slope * float(at[-1] - at[0]),
        )

    @property
    def percent(self) -> float:
        """The larger of both growths, as a percentage of the first median."""
        return 100 * max(self.last - self.first, self.by_line) / self.first
