"""The images that fit a filter as a list model; rows are read page by page when they are seen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from reviewapp.browse.image_words import class_title, image_caption, image_heading
from reviewapp.browse.thumbnails import ThumbnailLoader
from reviewapp.study.model import ImageFilter, ImageRow
from reviewapp.study.store import StudyStore

PAGE = 200
#: the `ImageRow` of an index
ROW_ROLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class ImageListModel(QAbstractListModel):
    """One row an image, in the store's order.

    ``DecorationRole`` is the thumbnail (`QImage`) or None while it is being decoded.
    """

    def __init__(
        self, store: StudyStore, thumbnails: ThumbnailLoader, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._thumbnails = thumbnails
        self._filter = ImageFilter()
        self._count = 0
        self._pages: dict[int, list[ImageRow]] = {}
        self._rows_by_key: dict[str, set[int]] = {}
        thumbnails.loaded.connect(self._show_thumbnail)
        self.set_filter(self._filter)

    def set_filter(self, image_filter: ImageFilter) -> None:
        """Show other images, or the same filter's images as they are now."""
        self.beginResetModel()
        self._filter = image_filter
        self._count = self._store.count_images(image_filter)
        self._pages.clear()
        self._rows_by_key.clear()
        self._thumbnails.forget_wanted()
        self.endResetModel()

    def image(self, row: int) -> ImageRow | None:
        """The image of a row; None where there is none, or no more."""
        if not 0 <= row < self._count:
            return None
        number, position = divmod(row, PAGE)
        if number not in self._pages:
            page = self._store.images(self._filter, number * PAGE, PAGE)
            self._pages[number] = page
            for offset, image in enumerate(page):
                self._rows_by_key.setdefault(image.key, set()).add(number * PAGE + offset)
        page = self._pages[number]
        return page[position] if position < len(page) else None

    def row_of(self, record_id: str) -> int | None:
        """The row of an image among those seen so far."""
        for number, page in self._pages.items():
            for position, image in enumerate(page):
                if image.record_id == record_id:
                    return number * PAGE + position
        return None

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Number of fitting images."""
        return 0 if parent.isValid() else self._count

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Caption, thumbnail, tooltip, spoken text and the image's row."""
        image = self.image(index.row()) if index.isValid() else None
        if image is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return image_caption(image)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.thumbnail(image.key)
        if role == ROW_ROLE:
            return image
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            parts = (
                image_heading(image),
                image_caption(image),
                class_title(image.class_label, image.dataset),
            )
            return ", ".join(part for part in parts if part)
        return None

    def _show_thumbnail(self, key: str) -> None:
        for row in self._rows_by_key.get(key, ()):
            index = self.index(row)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])
