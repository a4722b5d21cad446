"""The browse page: filters, thumbnails, viewer, and the ways to more images.

The first page that a window shows: its dialogs are imported when they are opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from reviewapp.browse.browse_panels import BrowsePanels
from reviewapp.browse.filter_column import FilterColumn
from reviewapp.browse.gallery_panel import GalleryPanel
from reviewapp.browse.network_jobs import (
    FoundNeighbours,
    GenerateRequest,
    MapRequest,
    drawing_runs,
    find_neighbours,
    generate,
    map_uncertainty,
    mapping_runs,
)
from reviewapp.browse.viewer import Viewer
from reviewapp.context import AppContext
from reviewapp.page import Page
from reviewapp.study.model import ImageRow
from reviewapp.tasks import Task, Work
from reviewapp.theme.tokens import SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.action_bar import ActionBar
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.task_progress import TaskProgress

if TYPE_CHECKING:
    from engine.nearest_real import Space


#: a thread of Python's slows the first pictures down, so that it waits until they are there
_MEASURE_AFTER_MS = 1000


class BrowsePage(Page):
    """Looks at the library; `keys` lists what the keys do."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._done_text = ""
        self._measuring: Task | None = None
        self._measure_soon = QTimer(self)
        self._measure_soon.setSingleShot(True)
        self._measure_soon.setInterval(_MEASURE_AFTER_MS)
        self._measure_soon.timeout.connect(self._measure_maps)
        self.messages = MessageBar()
        self.progress = TaskProgress()
        self.progress.hide()
        self.filters = FilterColumn(context.store)
        self.gallery = GalleryPanel(context)
        self.grid, self.model = self.gallery.grid, self.gallery.model
        self.viewer = Viewer(context.workspace, context.store.images)
        self.viewer.told.connect(self.messages.show_info)
        self.filters.filter_changed.connect(self.gallery.apply_filter)
        self.filters.measured.connect(self.gallery.sorting.offer)
        self.gallery.chosen.connect(self.viewer.show_image)
        self.gallery.several.connect(self._compare_several)
        self.gallery.emptied.connect(self.viewer.clear)
        self.gallery.entered.connect(self._enter_viewer)
        self.gallery.failed.connect(self.messages.show_error)
        self.viewer.failed.connect(self.messages.show_error)
        self.viewer.comparing_changed.connect(self._show_comparing)
        self._empty = EmptyState(
            "images",
            translate("Browse", "No images yet"),
            translate(
                "Browse",
                "Import ACDC, IDRiD or a folder of your own images. "
                "Generated images join them here once a network has been trained.",
            ),
            translate("Browse", "Import images…"),
        )
        self._empty.action.connect(self.open_import)
        self.panels = BrowsePanels(self.filters, self.gallery, self.viewer)
        self.panels.changed.connect(self._show_panels)
        self._content = QStackedWidget()
        self._content.addWidget(self._empty)
        self._content.addWidget(self.panels)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_toolbar())
        notices = QVBoxLayout()
        notices.setContentsMargins(SPACE_M, 0, SPACE_M, 0)
        notices.addWidget(self.messages)
        notices.addWidget(self.progress)
        layout.addLayout(notices)
        layout.addWidget(self._content, 1)
        self._add_shortcuts()
        context.library_changed.connect(self.refresh)
        context.studies_changed.connect(self.filters.refresh)
        self.refresh()

    def activate(self) -> None:
        """Show what other pages have added to the library."""
        self.refresh()
        self.grid.setFocus()

    def keys(self) -> tuple[tuple[str, str], ...]:
        """What the keys do here."""
        return (
            ("Arrows, Page, Home, End", "choose an image"),
            ("Ctrl or Shift with a click", "choose two to four images to compare"),
            ("Enter, Esc", "go to the viewer, and back"),
            ("Ctrl+F", "search by id"),
            ("F", "show or hide the filters"),
            ("C", "compare a real and a generated image"),
            ("N", "find the training images nearest to the chosen one"),
            ("L", "note what a specialist calls the image"),
            *self.viewer.keys(),
        )

    def close_page(self) -> None:
        """Let go of the workspace's files."""
        self._measure_soon.stop()
        self.filters.close_column()
        self.gallery.close_panel()
        self.viewer.close_viewer()

    def refresh(self) -> None:
        """Read the library anew; the chosen image stays chosen where it still is shown."""
        self.filters.refresh()
        self.gallery.refresh(self.filters.image_filter)
        empty = self.context.store.count_images() == 0
        self._content.setCurrentWidget(self._empty if empty else self.panels)
        self.compare_button.setEnabled(not empty)
        self.map_button.setEnabled(not empty)
        self.nearest_button.setEnabled(not empty)
        self._measure_soon.start()

    def chosen_image(self) -> ImageRow | None:
        """The image that is current in the grid."""
        return self.gallery.chosen_image

    def _measure_maps(self) -> None:
        """Find out in the background how unsure new maps are, so that images sort by it."""
        if self._measuring is not None:
            return
        store = self.context.store
        self._measuring = self.context.tasks.prepare(
            "Measuring uncertainty maps",
            lambda progress, cancelled: store.sync_map_means(progress, cancelled),
        )
        self._measuring.succeeded.connect(self._show_measured)
        self._measuring.failed.connect(self.messages.show_error)
        self._measuring.ended.connect(self._end_measuring)
        self.context.tasks.launch(self._measuring)

    def _show_measured(self, n_changed: int) -> None:
        if n_changed:
            self.filters.refresh()
            if self.gallery.sorting.order.by == "uncertainty":
                self.gallery.refresh(self.filters.image_filter)

    def _end_measuring(self) -> None:
        self._measuring = None

    # Commands --------------------------------------------------------------------------------

    def open_import(self) -> None:
        """Ask for a folder and import it."""
        from reviewapp.data_import.dialog import ImportDialog

        dialog = ImportDialog(self.context, self)
        dialog.exec()
        dialog.deleteLater()

    def open_generate(self) -> None:
        """Ask for a run and draw images with it."""
        from reviewapp.browse.generate_dialog import GenerateDialog

        runs = self.context.training.runs()
        if not drawing_runs(runs):
            self.messages.show_info(
                translate(
                    "Browse",
                    "There is no trained generator yet. Train one on the Train page (Ctrl+4); "
                    "its images can be drawn here from its first checkpoint on.",
                )
            )
            return
        dialog = GenerateDialog(runs, self)
        if dialog.exec():
            self.start_generating(dialog.request())
        dialog.deleteLater()

    def open_class(self) -> None:
        """Ask a specialist for the chosen image's class."""
        from reviewapp.browse.class_dialog import ClassDialog

        image = self.chosen_image()
        if image is None:
            return
        dialog = ClassDialog(self.context.store, image, self)
        if dialog.exec():
            self.messages.show_info(dialog.said)
        dialog.deleteLater()

    def open_map_uncertainty(self) -> None:
        """Ask for a network and map the uncertainty of images with it."""
        from reviewapp.browse.uncertainty_dialog import UncertaintyDialog

        runs = self.context.training.runs()
        if not mapping_runs(runs):
            self.messages.show_info(
                translate(
                    "Browse",
                    "Uncertainty is mapped by a network of the kind “upgan” or “higan”, and none "
                    "is trained yet. Train one on the Train page (Ctrl+4).",
                )
            )
            return
        dialog = UncertaintyDialog(
            self.context.store, runs, self.chosen_image(), self.filters.image_filter, self
        )
        if dialog.exec():
            self.start_mapping(dialog.request())
        dialog.deleteLater()

    def open_explore(self) -> None:
        """Open the window that walks through a generator's latents."""
        from reviewapp.browse.latent_dialog import LatentDialog

        runs = self.context.training.runs()
        if not drawing_runs(runs):
            self.messages.show_info(
                translate(
                    "Browse",
                    "There is no trained generator yet. Train one on the Train page (Ctrl+4).",
                )
            )
            return
        dialog = LatentDialog(self.context, runs, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def find_nearest(self) -> None:
        """Look in the background for the training images with the most similar pixels."""
        self._find_neighbours("pixels")

    def find_nearest_by_features(self) -> None:
        """The same by what the data set's encoder sees; it is trained first if need be."""
        self._find_neighbours("features")

    def _find_neighbours(self, space: Space) -> None:
        image = self.chosen_image()
        if image is None or not self.nearest_button.isEnabled():
            return
        workspace, store = self.context.workspace, self.context.store
        task = self._prepare(
            "Looking for the nearest training images",
            lambda progress, cancelled: find_neighbours(
                workspace, store, image, space, progress, cancelled
            ),
        )
        task.succeeded.connect(self._show_neighbours)
        self.context.tasks.launch(task)

    def _show_neighbours(self, found: FoundNeighbours) -> None:
        self.viewer.show_images([found.image, *found.neighbours])
        self.messages.show_info(found.words)

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
        """Begin work that adds to the library."""
        task = self._prepare(title, work)
        self._done_text = done
        task.succeeded.connect(self._show_done)
        task.ended.connect(self._finish)
        return self.context.tasks.launch(task)

    def _prepare(self, title: str, work: Work) -> Task:
        self.messages.clear()
        task = self.context.tasks.prepare(title, work)
        task.failed.connect(self.messages.show_error)
        task.cancelled.connect(self._show_stopped)
        task.ended.connect(self._end_job)
        self._enable_jobs(False)
        self.progress.follow(task)
        self.progress.show()
        return task

    def _show_done(self, count: int) -> None:
        noun = "image" if count == 1 else "images"
        self.messages.show_info(f"{self._done_text} {count:,} {noun}.")

    def _show_stopped(self) -> None:
        self.messages.show_info(translate("Browse", "Stopped; what was finished before is kept."))

    def _end_job(self) -> None:
        self.progress.hide()
        self._enable_jobs(True)

    def _finish(self) -> None:
        self.context.library_changed.emit()
        self.viewer.reload()

    def _enable_jobs(self, enabled: bool) -> None:
        self.generate_button.setEnabled(enabled)
        self.map_button.setEnabled(enabled)
        self.nearest_button.setEnabled(enabled)

    # Panels, toolbar and keys ----------------------------------------------------------------

    def _make_toolbar(self) -> ActionBar:
        bar = ActionBar()
        self.filter_button = bar.add("list-filter", "Filters", "Show or hide the filters (F)")
        self.filter_button.setCheckable(True)
        self.filter_button.clicked.connect(self.panels.set_filters_wanted)
        self.import_button = bar.add(
            "download", "Import images…", "Add a data set or a folder of images", self.open_import
        )
        self.generate_button = bar.add(
            "flask-conical",
            "Generate images…",
            "Draw images with a trained generator",
            self.open_generate,
        )
        self.map_button = bar.add(
            "activity",
            "Map uncertainty…",
            "Find out where a network is unsure of images",
            self.open_map_uncertainty,
        )
        self.explore_button = bar.add(
            "waypoints",
            "Explore…",
            "Walk through the images that a generator can draw",
            self.open_explore,
        )
        bar.add_stretch()
        self.nearest_button = bar.add(
            "scan-search",
            "Nearest",
            "The training images that are most like the chosen one, beside it (N: by pixels)",
        )
        menu = QMenu(self.nearest_button)
        menu.addAction(translate("Browse", "By pixels"), self.find_nearest)
        menu.addAction(
            translate("Browse", "By features of the data set's encoder"),
            self.find_nearest_by_features,
        )
        self.nearest_button.setMenu(menu)
        self.class_button = bar.add(
            "clipboard-check",
            "Class…",
            "Note what a specialist calls the chosen image (L)",
            self.open_class,
        )
        self.compare_button = bar.add(
            "images",
            "Compare",
            "A real and a generated image side by side (C); for other images, or up to four, "
            "click them with Ctrl",
        )
        self.compare_button.setCheckable(True)
        self.compare_button.toggled.connect(self.viewer.set_comparing)
        self._show_panels()
        return bar

    def _add_shortcuts(self) -> None:
        for key, action in (
            ("C", self.compare_button.toggle),
            ("L", self.open_class),
            ("N", self.find_nearest),
            ("F", self.filter_button.click),
            ("Ctrl+F", self._search),
            ("Escape", self._leave),
            *self.viewer.commands(),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)

    def _search(self) -> None:
        self.panels.set_filters_wanted(True)
        self.filters.search.setFocus()

    def _enter_viewer(self) -> None:
        self.panels.set_viewing(True)
        self.viewer.front_pane.canvas.setFocus()

    def _leave(self) -> None:
        """Back to the grid, then out of the comparison."""
        if not self.grid.hasFocus():
            self.panels.set_viewing(False)
            self.grid.setFocus()
        else:
            self.compare_button.setChecked(False)

    def _compare_several(self, images: list[ImageRow]) -> None:
        self.viewer.show_images(images)

    def _show_panels(self) -> None:
        self.filter_button.setChecked(self.panels.shows("filters"))

    def _show_comparing(self, comparing: bool) -> None:
        self.compare_button.setChecked(comparing)
        self.panels.usual_widths(several=comparing)
