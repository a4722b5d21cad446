"""The gallery: how many images fit, their order, and the grid of thumbnails."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from reviewapp.browse.compare_slots import MOST
from reviewapp.browse.image_list_model import ROW_ROLE, ImageListModel
from reviewapp.browse.scroll_pace import ScrollPace
from reviewapp.browse.sort_controls import SortControls
from reviewapp.browse.thumbnail_delegate import CELL, PICTURE_PX, ThumbnailDelegate
from reviewapp.browse.thumbnail_grid import ThumbnailGrid
from reviewapp.browse.thumbnails import ThumbnailLoader
from reviewapp.context import AppContext
from reviewapp.study.model import ImageFilter, ImageOrder, ImageRow
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate

#: of a grid of one column, with its scroll bar
MINIMUM_WIDTH = CELL.width() + 46


class GalleryPanel(QWidget):
    """Shows the images of a filter; ``chosen`` carries one `ImageRow`, ``several`` two to four.

    ``entered`` comes when an image is opened by Enter or a double click, ``emptied`` when none fits
    the filter.
    """

    chosen = Signal(object)
    several = Signal(list)
    entered = Signal()
    emptied = Signal()
    failed = Signal(str)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._filter = ImageFilter()
        self.thumbnails = ThumbnailLoader(context.workspace, self)
        self.model = ImageListModel(context.store, self.thumbnails, self)
        self.model.failed.connect(self.failed)
        self._pace = ScrollPace(self)
        self._pace.fast_changed.connect(self.model.hold)
        self._count = QLabel()
        self._count.setProperty("role", "secondary")
        self.sorting = SortControls()
        self.sorting.order_changed.connect(self._sort)
        self.grid = self._make_grid()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_S, SPACE_S, SPACE_S, SPACE_S)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self._count)
        layout.addWidget(self.sorting)
        layout.addWidget(self.grid, 1)
        self.setMinimumWidth(MINIMUM_WIDTH)

    @property
    def chosen_image(self) -> ImageRow | None:
        """The image that is current in the grid."""
        image: ImageRow | None = self.grid.currentIndex().data(ROW_ROLE)
        return image

    def apply_filter(self, image_filter: ImageFilter) -> None:
        """Show the images that fit, the first one chosen."""
        self._filter = image_filter
        self.model.set_filter(image_filter, self.sorting.order)
        self._show_count()
        if self.model.rowCount() == 0:
            self.emptied.emit()
        else:
            self.choose_row(0)

    def refresh(self, image_filter: ImageFilter) -> None:
        """Read the library anew; the chosen image stays chosen where it still is shown."""
        chosen, row = self.chosen_image, self.grid.currentIndex().row()
        self.apply_filter(image_filter)
        # New images come before or after it, mostly by less than the page that lies around it.
        for near in (0, row):
            self.model.image(near)
        kept = None if chosen is None else self.model.row_of(chosen.record_id)
        if kept is not None:
            self.choose_row(kept)

    def choose_row(self, row: int) -> None:
        """Choose an image as a click does."""
        self.grid.selectionModel().setCurrentIndex(
            self.model.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.grid.scrollTo(self.grid.currentIndex())

    def close_panel(self) -> None:
        """Wait until nothing is being read."""
        self.model.close()
        self.thumbnails.close()

    def showEvent(self, event: QShowEvent) -> None:
        """Thumbnails are made for the pixels of the screen that the panel is on."""
        super().showEvent(event)
        self.thumbnails.set_side(round(PICTURE_PX * self.devicePixelRatioF()))

    def _sort(self, _: ImageOrder) -> None:
        self.apply_filter(self._filter)

    def _show_count(self, n_selected: int = 0) -> None:
        n_images = self.model.rowCount()
        text = f"{n_images:,} image" + ("" if n_images == 1 else "s")
        if n_selected > MOST:
            text += f" · {n_selected:,} selected, first {MOST} compared"
        elif n_selected > 1:
            text += f" · {n_selected} compared"
        self._count.setText(text)

    def _tell_selection(self) -> None:
        spans = list(self.grid.selectionModel().selection())
        n_selected = sum(span.height() for span in spans)
        rows = [
            row
            for span in spans
            for row in range(span.top(), min(span.bottom() + 1, span.top() + MOST))
        ]
        images = [image for row in rows[:MOST] if (image := self.model.image(row)) is not None]
        self._show_count(n_selected)
        if len(images) == 1:
            self.chosen.emit(images[0])
        elif images:
            self.several.emit(images)

    def _make_grid(self) -> ThumbnailGrid:
        grid = ThumbnailGrid(CELL)
        grid.setModel(self.model)
        grid.setItemDelegate(ThumbnailDelegate(grid))
        grid.setAccessibleName(translate("Browse", "Images"))
        grid.setToolTip("")
        grid.selectionModel().selectionChanged.connect(lambda *_: self._tell_selection())
        grid.activated.connect(lambda _: self.entered.emit())
        grid.verticalScrollBar().valueChanged.connect(
            lambda position: self._pace.note(position, grid.viewport().height())
        )
        return grid
