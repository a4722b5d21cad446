"""The selected run: why it stands where it does, its curves, samples and settings."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFormLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.training.events import SampleGrid
from reviewapp.context import AppContext
from reviewapp.study.errors import StudyError
from reviewapp.theme.tokens import SPACE_M, SPACE_S, SPACE_XS
from reviewapp.training.blinded_feedback import learns_blinded, shown_message
from reviewapp.training.copyable_text import CopyableText, hash_text, run_id_text
from reviewapp.training.guard_view import GuardView
from reviewapp.training.guard_words import WARNING_WORDS
from reviewapp.training.loss_curves import LossCurves
from reviewapp.training.presenter import TrainingPresenter
from reviewapp.training.run_facts import ratings_used, run_facts
from reviewapp.training.run_row import RunRow
from reviewapp.training.sample_grid import SampleGridView, latest_sample_file
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar

_WIDTHS = [470, 300, 320]
_GUARD = "Guard"


class RunDetails(QWidget):
    """Follows the presenter's selected run."""

    def __init__(
        self, context: AppContext, presenter: TrainingPresenter, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = context.workspace
        self._store = context.store
        self._presenter = presenter
        self._shown: RunRow | None = None
        self._facts_shown: dict[str, str] = {}
        self.message = MessageBar()
        self.curves = LossCurves(context.tasks)
        self.guard = GuardView(context.tasks)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(translate("Training", "Curves"))
        self.curves.layout().setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        self.tabs.addTab(self.curves, translate("Training", "Losses"))
        self.tabs.addTab(self.guard, _GUARD)
        self.samples = SampleGridView()
        self.facts = QScrollArea()
        self.facts.setWidgetResizable(True)
        self.facts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.tabs)
        for column in (self.samples, self._facts_column()):
            column.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
            splitter.addWidget(column)
        splitter.setSizes(_WIDTHS)
        for position, stretch in enumerate((3, 2, 1)):
            splitter.setStretchFactor(position, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        notice = QVBoxLayout()
        notice.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, 0)
        notice.addWidget(self.message)
        layout.addLayout(notice)
        layout.addWidget(splitter, 1)
        presenter.selected_changed.connect(self._show_selected)
        presenter.curves_changed.connect(self.curves.update_soon)
        presenter.guard_changed.connect(self._show_guard)
        presenter.samples_changed.connect(self._show_samples)

    def facts_shown(self) -> dict[str, str]:
        """The facts on the screen by name."""
        return dict(self._facts_shown)

    def _facts_column(self) -> QWidget:
        column = QWidget()
        heading = QLabel(translate("Training", "Settings"))
        heading.setProperty("role", "heading")
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(heading)
        layout.addWidget(self.facts, 1)
        return column

    def _show_selected(self) -> None:
        row = self._presenter.selected
        another = row is None or self._shown is None or row.run_id != self._shown.run_id
        self._show_guard()
        if another:
            self.curves.show_history(self._presenter.history)
            self._show_saved_samples(row)
        if row is not None and (another or run_facts(row) != run_facts(self._shown or row)):
            self._fill_facts(row)
        self._shown = row

    def _show_guard(self) -> None:
        row, guard = self._presenter.selected, self._presenter.guard
        self._show_message(row)
        if row is None:
            self.guard.show_run(guard, "", can_ask=False)
        else:
            self.guard.show_run(
                guard,
                row.config.dataset,
                can_ask=row.saved_step > 0,
                blinded=learns_blinded(self._store, self._workspace, row),
            )
        n = len(guard.standing)
        self.tabs.setTabText(1, f"{_GUARD} ({n})" if n else _GUARD)

    def _show_message(self, row: RunRow | None) -> None:
        standing = self._presenter.guard.standing
        if row is not None and row.state != "failed" and standing:
            text = " ".join(f"{WARNING_WORDS[finding.name].title}." for finding in standing)
            self.message.show_info(
                text, translate("Training", "Show"), lambda: self.tabs.setCurrentWidget(self.guard)
            )
            return
        # What is to be said of a run that has ended well stands among its facts.
        if row is None or not row.message or row.state == "finished":
            self.message.clear()
            return
        show = self.message.show_error if row.state == "failed" else self.message.show_info
        show(shown_message(self._store, self._workspace, row))

    def _show_saved_samples(self, row: RunRow | None) -> None:
        self.samples.clear()
        if row is None:
            return
        saved = latest_sample_file(self._workspace.run_path(row.run_id) / "samples")
        if saved is not None:
            self.samples.show_file(*saved)

    def _show_samples(self, grid: SampleGrid) -> None:
        self.samples.show_images(grid.images, grid.step)

    def _fill_facts(self, row: RunRow) -> None:
        content = QWidget()
        content.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        form = QFormLayout(content)
        form.setContentsMargins(0, 0, SPACE_S, 0)
        form.setHorizontalSpacing(SPACE_M)
        form.setVerticalSpacing(SPACE_XS)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._facts_shown = {}

        def add(name: str, value: str | CopyableText) -> None:
            shown = value if isinstance(value, CopyableText) else _value(value)
            self._facts_shown[name] = value.whole if isinstance(value, CopyableText) else value
            form.addRow(_name(name), shown)

        add("Run", run_id_text(row.run_id))
        if row.config.feedback is not None:
            if row.config.parent is not None:
                add("Parent run", run_id_text(row.config.parent.run_id))
                add("Parent's step", f"{row.config.parent.step:,}")
            add("Ratings' hash", hash_text(row.config.feedback.snapshot_sha256))
            add("Ratings used", self._ratings_used(row))
        for name, value in run_facts(row):
            add(name, value)
        if row.message and row.state == "finished":
            add("Note", shown_message(self._store, self._workspace, row))
        self.facts.setWidget(content)

    def _ratings_used(self, row: RunRow) -> str:
        try:
            return ratings_used(self._store, self._workspace, row)
        except (EngineError, StudyError) as error:
            return str(error)


def _name(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "secondary")
    return label


def _value(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
