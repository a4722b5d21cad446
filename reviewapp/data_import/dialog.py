"""The import dialog: questions, progress, report."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from reviewapp.context import AppContext
from reviewapp.data_import.form_view import ImportFormView
from reviewapp.data_import.presenter import (
    ImportOutcome,
    datasets_with_real_images,
    run_import,
)
from reviewapp.data_import.report_view import ReportView
from reviewapp.tasks import Task, Work
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.task_progress import TaskProgress

_WIDTH = 720


class ImportDialog(QDialog):
    """Imports as many folders as the person likes, one after another.

    Closing it while an import runs stops the import and keeps what was imported.
    """

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._task: Task | None = None
        self._closing = False
        self.setWindowTitle(translate("DataImport", "Import images"))
        self.setMinimumWidth(_WIDTH)
        self.messages = MessageBar()
        self.form_view = ImportFormView()
        self.form_view.set_datasets(datasets_with_real_images(context.store))
        self.form_view.changed.connect(self._show_problem)
        self.progress = TaskProgress()
        self.progress.hide()
        self.report = ReportView()
        self.report.hide()
        self.report.failed.connect(self.messages.show_error)
        self._hint = QLabel()
        self._hint.setProperty("role", "secondary")
        self._hint.setWordWrap(True)
        self.import_button = QPushButton(translate("DataImport", "Import"))
        self.import_button.setProperty("role", "primary")
        self.import_button.clicked.connect(self.start)
        self.close_button = QPushButton(translate("DataImport", "Close"))
        self.close_button.setAutoDefault(False)
        self.close_button.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addWidget(self._hint, 1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.import_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self.messages)
        layout.addWidget(self.form_view)
        layout.addWidget(self.progress)
        layout.addWidget(self.report, 1)
        layout.addStretch(0)
        layout.addLayout(buttons)
        self.import_button.setDefault(True)
        self._show_problem()

    def start(self) -> Task | None:
        """Begin the import that is filled in; None where something is missing yet."""
        form = self.form_view.form()
        problem = form.problem()
        if problem or self._task is not None:
            self._hint.setText(problem)
            return None
        self.messages.clear()
        self.report.hide()
        workspace, store = self._context.workspace, self._context.store
        work: Work = lambda progress, cancelled: run_import(  # noqa: E731
            form, workspace, store, progress, cancelled
        )
        task = self._context.tasks.prepare(f"Importing {form.path().name}", work)
        task.succeeded.connect(self._show_outcome)
        task.failed.connect(self.messages.show_error)
        task.cancelled.connect(self._show_cancelled)
        task.ended.connect(self._end)
        self._task = task
        self.form_view.setEnabled(False)
        self.progress.follow(task)
        self.progress.show()
        self._show_problem()
        return self._context.tasks.launch(task)

    def reject(self) -> None:
        """Close; a running import is stopped first and the dialog closes when it has."""
        if self._task is None:
            super().reject()
            return
        self._closing = True
        self.close_button.setEnabled(False)
        self._hint.setText(translate("DataImport", "Stopping the import…"))
        self._task.cancel()

    def _show_outcome(self, outcome: ImportOutcome) -> None:
        self.report.show_report(outcome.report)
        if outcome.library_problem:
            self.messages.show_error(outcome.library_problem)
        self.form_view.set_datasets(datasets_with_real_images(self._context.store))
        self._context.library_changed.emit()

    def _show_cancelled(self) -> None:
        self.messages.show_info(
            translate("DataImport", "The import was stopped before its first file.")
        )

    def _end(self) -> None:
        self._task = None
        self.progress.hide()
        self.form_view.setEnabled(True)
        self.close_button.setEnabled(True)
        self._show_problem()
        if self._closing:
            super().reject()

    def _show_problem(self) -> None:
        problem = self.form_view.form().problem()
        self.import_button.setEnabled(not problem and self._task is None)
        self._hint.setText("" if self._task is not None else problem)
