"""Small pictures of library images: made once beside the UI thread, kept on disk and in memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage

from engine.data.content_store import read_image
from engine.errors import EngineError
from engine.workspace import Workspace
from reviewapp.browse.thumbnail_cache import ThumbnailCache
from reviewapp.widgets.grey_window import GreyWindow
from reviewapp.widgets.pixel_rendering import render_pixels
from reviewapp.widgets.prepared_image import to_qimage

#: longest side of a picture on disk: sharp in a cell of 112 points on a screen of 200 %
STORED_PX = 224
_JPEG_QUALITY = 90
#: memory of the pictures kept at hand
_KEPT_BYTES = 64 * 1024 * 1024
#: pictures that may be asked for ahead of being seen
_AHEAD = 200
#: pictures waited for; what was seen before that has passed by, and asks again when it comes back
_WANTED = 200
_THREADS = 2


class ThumbnailLoader(QObject):
    """Hands out thumbnails by image key, at most ``side_px`` device pixels wide and high.

    What was asked for last is loaded first, because it is what the person looks at now; what was
    asked for ahead comes after all that. ``loaded`` comes on the thread that made the loader, also
    for a damaged image, whose thumbnail stays None.
    """

    loaded = Signal(str)
    _decoded = Signal(str, object)

    def __init__(
        self, workspace: Workspace, parent: QObject | None = None, side_px: int = STORED_PX
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._side_px = side_px
        self._cache = ThumbnailCache(workspace.cache)
        self._kept: OrderedDict[str, QImage | None] = OrderedDict()
        self._kept_bytes = 0
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._ahead: OrderedDict[str, None] = OrderedDict()
        self._decoding: set[str] = set()
        self._lock = threading.Lock()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(_THREADS)
        self._decoded.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    @property
    def kept_bytes(self) -> int:
        """Memory of the pictures at hand."""
        return self._kept_bytes

    def thumbnail(self, key: str, *, ask: bool = True) -> QImage | None:
        """The picture, or None while it is not there; it is asked for then if ``ask``."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if not ask:
            return None
        with self._lock:
            known = key in self._wanted or key in self._decoding
            if key not in self._decoding:
                self._ahead.pop(key, None)
                self._wanted[key] = None
                self._wanted.move_to_end(key)
                while len(self._wanted) > _WANTED:
                    self._wanted.popitem(last=False)
        if not known:
            self._pool.start(self._load_next)
        return None

    def prepare(self, keys: Iterable[str]) -> None:
        """Load these when there is nothing more urgent: the person may come to them soon."""
        new = [key for key in keys if key not in self._kept]
        with self._lock:
            for key in new:
                if key not in self._wanted and key not in self._decoding:
                    self._ahead[key] = None
            while len(self._ahead) > _AHEAD:
                self._ahead.popitem(last=False)
        for _ in new:
            self._pool.start(self._load_next)

    def set_side(self, side_px: int) -> None:
        """Pictures for another size of cell or another screen; those at hand are forgotten."""
        if side_px != self._side_px:
            self._side_px = side_px
            self._kept.clear()
            self._kept_bytes = 0

    def forget_wanted(self) -> None:
        """Load nothing more of what was asked for so far: other images are shown now."""
        with self._lock:
            self._wanted.clear()
            self._ahead.clear()

    def close(self) -> None:
        """Wait until no thread decodes."""
        self.forget_wanted()
        self._pool.waitForDone()
        self._cache.close()

    def _load_next(self) -> None:
        with self._lock:
            queue = self._wanted or self._ahead
            if not queue:
                return
            key, _ = queue.popitem(last=queue is self._wanted)
            self._decoding.add(key)
        side = self._side_px
        picture: QImage | None = None
        try:
            stored = self._stored(key)
            picture = stored.scaled(
                side,
                side,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            ).convertToFormat(QImage.Format.Format_RGB32)
        except EngineError:
            # Shown as missing here; the viewer tells the reason once the image is chosen.
            picture = None
        self._decoded.emit(key, picture)

    def _stored(self, key: str) -> QImage:
        """The picture from the disk, made and kept there where it is missing."""
        encoded = self._cache.read(key)
        if encoded is not None:
            picture = QImage.fromData(QByteArray(encoded), "JPG")  # type: ignore[call-overload]
            if not picture.isNull():
                return picture
        picture = to_qimage(render_pixels(read_image(self._workspace, key), GreyWindow()))
        if max(picture.width(), picture.height()) > STORED_PX:
            picture = picture.scaled(
                STORED_PX,
                STORED_PX,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        self._cache.write(key, _encoded(picture))
        return picture

    def _keep(self, key: str, picture: QImage | None) -> None:
        with self._lock:
            self._decoding.discard(key)
        self._drop(key)
        self._kept[key] = picture
        self._kept_bytes += 0 if picture is None else picture.sizeInBytes()
        while self._kept_bytes > _KEPT_BYTES and len(self._kept) > 1:
            self._drop(next(iter(self._kept)))
        self.loaded.emit(key)

    def _drop(self, key: str) -> None:
        picture = self._kept.pop(key, None)
        if picture is not None:
            self._kept_bytes -= picture.sizeInBytes()


def _encoded(picture: QImage) -> bytes:
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "JPG", _JPEG_QUALITY)  # type: ignore[call-overload]
    return bytes(content.data())
