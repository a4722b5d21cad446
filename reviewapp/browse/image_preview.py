"""A quick look at a large image while it is being read: a smaller picture out of the cache."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage

from engine.data.content_store import Pixels
from engine.workspace import Workspace
from reviewapp.browse.thumbnail_cache import ThumbnailCache
from reviewapp.study.model import ImageRow
from reviewapp.widgets.grey_window import GreyWindow
from reviewapp.widgets.pixel_rendering import render_pixels
from reviewapp.widgets.prepared_image import from_qimage, to_qimage

#: images with fewer pixels are read as quickly as their preview
LARGE_PX = 1_500_000
#: longest side of a preview; sharp enough for a pane
_PREVIEW_PX = 1024
_JPEG_QUALITY = 85


class ImagePreview:
    """Previews of one workspace, for any one thread at a time; opens the cache when needed."""

    def __init__(self, workspace: Workspace) -> None:
        self._folder = workspace.cache
        self._opened: ThumbnailCache | None = None

    @staticmethod
    def wanted(row: ImageRow) -> bool:
        """Whether reading the image takes long enough to show something before."""
        return row.width * row.height >= LARGE_PX

    def read(self, row: ImageRow, view_px: QSize) -> Pixels | None:
        """The best picture at hand, fitted to the view; None where the cache has none."""
        encoded = self._cache.read(_name(row)) or self._cache.read(row.key)
        picture = QImage() if encoded is None else QImage.fromData(QByteArray(encoded), "JPG")  # type: ignore[call-overload]
        if picture.isNull():
            return None
        size = QSize(row.width, row.height).scaled(view_px, Qt.AspectRatioMode.KeepAspectRatio)
        fitted = picture.scaled(
            size.expandedTo(QSize(1, 1)),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        return from_qimage(fitted, 3 if row.channels == 3 else 2)

    def keep(self, row: ImageRow, pixels: Pixels) -> None:
        """Have a preview of the image the next time."""
        if self._cache.read(_name(row)) is not None:
            return
        step = max(1, max(pixels.shape[:2]) // (2 * _PREVIEW_PX))
        picture = to_qimage(render_pixels(pixels[::step, ::step], GreyWindow())).scaled(
            _PREVIEW_PX,
            _PREVIEW_PX,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        picture.save(buffer, "JPG", _JPEG_QUALITY)  # type: ignore[call-overload]
        self._cache.write(_name(row), bytes(content.data()))

    def close(self) -> None:
        """Let go of the cache."""
        if self._opened is not None:
            self._opened.close()

    @property
    def _cache(self) -> ThumbnailCache:
        if self._opened is None:
            self._opened = ThumbnailCache(self._folder)
        return self._opened


def _name(row: ImageRow) -> str:
    return f"{row.key}/{_PREVIEW_PX}"
