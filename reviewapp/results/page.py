"""The Results page: one study's outcome, plain words first, then a tab for each question."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from reviewapp.context import AppContext
from reviewapp.page import Page
from reviewapp.results.figure_renderer import FigureRenderer
from reviewapp.results.presenter import MARGIN_POINTS, ResultsPresenter
from reviewapp.results.result_files import ResultFiles
from reviewapp.results.save_actions import SaveActions
from reviewapp.results.section_view import SectionView
from reviewapp.tasks import Task
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.action_bar import ActionBar
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.number_box import DecimalBox
from reviewapp.widgets.task_progress import TaskProgress

_STUDY_CHARACTERS = 16


class ResultsPage(Page):
    """Shows what its presenter has: sentence and tabs, or why there are none."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.presenter = ResultsPresenter(context, self)
        self._followed: Task | None = None
        #: a reader's workspace, made from a reading pack, has nothing to unblind
        self._of_pack = context.store.opened_pack() is not None
        self.files = ResultFiles(context, self)
        self.renderer = FigureRenderer(self)
        self.messages = MessageBar()
        self.saving = SaveActions(self.presenter, self.files, self.messages, self)
        self.progress = TaskProgress()
        self.progress.hide()
        self.study_box = QComboBox()
        self.study_box.setAccessibleName(translate("Results", "Study"))
        self.study_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.study_box.setMinimumContentsLength(_STUDY_CHARACTERS)
        self._actions = ActionBar()
        self._actions.layout().setContentsMargins(0, 0, 0, 0)
        self._actions.add_stretch()
        self.tables_button = self._actions.add(
            "download",
            translate("Results", "Save all tables…"),
            translate("Results", "Write every table as CSV"),
        )
        self.report_button = self._actions.add(
            "save",
            translate("Results", "Write report"),
            translate("Results", "Write the report as PDF and HTML to the workspace's exports"),
        )
        self.report_button.setProperty("role", "primary")
        self.report_button.setIcon(icon("save", "on_accent"))
        self.sentence = QLabel()
        self.sentence.setProperty("role", "heading")
        self.caveats = QLabel()
        self.caveats.setProperty("role", "secondary")
        for label in (self.sentence, self.caveats):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.margin_box = _margin_box()
        self.rate_button = QPushButton(translate("Results", "Unblind on the Rate page…"))
        self.tabs = QTabWidget()
        self.tabs.tabBar().setAccessibleName(translate("Results", "Sections of the results"))
        self.tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._empty = EmptyState(
            "chart-column",
            translate("Results", "No results yet"),
            translate(
                "Results", "Set up a study on the Rate page and let a reader finish a session."
            ),
            translate("Results", "Go to the Rate page"),
        )
        self._waiting = EmptyState(
            "chart-column",
            translate("Results", "Analysing…"),
            translate("Results", "The window stays usable."),
        )
        self._stopped = EmptyState(
            "chart-column",
            translate("Results", "Not analysed"),
            translate("Results", "There is no analysis of this study."),
            translate("Results", "Analyse"),
        )
        self._lay_out()
        self._connect()

    def activate(self) -> None:
        """List the studies again and show the chosen one as it is now."""
        self.presenter.refresh()
        self.tabs.tabBar().setFocus()

    def close_page(self) -> None:
        """Wait for the figure that is being drawn."""
        self.renderer.close()

    def section(self, title: str) -> SectionView | None:
        """The tab of this name."""
        views = [self.tabs.widget(number) for number in range(self.tabs.count())]
        found = [v for v in views if isinstance(v, SectionView) and v.section.title == title]
        return found[0] if found else None

    # Showing

    def _list_studies(self) -> None:
        self.study_box.blockSignals(True)
        self.study_box.clear()
        for study in self.presenter.studies:
            self.study_box.addItem(study.name, study.study_id)
        self.study_box.setCurrentIndex(self.study_box.findData(self.presenter.study_id))
        self.study_box.blockSignals(False)
        self.study_box.setEnabled(bool(self.presenter.studies))
        if not self.presenter.studies:
            self._views.setCurrentWidget(self._empty)

    def _choose(self) -> None:
        study_id = self.study_box.currentData()
        if study_id is not None:
            self.messages.clear()
            self.presenter.choose(study_id)

    def _show_view(self) -> None:
        view = self.presenter.view
        self.tables_button.setEnabled(view is not None and bool(view.outputs.tables))
        self.report_button.setEnabled(view is not None and view.analysis.results is not None)
        if view is None:
            self._clear_tabs()
            self._views.setCurrentWidget(self._waiting)
            return
        self.sentence.setText(view.analysis.sentence)
        self.caveats.setText("\n".join(view.analysis.caveats))
        self.caveats.setVisible(bool(view.analysis.caveats))
        self._margin_row.setVisible(view.analysis.results is not None)
        may_unblind = view.analysis.study.blinded and not self._of_pack
        self.rate_button.setVisible(may_unblind)
        chosen = max(0, self.tabs.currentIndex())
        earlier = {section.title: self.section(section.title) for section in view.sections}
        self._clear_tabs()
        for section in view.sections:
            shown = SectionView(section, self.context, self.renderer, earlier[section.title])
            shown.save_figure.connect(self.saving.ask_figure)
            shown.save_table.connect(self.saving.ask_table)
            self.tabs.addTab(shown, section.title)
        self.tabs.setCurrentIndex(min(chosen, self.tabs.count() - 1))
        self.tabs.tabBar().setVisible(self.tabs.count() > 1)
        self._views.setCurrentWidget(self._content)

    def _clear_tabs(self) -> None:
        self.renderer.forget()
        while self.tabs.count():
            widget = self.tabs.widget(0)
            self.tabs.removeTab(0)
            if widget is not None:
                widget.deleteLater()

    def _follow(self, task: Task) -> None:
        task.ended.connect(self._hide_progress)
        self.progress.show()
        self.progress.follow(task)
        self._followed = task

    def _hide_progress(self) -> None:
        # A task that was dropped for another one ends while that one is followed.
        if self.sender() is self._followed:
            self.progress.hide()

    def _show_stopped(self) -> None:
        if self.presenter.view is None:
            self._views.setCurrentWidget(self._stopped)

    def _fail(self, message: str) -> None:
        self.messages.show_error(message)
        self._show_stopped()

    def _refresh_if_visible(self) -> None:
        if self.isVisible():
            self.presenter.refresh()

    def _connect(self) -> None:
        presenter = self.presenter
        presenter.studies_changed.connect(self._list_studies)
        presenter.started.connect(self._follow)
        presenter.shown.connect(self._show_view)
        presenter.stopped.connect(self._show_stopped)
        presenter.failed.connect(self._fail)
        self.files.started.connect(self._follow)
        self.study_box.currentIndexChanged.connect(self._choose)
        self.margin_box.valueChanged.connect(presenter.set_margin)
        self.tables_button.clicked.connect(self.saving.save_tables)
        self.report_button.clicked.connect(self.saving.write_report)
        for to_rate in (self._empty.action, self.rate_button.clicked):
            to_rate.connect(lambda: self.context.show_page.emit("rating"))
        self._stopped.action.connect(presenter.analyse_again)
        self.context.studies_changed.connect(self._refresh_if_visible)

    def _lay_out(self) -> None:
        title = QLabel(translate("Results", "Results"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(title)
        head.addSpacing(SPACE_L)
        head.addWidget(self.study_box, 1)
        head.addWidget(self._actions, 2)
        self._margin_row = QWidget()
        margin = QHBoxLayout(self._margin_row)
        margin.setContentsMargins(0, 0, 0, 0)
        margin.setSpacing(SPACE_S)
        label = QLabel(translate("Results", "Still counts as guessing:"))
        label.setProperty("role", "secondary")
        label.setBuddy(self.margin_box)
        margin.addWidget(label)
        margin.addWidget(self.margin_box)
        margin.addStretch(1)
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        for widget in (self.sentence, self.caveats, self._margin_row):
            column.addWidget(widget)
        column.addWidget(self.rate_button, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.tabs, 1)
        self._views = QStackedWidget()
        for view in (self._content, self._empty, self._waiting, self._stopped):
            self._views.addWidget(view)
        self._views.setCurrentWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        layout.setSpacing(SPACE_M)
        layout.addLayout(head)
        layout.addWidget(self.messages)
        layout.addWidget(self.progress)
        layout.addWidget(self._views, 1)
        self.tables_button.setEnabled(False)
        self.report_button.setEnabled(False)


def _margin_box() -> DecimalBox:
    box = DecimalBox()
    box.setRange(0.5, 25.0)
    box.setSingleStep(0.5)
    box.setDecimals(1)
    box.setValue(MARGIN_POINTS)
    box.setPrefix("50 % ± ")
    box.setSuffix(" points")
    box.setKeyboardTracking(False)
    box.setAccessibleName(translate("Results", "Margin around guessing, in percentage points"))
    box.setToolTip(
        translate(
            "Results",
            "The equivalence tests ask whether the result is shown to lie within this margin of "
            "guessing. Choose it before looking at the results, by what would not "
            "matter in practice.",
        )
    )
    return box
