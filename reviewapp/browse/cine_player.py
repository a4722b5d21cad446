"""Plays the frames of a cine: all are read beside the UI thread first, then shown at a rate."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QObject, QSize, Qt, QThreadPool, Signal

from engine.data.content_store import read_image
from engine.errors import EngineError
from engine.workspace import Workspace
from reviewapp.study.model import ImageRow
from reviewapp.widgets.frame_clock import FrameClock
from reviewapp.widgets.prepared_image import PreparedImage, prepare_image

_MS = 1000.0


class CinePlayer(QObject):
    """``frame`` carries the position and the `PreparedImage` to show now; ``failed`` why not."""

    frame = Signal(int, object)
    failed = Signal(str)
    _read = Signal(int, object, str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._numbers = itertools.count(1)
        self._latest = 0
        self._rate = 30.0
        self._first = 0
        self._frames: list[PreparedImage] = []
        self._keys: tuple[str, ...] = ()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._clock = FrameClock(self)
        self._clock.due.connect(lambda position: self.frame.emit(position, self._frames[position]))
        self._read.connect(self._begin, Qt.ConnectionType.QueuedConnection)

    @property
    def playing(self) -> bool:
        """Whether frames are being shown."""
        return self._clock.running

    def set_rate(self, frames_a_second: float) -> None:
        """How fast, from the next frame on."""
        self._rate = frames_a_second
        self._clock.set_interval(_MS / frames_a_second)

    def play(self, rows: Sequence[ImageRow], first: int, view_px: QSize) -> None:
        """Read the frames, then play them in a loop from ``first`` on."""
        self.stop()
        self._first = first
        keys = tuple(row.key for row in rows)
        if keys == self._keys:
            self._start()
            return
        number = self._latest = next(self._numbers)
        self._pool.start(lambda: self._work(number, keys, view_px))

    def stop(self) -> None:
        """Stop at the frame on show."""
        self._latest = next(self._numbers)
        self._clock.stop()

    def close(self) -> None:
        """Stop, and wait until nothing is being read."""
        self.stop()
        self._pool.waitForDone()

    def _work(self, number: int, keys: tuple[str, ...], view_px: QSize) -> None:
        frames: list[PreparedImage] = []
        try:
            for key in keys:
                if number != self._latest:
                    return
                frames.append(prepare_image(read_image(self._workspace, key), view_px))
        except EngineError as error:
            self._read.emit(number, None, str(error))
        else:
            self._read.emit(number, (keys, frames), "")

    def _begin(
        self, number: int, found: tuple[tuple[str, ...], list[PreparedImage]] | None, problem: str
    ) -> None:
        if number != self._latest:
            return
        if found is None:
            self.failed.emit(problem)
            return
        self._keys, self._frames = found
        self._start()

    def _start(self) -> None:
        self.frame.emit(self._first, self._frames[self._first])
        self._clock.start(len(self._frames), _MS / self._rate, shown=self._first)
