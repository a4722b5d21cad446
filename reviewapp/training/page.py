"""The Train page: all runs, and the selected one in detail."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.generate_dialog import GenerateDialog
from reviewapp.browse.network_jobs import GenerateRequest, generate
from reviewapp.context import AppContext
from reviewapp.page import Page
from reviewapp.study.model import Study
from reviewapp.tasks import Task
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_M
from reviewapp.training.new_run_dialog import NewRunDialog
from reviewapp.training.presenter import TrainingPresenter
from reviewapp.training.progress_delegate import ProgressDelegate
from reviewapp.training.run_details import RunDetails
from reviewapp.training.run_model import (
    DATASET,
    LOSSES,
    MEMORY,
    NAME,
    PARENT,
    ROW_ROLE,
    SPEED,
    STATE,
    STEPS,
    TIME_LEFT,
)
from reviewapp.training.run_reasons import RunReasons
from reviewapp.training.specialist_dialog import SpecialistDialog
from reviewapp.training.specialist_look import SpecialistLook, make_look
from reviewapp.translation import translate
from reviewapp.widgets.action_bar import ActionBar
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.say_why import say_why
from reviewapp.widgets.task_progress import TaskProgress

_COLUMN_WIDTHS = {
    NAME: 230,
    DATASET: 86,
    STATE: 125,
    STEPS: 130,
    SPEED: 92,
    TIME_LEFT: 90,
    MEMORY: 80,
    PARENT: 84,
}
_ROW_HEIGHT = 34
_HEIGHTS = [230, 470]


class TrainingPage(Page):
    """Starts, watches and steers training runs."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.presenter = TrainingPresenter(context, self)
        self._in_session = False
        self.messages = MessageBar()
        self.progress = TaskProgress()
        self.progress.hide()
        self.table = self._make_table()
        self.details = RunDetails(context, self.presenter)
        self.empty = EmptyState(
            "activity",
            translate("Training", "Nothing trained yet"),
            translate(
                "Training",
                "Train a generator on your images in the background. Its images can then be rated, "
                "and the ratings train the next one.",
            ),
            translate("Training", "Start a training run…"),
        )
        self.empty.action.connect(self.open_new_run)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.table)
        splitter.addWidget(self.details)
        splitter.setSizes(_HEIGHTS)
        splitter.setStretchFactor(1, 1)
        self._content = QStackedWidget()
        self._content.addWidget(self.empty)
        self._content.addWidget(splitter)
        self._runs_view = splitter

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
        self.presenter.failed.connect(self.messages.show_error)
        self.presenter.selected_changed.connect(self._enable_actions)
        self.presenter.model.modelReset.connect(self._show_runs)
        self.presenter.model.dataChanged.connect(self._hide_empty_columns)
        self.details.guard.specialist_wanted.connect(self.open_specialist)
        context.focus_mode.connect(self._note_session)
        context.runs_changed.connect(self.presenter.refresh)
        self.presenter.refresh()
        self._show_runs()

    def activate(self) -> None:
        """Show what has happened meanwhile, also in other windows."""
        self.presenter.refresh()
        self.table.setFocus()

    def open_new_run(self) -> None:
        """Ask for settings and queue a run."""
        self.messages.clear()
        dialog = NewRunDialog(self.context, self)
        if dialog.exec():
            self.select_run(dialog.run_ids[0])
        dialog.deleteLater()

    def open_generate(self) -> None:
        """Ask how many images to draw with the selected run, and draw them."""
        row = self.presenter.selected
        if row is None:
            return
        dialog = GenerateDialog(self.context.training.runs(), self)
        for position in range(dialog.run_box.count()):
            if dialog.run_box.itemData(position).run_id == row.run_id:
                dialog.run_box.setCurrentIndex(position)
        if dialog.exec():
            self.start_generating(dialog.request())
        dialog.deleteLater()

    def start_generating(self, request: GenerateRequest) -> Task:
        """Draw images in the background and take them into the library."""
        workspace, store = self.context.workspace, self.context.store
        self.messages.clear()
        task = self.context.tasks.prepare(
            "Generating images",
            lambda progress, cancelled: generate(workspace, store, request, progress, cancelled),
        )
        task.succeeded.connect(
            lambda count: self.messages.show_info(
                f"{count:,} images were generated; they are on the Browse page now."
            )
        )
        task.failed.connect(self.messages.show_error)
        task.cancelled.connect(
            lambda: self.messages.show_info(
                translate("Training", "Stopped; what was drawn before is kept.")
            )
        )
        task.ended.connect(self._end_generating)
        self.generate_button.setEnabled(False)
        self.progress.follow(task)
        self.progress.show()
        return self.context.tasks.launch(task)

    def open_specialist(self) -> None:
        """Ask for what a blinded look at the selected run's last checkpoint needs."""
        row = self.presenter.selected
        if row is None or not row.saved_step:
            return
        names = frozenset(study.name for study in self.context.store.studies())
        dialog = SpecialistDialog(row.run_id, row.config.dataset, row.saved_step, names, self)
        if dialog.exec():
            self.ask_specialist(dialog.look())
        dialog.deleteLater()

    def ask_specialist(self, look: SpecialistLook) -> Task:
        """Draw and seal the images in the background, then go to where they are rated."""
        workspace, store = self.context.workspace, self.context.store
        self.messages.clear()
        task = self.context.tasks.prepare(
            f"Preparing “{look.name}”",
            lambda progress, cancelled: make_look(workspace, store, look, progress, cancelled),
        )
        task.succeeded.connect(self._go_to_rate)
        task.failed.connect(self.messages.show_error)
        task.ended.connect(self._end_generating)
        self.details.guard.specialist_button.setEnabled(False)
        self.generate_button.setEnabled(False)
        self.progress.follow(task)
        self.progress.show()
        return self.context.tasks.launch(task)

    def _go_to_rate(self, study: Study) -> None:
        self.context.studies_changed.emit()
        # Who reads another study meanwhile must not be torn out of it.
        if self._in_session:
            self.messages.show_info(f"“{study.name}” is ready on the Rate page.")
            return
        self.context.wanted_study = study.study_id
        self.context.show_page.emit("rating")

    def _note_session(self, in_session: bool) -> None:
        self._in_session = in_session

    def select_run(self, run_id: str) -> None:
        """Select a run in the table."""
        number = self.presenter.model.number_of(run_id)
        if number is not None:
            self.table.selectionModel().setCurrentIndex(
                self.presenter.model.index(number, 0),
                QItemSelectionModel.SelectionFlag.ClearAndSelect
                | QItemSelectionModel.SelectionFlag.Rows,
            )

    def _end_generating(self) -> None:
        self.progress.hide()
        self._enable_actions()
        row = self.presenter.selected
        self.details.guard.specialist_button.setEnabled(row is not None and row.saved_step > 0)
        self.context.library_changed.emit()

    def _show_runs(self) -> None:
        """Keep a run selected while there is any."""
        model = self.presenter.model
        self._content.setCurrentWidget(self._runs_view if model.rowCount() else self.empty)
        self.new_button.setVisible(model.rowCount() > 0)
        self._hide_empty_columns()
        selected = self.presenter.selected
        if selected is not None:
            self.select_run(selected.run_id)
        elif model.rowCount():
            self.select_run(model.rows()[0].run_id)
        self._enable_actions()

    def _choose(self, current: QModelIndex) -> None:
        row = current.data(ROW_ROLE)
        self.presenter.select(row.run_id if row is not None else "")

    def _enable_actions(self) -> None:
        reasons = RunReasons.of(self.presenter.selected, drawing=not self.progress.isHidden())
        say_why(self.pause_button, reasons.pause)
        say_why(self.resume_button, reasons.resume)
        say_why(self.cancel_button, reasons.cancel)
        say_why(self.generate_button, reasons.generate)

    def _hide_empty_columns(self) -> None:
        """Leave the room to the losses while no run tells speed, time or memory."""
        for column in (SPEED, TIME_LEFT, MEMORY, PARENT):
            self.table.setColumnHidden(column, not self.presenter.model.says_anything(column))

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.presenter.model)
        table.setItemDelegateForColumn(STEPS, ProgressDelegate(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setAccessibleName(translate("Training", "Training runs"))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        for column, width in _COLUMN_WIDTHS.items():
            table.setColumnWidth(column, width)
        # A run must be known by its name; losses, cut, are whole in their tool tip.
        header.setSectionResizeMode(LOSSES, QHeaderView.ResizeMode.Stretch)
        table.selectionModel().currentChanged.connect(self._choose)
        return table

    def _make_toolbar(self) -> ActionBar:
        bar = ActionBar()
        self.new_button = bar.add(
            "activity",
            translate("Training", "Start new…"),
            translate("Training", "Choose what to train"),
            self.open_new_run,
        )
        self.new_button.setProperty("role", "primary")
        self.new_button.setIcon(icon("activity", "on_accent"))
        self.pause_button = bar.add(
            "pause",
            translate("Training", "Pause"),
            translate("Training", "Save a checkpoint and hold the run"),
            self.presenter.pause,
        )
        self.resume_button = bar.add(
            "play",
            translate("Training", "Resume"),
            translate("Training", "Go on from the last checkpoint"),
            self.presenter.resume,
        )
        self.cancel_button = bar.add(
            "square",
            translate("Training", "Cancel"),
            translate("Training", "End the run after a checkpoint; it can be resumed after all"),
            self.presenter.cancel,
        )
        bar.add_stretch()
        self.generate_button = bar.add(
            "flask-conical",
            translate("Training", "Generate images…"),
            translate("Training", "Draw images with the selected run"),
            self.open_generate,
        )
        return bar
