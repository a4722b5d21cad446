"""Reads an image, its uncertainty maps and its mask beside the UI thread."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from PySide6.QtCore import QObject, QSize, Qt, QThreadPool, Signal

from engine.data.content_store import (
    Pixels,
    UncertaintyMap,
    available_maps,
    read_image,
    read_map,
)
from engine.data.records import SEGMENTATION
from engine.errors import EngineError
from engine.workspace import Workspace
from reviewapp.browse.image_preview import ImagePreview
from reviewapp.study.model import ImageRow
from reviewapp.widgets.prepared_image import PreparedImage, prepare_image


@dataclass(frozen=True, slots=True)
class LoadedImage:
    """An image with everything that the viewer shows of it; ``maps`` by kind.

    ``mask`` is uint8 (H, W), None without ground truth.
    """

    row: ImageRow
    prepared: PreparedImage
    maps: dict[str, UncertaintyMap]
    mask: Pixels | None = None

    @property
    def pixels(self) -> Pixels:
        """The image as it is stored."""
        return self.prepared.pixels


@dataclass(frozen=True, slots=True)
class Preview:
    """A smaller picture of an image that is still being read."""

    row: ImageRow
    prepared: PreparedImage


class ImageLoader(QObject):
    """Loads one image after another for one pane; only the last request is answered.

    A large image is answered by ``previewed`` (a `Preview`) first, where there is one.
    """

    previewed = Signal(object)
    loaded = Signal(object)
    failed = Signal(str)
    _read = Signal(int, object, str)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._previews = ImagePreview(workspace)
        self._numbers = itertools.count(1)
        self._latest = 0
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._read.connect(self._answer, Qt.ConnectionType.QueuedConnection)

    def load(self, row: ImageRow, view_px: QSize) -> None:
        """Answer with ``loaded`` (a `LoadedImage`) or ``failed`` (why not).

        The image is made ready for a view of ``view_px`` device pixels.
        """
        number = self._latest = next(self._numbers)
        self._pool.start(lambda: self._work(number, row, view_px))

    def forget(self) -> None:
        """Do not answer what was asked for so far."""
        self._latest = next(self._numbers)

    def close(self) -> None:
        """Wait until nothing is being read."""
        self.forget()
        self._pool.waitForDone()
        self._previews.close()

    def _work(self, number: int, row: ImageRow, view_px: QSize) -> None:
        # Holding an arrow key asks for many images; those passed by need not be read.
        if number != self._latest:
            return
        large = self._previews.wanted(row)
        if large:
            picture = self._previews.read(row, view_px)
            if picture is not None:
                preview = Preview(row, prepare_image(picture, view_px))
                self._read.emit(number, preview, "")
        try:
            pixels = read_image(self._workspace, row.key)
            kinds = [info.kind for info in available_maps(self._workspace, row.key)]
            maps = {kind: read_map(self._workspace, row.key, kind) for kind in kinds}
            mask = self._mask(row, pixels)
        except EngineError as error:
            self._read.emit(number, None, str(error))
            return
        if number == self._latest:
            prepared = prepare_image(pixels, view_px)
            self._read.emit(number, LoadedImage(row, prepared, maps, mask), "")
        if large:
            self._previews.keep(row, pixels)

    def _mask(self, row: ImageRow, pixels: Pixels) -> Pixels | None:
        key = row.attributes.get(SEGMENTATION)
        if key is None:
            return None
        mask = read_image(self._workspace, key)
        # A mask of another size could only be drawn in the wrong place.
        return mask if mask.shape == pixels.shape[:2] else None

    def _answer(self, number: int, image: LoadedImage | Preview | None, problem: str) -> None:
        if number != self._latest:
            return
        if image is None:
            self.failed.emit(problem)
        elif isinstance(image, Preview):
            self.previewed.emit(image)
        else:
            self.loaded.emit(image)
