"""Small pictures of library images, decoded beside the UI thread and kept for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage

from engine.data.content_store import read_image
from engine.errors import EngineError
from engine.workspace import Workspace
from reviewapp.widgets.grey_window import GreyWindow
from reviewapp.widgets.pixel_rendering import render_pixels
from reviewapp.widgets.prepared_image import to_qimage

#: side of a kept picture in device pixels: sharp at 128 points on a screen of 200 %
SIDE_PX = 256
#: pictures kept, about 100 MB of colour
_KEPT = 500
_THREADS = 2


class ThumbnailLoader(QObject):
    """Hands out thumbnails by image key.

    What was asked for last is decoded first, because it is what the person looks at now.
    ``loaded`` comes on the thread that made the loader, also for a damaged image, whose
    thumbnail stays None.
    """

    loaded = Signal(str)
    _decoded = Signal(str, object)

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._kept: OrderedDict[str, QImage | None] = OrderedDict()
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._decoding: set[str] = set()
        self._lock = threading.Lock()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(_THREADS)
        self._decoded.connect(self._keep, Qt.ConnectionType.QueuedConnection)

    def thumbnail(self, key: str) -> QImage | None:
        """The picture, or None while it is not there; it is asked for then."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        with self._lock:
            known = key in self._wanted or key in self._decoding
            if key not in self._decoding:
                self._wanted[key] = None
                self._wanted.move_to_end(key)
        if not known:
            self._pool.start(self._decode_next)
        return None

    def forget_wanted(self) -> None:
        """Decode nothing more of what was asked for so far: other images are shown now."""
        with self._lock:
            self._wanted.clear()

    def close(self) -> None:
        """Wait until no thread decodes."""
        self.forget_wanted()
        self._pool.waitForDone()

    def _decode_next(self) -> None:
        with self._lock:
            if not self._wanted:
                return
            key, _ = self._wanted.popitem(last=True)
            self._decoding.add(key)
        picture: QImage | None = None
        try:
            pixels = read_image(self._workspace, key)
            picture = to_qimage(render_pixels(pixels, GreyWindow())).scaled(
                SIDE_PX,
                SIDE_PX,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        except EngineError:
            # Shown as missing here; the viewer tells the reason once the image is chosen.
            picture = None
        self._decoded.emit(key, picture)

    def _keep(self, key: str, picture: QImage | None) -> None:
        with self._lock:
            self._decoding.discard(key)
        self._kept[key] = picture
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.loaded.emit(key)
