"""Explores a generator: a walk between seeds, and the same seeds at every checkpoint."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.image_words import class_title
from reviewapp.browse.latent_request import (
    LatentRequest,
    parse_seeds,
    refusal,
    through_checkpoints,
    walk,
)
from reviewapp.browse.latent_views import StripView, WalkView
from reviewapp.browse.network_jobs import drawing_runs, run_title
from reviewapp.context import AppContext
from reviewapp.evaluation.presenter import checkpoint_steps
from reviewapp.study.model import ImageFilter
from reviewapp.tasks import Task, Work
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.number_box import NumberBox
from reviewapp.widgets.task_progress import TaskProgress

if TYPE_CHECKING:
    from engine.latent_walk import CheckpointStrip, WalkFrame
    from engine.training.runs import RunSummary

Show = Callable[[Any], None]
_DRAWN_SEEDS = 10_000
_SIZE = (760, 720)


class LatentDialog(QDialog):
    """Stays open beside the page; images are drawn in the background and join no library."""

    def __init__(
        self, context: AppContext, runs: list[RunSummary], parent: QWidget | None = None
    ) -> None:
        """``runs`` must hold at least one run that has learnt something."""
        super().__init__(parent)
        self.setWindowTitle(translate("Browse", "Explore a generator"))
        self.resize(*_SIZE)
        self._context = context
        self._task: Task | None = None
        self._asked: LatentRequest | None = None
        self.run_box, self.step_box, self.class_box = QComboBox(), QComboBox(), QComboBox()
        for run in drawing_runs(runs):
            self.run_box.addItem(run_title(run), run)
        for box in (self.run_box, self.step_box, self.class_box):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        self.run_box.setMinimumContentsLength(24)
        self.seeds = QLineEdit()
        self.frames_box = NumberBox()
        self.frames_box.setRange(2, 60)
        self.frames_box.setValue(16)
        self.walk_button = QPushButton(translate("Browse", "Walk between the seeds"))
        self.walk_button.setProperty("role", "primary")
        self.strip_button = QPushButton(translate("Browse", "Same seeds at every checkpoint"))
        self.messages = MessageBar()
        self.progress = TaskProgress()
        self.progress.hide()
        self._why = QLabel()
        self._why.setProperty("role", "secondary")
        self._why.setWordWrap(True)
        self.walk_view, self.strip_view = WalkView(), StripView()
        hint = QLabel(
            translate(
                "Browse",
                "A seed stands for one image of the generator. Between two seeds its images change "
                "step by step: jumps hint at images learnt by heart. Nothing is added "
                "to the library.",
            )
        )
        hint.setProperty("role", "secondary")
        hint.setWordWrap(True)
        hint.setContentsMargins(SPACE_L, 0, SPACE_L, 0)
        self._views = QStackedWidget()
        for view in (hint, self.walk_view, self.strip_view):
            self._views.addWidget(view)
        self._lay_out()
        self.run_box.currentIndexChanged.connect(self._offer)
        self.walk_button.clicked.connect(self.start_walk)
        self.strip_button.clicked.connect(self.start_strip)
        self._shuffle()
        self._offer()

    def start_walk(self) -> None:
        """Draw the way between the seeds."""
        request = self._request(least=2)
        if request is not None:
            workspace = self._context.workspace
            self._start(
                "Walking through the latent space",
                request,
                lambda progress, cancelled: walk(workspace, request, progress, cancelled),
                self._show_walk,
            )

    def start_strip(self) -> None:
        """Draw the seeds at every checkpoint that the run has kept."""
        request = self._request(least=1)
        if request is not None:
            workspace = self._context.workspace
            self._start(
                "Following seeds through the checkpoints",
                request,
                lambda progress, cancelled: through_checkpoints(
                    workspace, request, progress, cancelled
                ),
                self._show_strip,
            )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what is being drawn, and the film."""
        if self._task is not None:
            self._task.cancel()
        self.walk_view.play_button.setChecked(False)
        super().closeEvent(event)

    def _request(self, least: int) -> LatentRequest | None:
        try:
            seeds = parse_seeds(self.seeds.text())
            if len(seeds) < least:
                raise ValueError("A walk goes from one seed to another: give at least two.")
        except ValueError as error:
            self.messages.show_error(str(error))
            self.seeds.setFocus()
            return None
        run: RunSummary = self.run_box.currentData()
        return LatentRequest(
            run.run_id,
            seeds,
            self.frames_box.value(),
            self.step_box.currentData(),
            self.class_box.currentData(),
        )

    def _start(self, title: str, request: LatentRequest, work: Work, show: Show) -> None:
        self.messages.clear()
        self.walk_view.play_button.setChecked(False)
        self._asked = request
        self._task = task = self._context.tasks.prepare(title, work)
        task.succeeded.connect(show)
        task.failed.connect(self.messages.show_error)
        task.ended.connect(self._finish)
        self._enable(False)
        self.progress.follow(task)
        self.progress.show()
        self._context.tasks.launch(task)

    def _show_walk(self, frames: list[WalkFrame]) -> None:
        assert self._asked is not None, "nothing is shown that was not asked for"
        self.walk_view.show_walk(frames, self._asked.seeds)
        self._views.setCurrentWidget(self.walk_view)
        self.walk_view.play_button.setChecked(True)

    def _show_strip(self, strip: CheckpointStrip) -> None:
        assert self._asked is not None, "nothing is shown that was not asked for"
        self.strip_view.show_strip(strip, self._asked.seeds)
        self._views.setCurrentWidget(self.strip_view)
        if len(strip.steps) < 3:
            noun = "checkpoint" if len(strip.steps) == 1 else "checkpoints"
            self.messages.show_info(
                f"The run has kept {len(strip.steps)} {noun}; earlier ones were dropped while it "
                "trained."
            )

    def _finish(self) -> None:
        self._task = None
        self.progress.hide()
        self._enable(True)

    def _offer(self) -> None:
        """Checkpoints and classes of the chosen run, and whether it has latents."""
        run: RunSummary = self.run_box.currentData()
        self.step_box.clear()
        self.step_box.addItem(translate("Browse", "newest"), None)
        for step in checkpoint_steps(self._context.workspace, run.run_id):
            self.step_box.addItem(f"step {step:,}", step)
        dataset = run.config.dataset
        groups = self._context.store.facet_groups(ImageFilter(dataset=dataset, source="real"))
        labels = sorted({str(group.values["class_label"]) for group in groups} - {""})
        self.class_box.clear()
        self.class_box.addItem(translate("Browse", "as the first seed has it"), None)
        for label in labels:
            self.class_box.addItem(class_title(label, dataset), label)
        self._why.setText(refusal(run))
        self._enable(self._task is None)

    def _enable(self, enabled: bool) -> None:
        possible = not self._why.text()
        self._why.setVisible(not possible)
        self.walk_button.setEnabled(enabled and possible)
        self.strip_button.setEnabled(enabled and possible)

    def _shuffle(self) -> None:
        self.seeds.setText(", ".join(str(random.randrange(_DRAWN_SEEDS)) for _ in range(3)))

    def _lay_out(self) -> None:
        another = QPushButton(icon("refresh-cw"), "")
        another.setToolTip(translate("Browse", "Other seeds"))
        another.setAccessibleName(translate("Browse", "Other seeds"))
        another.clicked.connect(self._shuffle)
        seed_row = QHBoxLayout()
        seed_row.setSpacing(SPACE_S)
        seed_row.addWidget(self.seeds, 1)
        seed_row.addWidget(another)
        form = QFormLayout()
        form.setSpacing(SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(translate("Browse", "&Trained generator"), self.run_box)
        form.addRow(translate("Browse", "&Checkpoint of the walk"), self.step_box)
        form.addRow(translate("Browse", "Cl&ass"), self.class_box)
        seed_label = QLabel(translate("Browse", "&Seeds"))
        seed_label.setBuddy(self.seeds)
        form.addRow(seed_label, seed_row)
        form.addRow(translate("Browse", "&Images from seed to seed"), self.frames_box)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(self.strip_button)
        buttons.addWidget(self.walk_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addLayout(form)
        layout.addWidget(self._why)
        layout.addLayout(buttons)
        layout.addWidget(self.messages)
        layout.addWidget(self.progress)
        layout.addWidget(self._views, 1)
        self.walk_button.setDefault(True)
