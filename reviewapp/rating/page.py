"""The Rate page: the studies of a workspace, and the session a reader is in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewapp.context import AppContext
from reviewapp.page import Page
from reviewapp.rating.reader_dialog import ReaderDialog
from reviewapp.rating.session_view import SessionView
from reviewapp.rating.study_dialog import StudyDialog
from reviewapp.rating.study_form import LibraryCounts, StudyForm
from reviewapp.rating.study_list import COLUMNS, StudyLine, study_lines
from reviewapp.rating.unblind_dialog import UnblindDialog
from reviewapp.study.errors import StudyError
from reviewapp.study.session import RatingSession
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.task_progress import TaskProgress


class RatingPage(Page):
    """Studies in a table, actions above it; during a session nothing but the session."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._lines: list[StudyLine] = []
        self._last_reader_id = ""
        self.session_view: SessionView | None = None
        self.messages = MessageBar()
        self._progress = TaskProgress()
        self._progress.hide()
        self.start_button = self._action("Start session…", "play", self.start_session)
        self.start_button.setProperty("role", "primary")
        self.new_button = self._action("New study…", "folder-plus", self.new_study)
        self.export_button = self._action("Export CSV…", "download", self.export)
        self.unblind_button = self._action("Unblind…", "eye", self.unblind)
        self.train_button = self._action("Train with these ratings…", "activity", self.train)

        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setAccessibleName("Studies")
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.itemSelectionChanged.connect(self._update_actions)
        self.table.itemActivated.connect(lambda _: self.start_session())
        self._empty = EmptyState(
            "clipboard-check",
            "No study yet",
            "A study shows real and generated images in a blinded order. "
            "It needs imported images and images drawn by a trained run.",
            "New study…",
        )
        self._empty.action.connect(self.new_study)
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._list.addWidget(self._empty)

        title = QLabel("Studies")
        title.setProperty("role", "title")
        actions = QHBoxLayout()
        actions.setSpacing(SPACE_S)
        actions.addWidget(title)
        actions.addStretch(1)
        for button in (
            self.new_button,
            self.export_button,
            self.unblind_button,
            self.train_button,
            self.start_button,
        ):
            actions.addWidget(button)
        overview = QWidget()
        layout = QVBoxLayout(overview)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addLayout(actions)
        layout.addWidget(self.messages)
        layout.addWidget(self._progress)
        layout.addWidget(self._list, 1)
        self._overview = overview
        self._views = QStackedWidget()
        self._views.addWidget(overview)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._views)
        context.studies_changed.connect(self.refresh)

    def activate(self) -> None:
        """Show the studies as they are now."""
        if self.session_view is None:
            self.refresh()
            self.table.setFocus()

    def close_page(self) -> None:
        """Let go of an open session; it can be resumed at the same image."""
        self._leave_session()

    def refresh(self) -> None:
        """Read the studies again, keeping the selection."""
        chosen = self.selected()
        self._lines = study_lines(self.context.store)
        self.table.setRowCount(len(self._lines))
        for row, line in enumerate(self._lines):
            for column, text in enumerate(line.cells()):
                self.table.setItem(row, column, QTableWidgetItem(text))
        ids = [line.study.study_id for line in self._lines]
        if ids:
            study_id = chosen.study.study_id if chosen else ids[0]
            self.table.selectRow(ids.index(study_id) if study_id in ids else 0)
        self._list.setCurrentWidget(self.table if self._lines else self._empty)
        self._update_actions()

    def selected(self) -> StudyLine | None:
        """The study that actions apply to."""
        row = self.table.currentRow()
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def new_study(self) -> None:
        """Ask for a study's settings, then render and seal its images in the background."""
        library = LibraryCounts.of(self.context.store)
        if not library.real or not library.generated:
            self.messages.show_error(
                "A study needs real and generated images. Import a data set and generate images "
                "on the Browse page first."
            )
            return
        names = frozenset(line.study.name for line in self._lines)
        dialog = StudyDialog(library, names, self)
        if dialog.exec():
            self.create_study(dialog.form())

    def create_study(self, form: StudyForm) -> None:
        """Make the study of a checked form in the background."""
        store = self.context.store
        try:
            protocol = form.protocol()
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        task = self.context.tasks.prepare(
            f"Setting up “{form.name.strip()}”",
            lambda progress, cancelled: store.create_study(
                form.name.strip(),
                protocol,
                form.passphrase,
                progress=progress,
                cancelled=cancelled,
            ),
        )
        task.failed.connect(self.messages.show_error)
        task.succeeded.connect(self._announce_study)
        task.ended.connect(self._progress.hide)
        self.messages.clear()
        self._progress.show()
        self._progress.follow(task)
        self.context.tasks.launch(task)

    def start_session(self) -> None:
        """Ask who reads, then open that reader's session where it stands."""
        line = self.selected()
        if line is None or not line.can_be_read:
            return
        dialog = ReaderDialog(self.context.store.readers(), self._last_reader_id, "Start", self)
        if not dialog.exec():
            return
        try:
            reader = dialog.reader()
            if dialog.is_new:
                reader = self.context.store.add_reader(reader)
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        self.open_session(line.study.study_id, reader.reader_id)

    def open_session(self, study_id: str, reader_id: str) -> None:
        """Show a reader's session in place of everything else."""
        try:
            info = self.context.store.open_session(study_id, reader_id)
            session = RatingSession(self.context.store, info)
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        self._last_reader_id = reader_id
        self.messages.clear()
        view = SessionView(session)
        view.left.connect(self._leave_session)
        self.session_view = view
        self._views.addWidget(view)
        self._views.setCurrentWidget(view)
        self.context.focus_mode.emit(True)
        view.canvas.setFocus()

    def export(self) -> None:
        """Write the study's CSV files below the workspace's exports."""
        from reviewapp.study.export import export_ratings

        line = self.selected()
        if line is None:
            return
        store, study_id = self.context.store, line.study.study_id
        folder = self.context.workspace.exports / study_id
        task = self.context.tasks.prepare(
            "Exporting ratings",
            lambda _progress, _cancelled: export_ratings(store, study_id, folder),
        )
        task.failed.connect(self.messages.show_error)
        task.succeeded.connect(self._announce_export)
        self.context.tasks.launch(task)

    def unblind(self) -> None:
        """Ask for the passphrase and end the blinding."""
        line = self.selected()
        if line is None:
            return
        dialog = UnblindDialog(line.study.name, line.n_unfinished, self)
        if dialog.exec():
            self.unblind_with(line.study.study_id, dialog.passphrase())

    def unblind_with(self, study_id: str, passphrase: str) -> None:
        """Unseal the truth; a wrong passphrase is told on the page."""
        try:
            self.context.store.unblind(study_id, passphrase)
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        self.messages.show_info("The study is unblinded; its truth is part of exports now.")
        self.context.studies_changed.emit()

    def train(self) -> None:
        """Offer a feedback round with the study's ratings."""
        from reviewapp.training.feedback_dialog import FeedbackDialog

        line = self.selected()
        if line is not None and FeedbackDialog(self.context, line.study.study_id, self).exec():
            self.context.show_page.emit("training")

    def _announce_study(self) -> None:
        self.context.studies_changed.emit()

    def _announce_export(self, paths: list[Path]) -> None:
        self.messages.show_info(f"Exported to {paths[0].parent}")

    def _leave_session(self) -> None:
        view = self.session_view
        if view is None:
            return
        self.session_view = None
        view.leave()
        self.context.focus_mode.emit(False)
        self._views.setCurrentWidget(self._overview)
        self._views.removeWidget(view)
        # Deleted when control is back in the event loop: the call may come from its key press.
        QTimer.singleShot(0, view.deleteLater)
        self.context.studies_changed.emit()
        self.table.setFocus()

    def _update_actions(self) -> None:
        line = self.selected()
        self.start_button.setEnabled(line is not None and line.can_be_read)
        self.export_button.setEnabled(line is not None)
        self.unblind_button.setEnabled(line is not None and line.study.blinded)
        self.train_button.setEnabled(line is not None and line.can_be_learned_from)

    def _action(self, text: str, icon_name: str, slot: object) -> QPushButton:
        button = QPushButton(icon(icon_name), f" {text}")
        button.clicked.connect(slot)
        return button
