"""The images that fit a filter as a list model; rows are read page by page when they are seen."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QThreadPool,
    Signal,
)

from reviewapp.browse.image_words import class_title, image_caption, image_heading, value_words
from reviewapp.browse.thumbnails import ThumbnailLoader
from reviewapp.study.errors import StudyError
from reviewapp.study.model import ImageFilter, ImageOrder, ImageRow, OrderedIds
from reviewapp.study.store import StudyStore

PAGE = 100
#: pages kept, the ones seen last
_KEPT_PAGES = 30
#: the `ImageRow` of an index, read at once where it must be
ROW_ROLE = Qt.ItemDataRole.UserRole
#: the `ImageRow` of an index, or None while it is being read
SEEN_ROLE = Qt.ItemDataRole.UserRole + 1
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_Page = list[ImageRow]


class ImageListModel(QAbstractListModel):
    """One row an image, in the order asked for.

    Only record ids are kept of all images, and these are read beside the UI thread, as are the
    pages that scrolling comes to. ``DecorationRole`` is the thumbnail (`QImage`) or None while it
    is being loaded. ``failed`` tells why the library cannot be read.
    """

    failed = Signal(str)
    _ids_read = Signal(int, object, str)
    _page_read = Signal(int, int, object)

    def __init__(
        self, store: StudyStore, thumbnails: ThumbnailLoader, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._thumbnails = thumbnails
        self._filter = ImageFilter()
        self._order = ImageOrder()
        self._count = 0
        self._numbers = itertools.count(1)
        self._generation = 0
        self._ids: OrderedIds | None = None
        self._pages: OrderedDict[int, _Page] = OrderedDict()
        self._reading: set[int] = set()
        self._priority = 0
        self._held = False
        self._rows_by_key: dict[str, set[int]] = {}
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        thumbnails.loaded.connect(self._show_thumbnail)
        self._ids_read.connect(self._take_ids, Qt.ConnectionType.QueuedConnection)
        self._page_read.connect(self._take_page, Qt.ConnectionType.QueuedConnection)
        self.set_filter(self._filter)

    def set_filter(self, image_filter: ImageFilter, order: ImageOrder | None = None) -> None:
        """Show other images, or the same filter's images as they are now."""
        self.beginResetModel()
        self._filter = image_filter
        self._order = order or ImageOrder()
        self._count = self._store.count_images(image_filter)
        self._ids = None
        self._pages.clear()
        self._reading.clear()
        self._rows_by_key.clear()
        self._thumbnails.forget_wanted()
        self._generation = generation = next(self._numbers)
        self.endResetModel()
        if self._count:
            self._pool.start(lambda: self._read_ids(generation, image_filter, self._order))

    def hold(self, held: bool) -> None:
        """While held, nothing is read or loaded for what is seen: it passes too fast."""
        self._held = held
        if not held and self._count:
            self.dataChanged.emit(self.index(0), self.index(self._count - 1))

    def close(self) -> None:
        """Wait until nothing is being read."""
        self._generation = next(self._numbers)
        self._pool.clear()
        self._pool.waitForDone()

    def image(self, row: int) -> ImageRow | None:
        """The image of a row; None where there is none, or no more."""
        if not 0 <= row < self._count:
            return None
        number, position = divmod(row, PAGE)
        if number not in self._pages:
            try:
                self._keep_page(number, self._read_page(number, self._ids))
            except StudyError as error:
                self.failed.emit(str(error))
                return None
        page = self._pages[number]
        return page[position] if position < len(page) else None

    def seen_image(self, row: int) -> ImageRow | None:
        """The image of a row if it has been read; if not, it will be, and `dataChanged` tells."""
        number, position = divmod(row, PAGE)
        page = self._pages.get(number)
        if page is None:
            if not self._held:
                self._ask_for(number)
            return None
        self._pages.move_to_end(number)
        return page[position] if position < len(page) else None

    def row_of(self, record_id: str) -> int | None:
        """The row of an image: of all once the ids are read, else among those seen so far."""
        if self._ids is not None:
            with_id = self._ids.record_ids
            return with_id.index(record_id) if record_id in with_id else None
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
        if not index.isValid():
            return None
        row = index.row()
        if role == ROW_ROLE:
            return self.image(row)
        image = self.seen_image(row)
        if image is None or role == SEEN_ROLE:
            return image
        if role == Qt.ItemDataRole.DisplayRole:
            return value_words(self._order, self._value(row)) or image_caption(image)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnails.thumbnail(image.key, ask=not self._held)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            parts = (
                image_heading(image),
                image_caption(image),
                class_title(image.class_label, image.dataset),
                value_words(self._order, self._value(row)),
            )
            return ", ".join(part for part in parts if part)
        return None

    def _value(self, row: int) -> float | None:
        """What the row is sorted by, where that is a number and known by now."""
        values = None if self._ids is None else self._ids.values
        return values[row] if values is not None and row < len(values) else None

    # Reading ---------------------------------------------------------------------------------

    def _ask_for(self, number: int) -> None:
        if number in self._reading:
            return
        self._reading.add(number)
        generation, ids = self._generation, self._ids
        # What is seen now goes before what was passed by.
        self._priority += 1
        self._pool.start(lambda: self._work(generation, number, ids), self._priority)

    def _work(self, generation: int, number: int, ids: OrderedIds | None) -> None:
        if generation != self._generation:
            return
        try:
            page = self._read_page(number, ids)
        except StudyError as error:
            self._ids_read.emit(generation, None, str(error))
        else:
            self._page_read.emit(generation, number, page)

    def _read_page(self, number: int, ids: OrderedIds | None) -> _Page:
        first = number * PAGE
        if ids is None:
            return self._store.images(self._filter, first, PAGE, self._order)
        return self._store.images_by_id(ids.record_ids[first : first + PAGE])

    def _read_ids(self, generation: int, image_filter: ImageFilter, order: ImageOrder) -> None:
        if generation != self._generation:
            return
        try:
            ids = self._store.image_ids(image_filter, order)
        except StudyError as error:
            self._ids_read.emit(generation, None, str(error))
        else:
            self._ids_read.emit(generation, ids, "")

    def _take_ids(self, generation: int, ids: OrderedIds | None, problem: str) -> None:
        if generation != self._generation:
            return
        if ids is None:
            self.failed.emit(problem)
            return
        self._ids = ids
        if ids.values is not None and self._count:
            self.dataChanged.emit(self.index(0), self.index(self._count - 1))

    def _take_page(self, generation: int, number: int, page: _Page) -> None:
        if generation != self._generation or number in self._pages:
            return
        self._keep_page(number, page)
        first = number * PAGE
        last = min(first + PAGE, self._count) - 1
        self.dataChanged.emit(self.index(first), self.index(last))
        self._thumbnails.prepare(image.key for image in page)

    def _keep_page(self, number: int, page: _Page) -> None:
        self._reading.discard(number)
        self._pages[number] = page
        for offset, image in enumerate(page):
            self._rows_by_key.setdefault(image.key, set()).add(number * PAGE + offset)
        while len(self._pages) > _KEPT_PAGES:
            old, dropped = self._pages.popitem(last=False)
            for offset, image in enumerate(dropped):
                rows = self._rows_by_key.get(image.key, set())
                rows.discard(old * PAGE + offset)
                if not rows:
                    self._rows_by_key.pop(image.key, None)

    def _show_thumbnail(self, key: str) -> None:
        for row in self._rows_by_key.get(key, ()):
            index = self.index(row)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])
