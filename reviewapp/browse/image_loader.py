"""Reads an image and its uncertainty maps beside the UI thread."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

from engine.data.content_store import (
    Pixels,
    UncertaintyMap,
    available_maps,
    read_image,
    read_map,
)
from engine.errors import EngineError
from engine.workspace import Workspace
from reviewapp.study.model import ImageRow


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """An image with everything that the viewer shows of it; ``maps`` by kind."""

    row: ImageRow
    pixels: Pixels
    maps: dict[str, UncertaintyMap]


class ImageLoader(QObject):
    """Loads one image after another for one pane; only the last request is answered."""

    loaded = Signal(object)
    failed = Signal(str)
    _read = Signal(int, object, str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._numbers = itertools.count(1)
        self._latest = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._read.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def load(self, row: ImageRow) -> None:
        """Answer with ``loaded`` (a `LoadedImage`) or ``failed`` (why not)."""
        number = self._latest = next(self._numbers)
        self._pool.start(lambda: self._work(number, row))

    def forget(self) -> None:
        """Do not answer what was asked for so far."""
        self._latest = next(self._numbers)

    def close(self) -> None:
        """Wait until nothing is being read."""
        self.forget()
        self._pool.waitForDone()

    def _work(self, number: int, row: ImageRow) -> None:
        # Holding an arrow key asks for many images; those passed by need not be read.
        if number != self._latest:
            return
        try:
            pixels = read_image(self._workspace, row.key)
            kinds = [info.kind for info in available_maps(self._workspace, row.key)]
            maps = {kind: read_map(self._workspace, row.key, kind) for kind in kinds}
        except EngineError as error:
            self._read.emit(number, None, str(error))
        else:
            self._read.emit(number, LoadedImage(row, pixels, maps), "")

    def _answer(self, number: int, image: LoadedImage | None, problem: str) -> None:
        if number != self._latest:
            return
        if image is None:
            self.failed.emit(problem)
        else:
            self.loaded.emit(image)
