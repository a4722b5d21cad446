"""Starts a feedback round: a child run that learns from a study's ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from reviewapp.browse.network_jobs import run_title
from reviewapp.context import AppContext
from reviewapp.tasks import Task
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.training.copyable_text import hash_text, run_id_text
from reviewapp.training.feedback_round import (
    STRENGTHS,
    FeedbackRequest,
    RoundChoices,
    child_config,
    load_round,
)
from reviewapp.training.run_words import counted
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.number_box import NumberBox
from reviewapp.widgets.task_progress import TaskProgress

if TYPE_CHECKING:
    from engine.training.config import TrainConfig
    from engine.training.runs import RunSummary

_WIDTH = 600
_MAX_STEPS = 10_000_000
_CONFIG_HEIGHT = 180


class FeedbackDialog(QDialog):
    """Shows what a study's ratings can change, and queues the child run.

    A refusal says why and what to do. Afterwards the record of the round is shown: parent run,
    the frozen ratings' hash and the configuration. ``run_id`` is the child run; the dialog is
    accepted when the user wants to see that run.
    """

    def __init__(self, context: AppContext, study_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._study_id = study_id
        self._choices: RoundChoices | None = None
        self._task: Task | None = None
        self._closed = False
        self.run_id = ""
        self.setWindowTitle("Train with these ratings")
        self.setMinimumWidth(_WIDTH)
        self.messages = MessageBar()
        self.progress = TaskProgress()
        self._views = QStackedWidget()
        self._form = self._make_form()
        self._views.addWidget(self._form)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.start_button = QPushButton("Start training")
        self.start_button.setProperty("role", "primary")
        self.start_button.setEnabled(False)
        self.start_button.clicked.connect(self.start)
        self.show_button = QPushButton("Show the run")
        self.show_button.setProperty("role", "primary")
        self.show_button.clicked.connect(self.accept)
        buttons.addButton(self.start_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.show_button, QDialogButtonBox.ButtonRole.ActionRole)
        # The button box shows what is added to it.
        self.show_button.hide()
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self.messages)
        layout.addWidget(self.progress)
        layout.addWidget(self._views, 1)
        layout.addWidget(buttons)
        self.start_button.setDefault(True)
        store, workspace = context.store, context.workspace
        task = context.tasks.prepare(
            "Reading the ratings",
            lambda progress, cancelled: load_round(store, workspace, study_id, progress, cancelled),
        )
        task.succeeded.connect(self._take_round)
        self._run(task)

    def start(self) -> None:
        """Freeze the ratings and queue the child run."""
        parent: RunSummary | None = self.parent_box.currentData()
        if self._choices is None or parent is None:
            return
        self.start_button.setEnabled(False)
        request = FeedbackRequest(
            parent.run_id, self.steps_spin.value(), STRENGTHS[self.strength_box.currentIndex()]
        )
        workspace, ratings = self._context.workspace, self._choices.ratings
        task = self._context.tasks.prepare(
            "Freezing the ratings", lambda *_: child_config(workspace, ratings, request)
        )
        task.succeeded.connect(self._submit)
        self._run(task)

    # Steps -----------------------------------------------------------------------------------

    def _run(self, task: Task) -> None:
        self.messages.clear()
        self._task = task
        task.failed.connect(self._refuse)
        task.ended.connect(self.progress.hide)
        self.progress.follow(task)
        self.progress.show()
        self._context.tasks.launch(task)

    def _refuse(self, reason: str) -> None:
        self.messages.show_error(reason)
        self.start_button.setEnabled(self._choices is not None)
        if self._choices is None:
            self._views.hide()
            self.adjustSize()

    def _take_round(self, choices: RoundChoices) -> None:
        self._choices = choices
        self.counts_label.setText(choices.counts.text())
        for run in choices.parents:
            self.parent_box.addItem(run_title(run), run)
        self._form.setEnabled(True)
        self.start_button.setEnabled(True)
        self.start_button.setFocus()
        self.adjustSize()

    def _take_parent(self) -> None:
        parent: RunSummary | None = self.parent_box.currentData()
        if parent is not None:
            self.steps_spin.setValue(parent.config.steps)

    def _submit(self, config: TrainConfig) -> None:
        if self._closed:
            return
        try:
            self.run_id = self._context.training.submit(config)
        except EngineError as error:
            self._refuse(str(error))
            return
        self._context.runs_changed.emit()
        record = self._make_record(config)
        self._views.addWidget(record)
        self._views.setCurrentWidget(record)
        self.start_button.hide()
        self.show_button.show()
        self.show_button.setDefault(True)
        self.show_button.setFocus()
        self.adjustSize()

    # Widgets ---------------------------------------------------------------------------------

    def _make_form(self) -> QWidget:
        view = QWidget()
        view.setEnabled(False)
        explanation = QLabel(
            "A copy of the generator trains on, and its discriminator learns to see what the "
            "readers saw. The ratings are frozen first, so that the round can be repeated."
        )
        explanation.setWordWrap(True)
        self.counts_label = QLabel()
        self.counts_label.setWordWrap(True)
        self.parent_box = QComboBox()
        self.parent_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.parent_box.setMinimumContentsLength(30)
        self.parent_box.currentIndexChanged.connect(self._take_parent)
        self.steps_spin = NumberBox()
        self.steps_spin.setRange(1, _MAX_STEPS)
        self.steps_spin.setGroupSeparatorShown(True)
        self.steps_spin.setSingleStep(1000)
        self.strength_box = QComboBox()
        for strength in STRENGTHS:
            self.strength_box.addItem(strength.title)
        self.strength_box.setCurrentIndex(1)
        form = QFormLayout()
        form.setSpacing(SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Train on &from", self.parent_box)
        form.addRow("S&teps", self.steps_spin)
        form.addRow("&Weight", self.strength_box)
        layout = QVBoxLayout(view)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(explanation)
        layout.addWidget(self.counts_label)
        layout.addLayout(form)
        layout.addStretch(1)
        return view

    def _make_record(self, config: TrainConfig) -> QWidget:
        assert config.parent is not None
        assert config.feedback is not None
        assert self._choices is not None
        view = QWidget()
        heading = QLabel("The round has begun")
        heading.setProperty("role", "heading")
        form = QFormLayout()
        form.setSpacing(SPACE_S)
        form.addRow("New run", run_id_text(self.run_id))
        form.addRow("Parent run", run_id_text(config.parent.run_id))
        form.addRow("Parent's step", QLabel(f"{config.parent.step:,}"))
        form.addRow("Ratings' hash", hash_text(config.feedback.snapshot_sha256))
        form.addRow("Ratings", QLabel(counted(len(self._choices.ratings), "rating")))
        self.config_text = QPlainTextEdit(config.model_dump_json(indent=2))
        self.config_text.setReadOnly(True)
        self.config_text.setFixedHeight(_CONFIG_HEIGHT)
        self.config_text.setAccessibleName("Configuration of the new run")
        layout = QVBoxLayout(view)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(heading)
        layout.addLayout(form)
        layout.addWidget(QLabel("Configuration"))
        layout.addWidget(self.config_text)
        return view

    def done(self, result: int) -> None:
        """Stop reading when the dialog closes, and start nothing any more."""
        self._closed = True
        if self._task is not None and self._task.is_running():
            self._task.cancel()
        super().done(result)
