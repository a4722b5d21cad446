"""The browse page: filters, thumbnails, viewer, and the ways to more images."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.class_dialog import ClassDialog
from reviewapp.browse.filter_column import WIDTH as FILTER_WIDTH
from reviewapp.browse.filter_column import FilterColumn
from reviewapp.browse.generate_dialog import GenerateDialog
from reviewapp.browse.image_list_model import ROW_ROLE, ImageListModel
from reviewapp.browse.network_jobs import (
    GenerateRequest,
    MapRequest,
    drawing_runs,
    generate,
    map_uncertainty,
    mapping_runs,
)
from reviewapp.browse.scroll_pace import ScrollPace
from reviewapp.browse.thumbnail_delegate import CELL, PICTURE_PX, ThumbnailDelegate
from reviewapp.browse.thumbnail_grid import ThumbnailGrid
from reviewapp.browse.thumbnails import ThumbnailLoader
from reviewapp.browse.uncertainty_dialog import UncertaintyDialog
from reviewapp.browse.viewer import Viewer
from reviewapp.context import AppContext
from reviewapp.data_import.dialog import ImportDialog
from reviewapp.page import Page
from reviewapp.study.model import ImageFilter, ImageRow
from reviewapp.tasks import Task, Work
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.task_progress import TaskProgress

#: widths of filter column, grid and viewer at first; the grid shows two images a row
_WIDTHS = [FILTER_WIDTH, 2 * CELL.width() + 36, 600]
_COMPARE_WIDTHS = [FILTER_WIDTH, CELL.width() + 28, 740]


class BrowsePage(Page):
    """Looks at the library.

    Keys: arrows choose an image, Enter goes to the viewer and Esc back, C compares, U shows
    uncertainty, I inverts, R resets.
    """

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._done_text = ""
        self.messages = MessageBar()
        self.progress = TaskProgress()
        self.progress.hide()
        self.thumbnails = ThumbnailLoader(context.workspace, self)
        self.model = ImageListModel(context.store, self.thumbnails, self)
        self.filters = FilterColumn(context.store)
        self.filters.filter_changed.connect(self._apply_filter)
        self.viewer = Viewer(context.workspace, context.store.images)
        self.viewer.told.connect(self.messages.show_info)
        self.viewer.failed.connect(self.messages.show_error)
        self.viewer.comparing_changed.connect(self._show_comparing)
        self._pace = ScrollPace(self)
        self._pace.fast_changed.connect(self.model.hold)
        self.model.failed.connect(self.messages.show_error)
        self.grid = self._make_grid()
        self._empty = EmptyState(
            "images",
            "No images yet",
            "Import ACDC, IDRiD or a folder of your own images. "
            "Generated images join them here once a network has been trained.",
            "Import images…",
        )
        self._empty.action.connect(self.open_import)

        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        for widget in (self.filters, self._make_grid_column(), self.viewer):
            self._splitter.addWidget(widget)
        self._splitter.setStretchFactor(2, 1)
        self._splitter.setSizes(_WIDTHS)
        self._content = QStackedWidget()
        self._content.addWidget(self._empty)
        self._content.addWidget(self._splitter)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._make_toolbar())
        notices = QVBoxLayout()
        notices.setContentsMargins(SPACE_M, 0, SPACE_M, 0)
        notices.addWidget(self.messages)
        notices.addWidget(self.progress)
        layout.addLayout(notices)
        layout.addWidget(self._content, 1)
        self._add_shortcuts()
        context.library_changed.connect(self.refresh)
        self.refresh()

    def activate(self) -> None:
        """Show what other pages have added to the library."""
        self.refresh()
        self.grid.setFocus()

    def close_page(self) -> None:
        """Let go of the workspace's files."""
        self.model.close()
        self.thumbnails.close()
        self.viewer.close_viewer()

    def keys(self) -> tuple[tuple[str, str], ...]:
        """What the keys do here."""
        return (
            ("Arrows", "choose an image"),
            ("Enter, Esc", "go to the viewer, and back"),
            ("C", "compare a real and a generated image"),
            ("L", "note what a specialist calls the image"),
            *self.viewer.keys(),
        )

    def refresh(self) -> None:
        """Read the library anew; the chosen image stays chosen where it still is shown."""
        chosen, row = self.chosen_image(), self.grid.currentIndex().row()
        self.filters.refresh()
        self._apply_filter(self.filters.image_filter)
        # New images come before or after it, mostly by less than the page that lies around it.
        for near in (0, row):
            self.model.image(near)
        kept = None if chosen is None else self.model.row_of(chosen.record_id)
        if kept is not None:
            self._choose_row(kept)
        empty = self.context.store.count_images() == 0
        self._content.setCurrentWidget(self._empty if empty else self._splitter)
        self.compare_button.setEnabled(not empty)
        self.map_button.setEnabled(not empty)

    def set_panel_widths(self, widths: list[int]) -> None:
        """Give filter column, grid and viewer these widths, as dragging their borders does."""
        self._splitter.setSizes(widths)

    def chosen_image(self) -> ImageRow | None:
        """The image that is current in the grid."""
        image: ImageRow | None = self.grid.currentIndex().data(ROW_ROLE)
        return image

    # Commands --------------------------------------------------------------------------------

    def open_import(self) -> None:
        """Ask for a folder and import it."""
        dialog = ImportDialog(self.context, self)
        dialog.exec()
        dialog.deleteLater()

    def open_generate(self) -> None:
        """Ask for a run and draw images with it."""
        runs = self.context.training.runs()
        if not drawing_runs(runs):
            self.messages.show_info(
                "There is no trained generator yet. Train one on the Train page (Ctrl+4); "
                "its images can be drawn here from its first checkpoint on."
            )
            return
        dialog = GenerateDialog(runs, self)
        if dialog.exec():
            self.start_generating(dialog.request())
        dialog.deleteLater()

    def open_class(self) -> None:
        """Ask a specialist for the chosen image's class."""
        image = self.chosen_image()
        if image is None:
            return
        dialog = ClassDialog(self.context.store, image, self)
        if dialog.exec():
            self.messages.show_info(dialog.said)
        dialog.deleteLater()

    def open_map_uncertainty(self) -> None:
        """Ask for a network and map the uncertainty of images with it."""
        runs = self.context.training.runs()
        if not mapping_runs(runs):
            self.messages.show_info(
                "Uncertainty is mapped by a network of the kind “upgan” or “higan”, and none is "
                "trained yet. "
                "Train one on the Train page (Ctrl+4)."
            )
            return
        dialog = UncertaintyDialog(
            self.context.store, runs, self.chosen_image(), self.filters.image_filter, self
        )
        if dialog.exec():
            self.start_mapping(dialog.request())
        dialog.deleteLater()

    def start_generating(self, request: GenerateRequest) -> Task:
        """Draw images in the background."""
        workspace, store = self.context.workspace, self.context.store
        return self._start(
            "Generating images",
            lambda progress, cancelled: generate(workspace, store, request, progress, cancelled),
            "Generated",
        )

    def start_mapping(self, request: MapRequest) -> Task:
        """Map uncertainty in the background."""
        workspace, store = self.context.workspace, self.context.store
        return self._start(
            "Mapping uncertainty",
            lambda progress, cancelled: map_uncertainty(
                workspace, store, request, progress, cancelled
            ),
            "Mapped and refined" if request.refine else "Mapped the uncertainty of",
        )

    def _start(self, title: str, work: Work, done: str) -> Task:
        self.messages.clear()
        task = self.context.tasks.prepare(title, work)
        self._done_text = done
        task.succeeded.connect(self._show_done)
        task.failed.connect(self.messages.show_error)
        task.cancelled.connect(self._show_stopped)
        task.ended.connect(self._finish)
        self._enable_jobs(False)
        self.progress.follow(task)
        self.progress.show()
        return self.context.tasks.launch(task)

    def _show_done(self, count: int) -> None:
        noun = "image" if count == 1 else "images"
        self.messages.show_info(f"{self._done_text} {count:,} {noun}.")

    def _show_stopped(self) -> None:
        self.messages.show_info("Stopped; what was finished before is kept.")

    def _finish(self) -> None:
        self.progress.hide()
        self._enable_jobs(True)
        self.context.library_changed.emit()
        self.viewer.reload()

    def _enable_jobs(self, enabled: bool) -> None:
        self.generate_button.setEnabled(enabled)
        self.map_button.setEnabled(enabled)

    # Grid ------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Thumbnails are made for the pixels of the screen that the page is on."""
        super().showEvent(event)
        self.thumbnails.set_side(round(PICTURE_PX * self.devicePixelRatioF()))

    def _apply_filter(self, image_filter: ImageFilter) -> None:
        self.model.set_filter(image_filter)
        n_images = self.model.rowCount()
        self._count.setText(f"{n_images:,} image" + ("" if n_images == 1 else "s"))
        if n_images == 0:
            self.viewer.clear()
        else:
            self._choose_row(0)

    def _choose_row(self, row: int) -> None:
        self.grid.selectionModel().setCurrentIndex(
            self.model.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self.grid.scrollTo(self.grid.currentIndex())

    def _choose(self, current: QModelIndex) -> None:
        image: ImageRow | None = current.data(ROW_ROLE)
        if image is not None:
            self.viewer.show_image(image)

    def _make_grid(self) -> ThumbnailGrid:
        grid = ThumbnailGrid(CELL)
        grid.setModel(self.model)
        grid.setItemDelegate(ThumbnailDelegate(grid))
        grid.setMinimumWidth(CELL.width() + 28)
        grid.setAccessibleName("Images")
        grid.selectionModel().currentChanged.connect(self._choose)
        grid.activated.connect(self._enter_viewer)
        grid.verticalScrollBar().valueChanged.connect(
            lambda position: self._pace.note(position, grid.viewport().height())
        )
        return grid

    def _make_grid_column(self) -> QWidget:
        column = QWidget()
        self._count = QLabel()
        self._count.setProperty("role", "secondary")
        layout = QVBoxLayout(column)
        layout.setContentsMargins(SPACE_S, SPACE_S, SPACE_S, SPACE_S)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self._count)
        layout.addWidget(self.grid, 1)
        return column

    # Toolbar and keys ------------------------------------------------------------------------

    def _make_toolbar(self) -> QHBoxLayout:
        def button(icon_name: str, text: str, explanation: str) -> QPushButton:
            made = QPushButton(icon(icon_name), f" {text}")
            made.setToolTip(explanation)
            return made

        self.import_button = button(
            "download", "Import images…", "Add a data set or a folder of images"
        )
        self.generate_button = button(
            "flask-conical", "Generate images…", "Draw images with a trained generator"
        )
        self.map_button = button(
            "activity", "Map uncertainty…", "Find out where a network is unsure of images"
        )
        self.compare_button = button(
            "images", "Compare", "A real and a generated image side by side (C)"
        )
        self.compare_button.setCheckable(True)
        self.class_button = button(
            "clipboard-check", "Class…", "Note what a specialist calls the chosen image (L)"
        )
        self.class_button.clicked.connect(self.open_class)
        self.import_button.clicked.connect(self.open_import)
        self.generate_button.clicked.connect(self.open_generate)
        self.map_button.clicked.connect(self.open_map_uncertainty)
        self.compare_button.toggled.connect(self.viewer.set_comparing)
        toolbar = QHBoxLayout()
        toolbar.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        toolbar.setSpacing(SPACE_S)
        for made in (self.import_button, self.generate_button, self.map_button):
            toolbar.addWidget(made)
        toolbar.addStretch(1)
        toolbar.addWidget(self.class_button)
        toolbar.addWidget(self.compare_button)
        return toolbar

    def _add_shortcuts(self) -> None:
        for key, action in (
            ("C", self.compare_button.toggle),
            ("L", self.open_class),
            ("Escape", self._leave),
            *self.viewer.commands(),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    def _enter_viewer(self) -> None:
        self.viewer.front_pane.canvas.setFocus()

    def _leave(self) -> None:
        """Back to the grid, then out of the comparison."""
        if not self.grid.hasFocus():
            self.grid.setFocus()
        else:
            self.compare_button.setChecked(False)

    def _show_comparing(self, comparing: bool) -> None:
        self.compare_button.setChecked(comparing)
        self._splitter.setSizes(_COMPARE_WIDTHS if comparing else _WIDTHS)
