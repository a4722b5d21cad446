"""The Evaluate page: metrics of trained generators beside what the specialists said of them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewapp.context import AppContext
from reviewapp.evaluation.evaluate_dialog import EvaluateDialog
from reviewapp.evaluation.presenter import EvaluationPresenter
from reviewapp.page import Page
from reviewapp.results.figure_renderer import FigureRenderer
from reviewapp.results.result_files import (
    CSV_FILTER,
    PNG_FILTER,
    SVG_FILTER,
    ResultFiles,
    with_suffix,
    written_text,
)
from reviewapp.results.save_actions import open_folder
from reviewapp.results.section_view import SectionView
from reviewapp.study.analysis.table import Table
from reviewapp.study.figures.catalogue import FigureSpec
from reviewapp.tasks import Task
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.task_progress import TaskProgress


class EvaluationPage(Page):
    """Shows what its presenter has, and asks what to evaluate and where files go."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.presenter = EvaluationPresenter(context, self)
        self.renderer = FigureRenderer(self)
        self.files = ResultFiles(context, self)
        self.messages = MessageBar()
        self.progress = TaskProgress()
        self.progress.hide()
        self.metric_box = QComboBox()
        self.metric_box.setAccessibleName(
            translate("Evaluation", "Metric compared with the readers")
        )
        self.metric_box.setMinimumWidth(320)
        self.evaluate_button = QPushButton(translate("Evaluation", "Evaluate…"))
        self.evaluate_button.setProperty("role", "primary")
        self.evaluate_button.setToolTip(
            translate("Evaluation", "Draw images of a generator and compare them with real ones")
        )
        self.view: SectionView | None = None
        self._empty = EmptyState(
            "flask-conical",
            translate("Evaluation", "No generator was evaluated yet"),
            translate(
                "Evaluation",
                "An evaluation draws images of a trained generator and measures how near they are "
                "to real ones. Here the measures stand beside what specialists said of the same "
                "images.",
            ),
            translate("Evaluation", "Evaluate…"),
        )
        self._waiting = EmptyState(
            "flask-conical",
            translate("Evaluation", "Reading evaluations…"),
            translate("Evaluation", "The window stays usable."),
        )
        self._lay_out()
        self._connect()

    def activate(self) -> None:
        """Read what has been evaluated and rated meanwhile."""
        self.presenter.refresh()
        self.metric_box.setFocus()

    def close_page(self) -> None:
        """Wait for the figure that is being drawn."""
        self.renderer.close()

    def ask_and_evaluate(self) -> None:
        """Ask what to evaluate and begin."""
        runs = self.presenter.runs()
        if not runs:
            self.messages.show_info(
                translate(
                    "Evaluation", "No run has saved a checkpoint yet. Train a generator first."
                ),
                translate("Evaluation", "To the Train page"),
                lambda: self.context.show_page.emit("training"),
            )
            return
        dialog = EvaluateDialog(runs, self)
        if dialog.exec():
            self.messages.clear()
            self.presenter.evaluate(dialog.request())

    def _show(self) -> None:
        section = self.presenter.section()
        titles = self.presenter.metric_titles()
        self.metric_box.blockSignals(True)
        self.metric_box.clear()
        self.metric_box.addItems(titles)
        self.metric_box.setCurrentIndex(self.presenter.chosen if titles else -1)
        self.metric_box.blockSignals(False)
        self._metric_row.setVisible(bool(titles))
        # The empty page has its own.
        self.evaluate_button.setVisible(section is not None)
        if section is None:
            self._views.setCurrentWidget(self._empty)
            return
        self.renderer.forget()
        earlier, self.view = self.view, SectionView(section, self.context, self.renderer)
        self.view.save_figure.connect(self._save_figure)
        self.view.save_table.connect(self._save_table)
        self._views.addWidget(self.view)
        self._views.setCurrentWidget(self.view)
        if earlier is not None:
            self._views.removeWidget(earlier)
            earlier.deleteLater()

    def _follow(self, task: Task) -> None:
        task.ended.connect(self._settle)
        self.progress.show()
        self.progress.follow(task)
        self.evaluate_button.setEnabled(False)

    def _settle(self) -> None:
        self.progress.hide()
        self.evaluate_button.setEnabled(True)

    def _save_figure(self, spec: FigureSpec) -> None:
        kinds = {SVG_FILTER: ".svg", PNG_FILTER: ".png"}
        path, kind = self._ask_file(f"{spec.name}.svg", ";;".join(kinds))
        if path is not None:
            self.files.save_figure(spec, with_suffix(path, kinds.get(kind, ".svg")))

    def _save_table(self, table: Table) -> None:
        path, _ = self._ask_file(f"{table.name}.csv", CSV_FILTER)
        if path is not None:
            self.files.save_table(table, with_suffix(path, ".csv"))

    def _ask_file(self, name: str, kinds: str) -> tuple[Path | None, str]:
        proposed = self.context.workspace.exports / name
        path, kind = QFileDialog.getSaveFileName(self, "Save", str(proposed), kinds)
        return (Path(path) if path else None), kind

    def _announce(self, paths: list[Path]) -> None:
        folder = paths[0].parent
        self.messages.show_info(
            written_text(paths), translate("Evaluation", "Open folder"), lambda: open_folder(folder)
        )

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.shown.connect(self._show)
        presenter.started.connect(self._follow)
        presenter.failed.connect(self.messages.show_error)
        self.files.written.connect(self._announce)
        self.files.failed.connect(self.messages.show_error)
        self.metric_box.currentIndexChanged.connect(presenter.choose)
        self.evaluate_button.clicked.connect(self.ask_and_evaluate)
        self._empty.action.connect(self.ask_and_evaluate)

    def _lay_out(self) -> None:
        title = QLabel(translate("Evaluation", "Evaluate"))
        title.setProperty("role", "title")
        self._metric_row = QWidget()
        choice = QHBoxLayout(self._metric_row)
        choice.setContentsMargins(0, 0, 0, 0)
        choice.setSpacing(SPACE_S)
        label = QLabel(translate("Evaluation", "&Metric:"))
        label.setProperty("role", "secondary")
        label.setBuddy(self.metric_box)
        choice.addWidget(label)
        choice.addWidget(self.metric_box)
        self._metric_row.hide()
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(title)
        head.addSpacing(SPACE_L)
        head.addWidget(self._metric_row)
        head.addStretch(1)
        head.addWidget(self.evaluate_button)
        self._views = QStackedWidget()
        for waiting in (self._waiting, self._empty):
            self._views.addWidget(waiting)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        layout.setSpacing(SPACE_M)
        layout.addLayout(head)
        layout.addWidget(self.messages)
        layout.addWidget(self.progress)
        layout.addWidget(self._views, 1)
