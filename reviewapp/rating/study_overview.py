"""The studies of a workspace in a table, the facts of the chosen one, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewapp.rating.study_list import COLUMNS, StudyLine, study_facts, study_lines
from reviewapp.rating.study_reasons import StudyReasons
from reviewapp.study.store import StudyStore
from reviewapp.tasks import Task, TaskRunner, Work
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.action_bar import ActionBar
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.say_why import say_why
from reviewapp.widgets.task_progress import TaskProgress


class StudyOverview(QWidget):
    """Shows and asks; what an action does is the page's matter."""

    start_requested = Signal()
    new_requested = Signal()

    def __init__(
        self, store: StudyStore, *, of_pack: bool = False, parent: QWidget | None = None
    ) -> None:
        """``of_pack`` for a reader's workspace that was made from a reading pack."""
        super().__init__(parent)
        self._store = store
        self._of_pack = of_pack
        self._lines: list[StudyLine] = []
        self.messages = MessageBar()
        self.progress = TaskProgress()
        self.progress.hide()
        self.new_button = _button("New study…", "folder-plus")
        self.new_button.clicked.connect(self.new_requested)
        self.start_button = _button("Start session…", "play")
        self.start_button.setIcon(icon("play", "on_accent"))
        self.start_button.setProperty("role", "primary")
        self.start_button.clicked.connect(self.start_requested)
        self._actions = self._make_actions()
        menu = QMenu(self.packs_button)
        self.make_pack_action = QAction(
            translate("Rating", "Make a pack for a reader elsewhere…"), menu
        )
        self.list_packs_action = QAction(translate("Rating", "Packs of this study…"), menu)
        self.merge_pack_action = QAction(
            translate("Rating", "Take results back into the study…"), menu
        )
        self.open_pack_action = QAction(
            translate("Rating", "Open a pack that was sent to you…"), menu
        )
        for action in (self.make_pack_action, self.list_packs_action, self.merge_pack_action):
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self.open_pack_action)
        self.packs_button.setMenu(menu)

        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setAccessibleName(translate("Rating", "Studies"))
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.itemSelectionChanged.connect(self._show_selected)
        self.table.itemActivated.connect(lambda _: self.start_requested.emit())
        self.facts_label = QLabel()
        self.facts_label.setWordWrap(True)
        self.facts_label.setTextFormat(Qt.TextFormat.PlainText)
        self.facts_label.setProperty("role", "secondary")
        self.facts_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._empty = EmptyState(
            "clipboard-check",
            translate("Rating", "No study yet"),
            translate(
                "Rating",
                "A study shows real and generated images in a blinded order. "
                "It needs imported images and images drawn by a trained run.",
            ),
            translate("Rating", "New study…"),
        )
        self._empty.action.connect(self.new_requested)
        self._lay_out()
        # What a pack's reader has no use for in the small workspace that was made from it.
        for button in (
            self.new_button,
            self.leak_button,
            self.packs_button,
            self.export_button,
            self.unblind_button,
            self.train_button,
        ):
            button.setVisible(not of_pack)
        self.results_button.setVisible(of_pack)

    def selected(self) -> StudyLine | None:
        """The study that actions apply to."""
        row = self.table.currentRow()
        return self._lines[row] if 0 <= row < len(self._lines) else None

    def select(self, study_id: str) -> None:
        """Choose a study; one that is not listed leaves the choice as it is."""
        for row, line in enumerate(self._lines):
            if line.study.study_id == study_id:
                self.table.selectRow(row)

    def names(self) -> frozenset[str]:
        """The names that studies have."""
        return frozenset(line.study.name for line in self._lines)

    def run_task(self, tasks: TaskRunner, title: str, work: Work) -> Task:
        """Run work in the background: its progress shows here, and so does its failure."""
        task = tasks.prepare(title, work)
        task.failed.connect(self.messages.show_error)
        task.ended.connect(self.progress.hide)
        self.messages.clear()
        self.progress.show()
        self.progress.follow(task)
        return tasks.launch(task)

    def refresh(self) -> None:
        """Read the studies again, keeping the selection."""
        chosen = self.selected()
        self._lines = study_lines(self._store)
        self.table.setRowCount(len(self._lines))
        for row, line in enumerate(self._lines):
            for column, text in enumerate(line.cells()):
                self.table.setItem(row, column, QTableWidgetItem(text))
        ids = [line.study.study_id for line in self._lines]
        if ids:
            study_id = chosen.study.study_id if chosen else ids[0]
            self.table.selectRow(ids.index(study_id) if study_id in ids else 0)
        self._list.setCurrentWidget(self._filled if self._lines else self._empty)
        self._show_selected()

    def _show_selected(self) -> None:
        line = self.selected()
        reasons = StudyReasons.of(line)
        for control, reason in (
            (self.start_button, reasons.start),
            (self.leak_button, reasons.leak_check),
            (self.consent_button, reasons.consent),
            (self.export_button, reasons.any),
            (self.unblind_button, reasons.unblind),
            (self.train_button, reasons.train),
            (self.make_pack_action, reasons.start),
            (self.list_packs_action, reasons.any),
        ):
            say_why(control, reason)
        facts = [] if line is None else study_facts(self._store, line, of_pack=self._of_pack)
        self.facts_label.setText("\n".join(facts))

    def _lay_out(self) -> None:
        title = QLabel(translate("Rating", "Studies"))
        title.setProperty("role", "title")
        head = QHBoxLayout()
        head.setSpacing(SPACE_S)
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self.new_button)
        head.addWidget(self.start_button)
        self._filled = QWidget()
        filled = QVBoxLayout(self._filled)
        filled.setContentsMargins(0, 0, 0, 0)
        filled.setSpacing(SPACE_M)
        filled.addWidget(self.table, 1)
        filled.addWidget(self.facts_label)
        self._list = QStackedWidget()
        self._list.addWidget(self._filled)
        self._list.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addLayout(head)
        layout.addWidget(self.messages)
        layout.addWidget(self.progress)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._actions)

    def _make_actions(self) -> ActionBar:
        """What can be done with the chosen study."""
        bar = ActionBar()
        bar.layout().setContentsMargins(0, 0, 0, 0)
        self.leak_button = bar.add(
            "search",
            translate("Rating", "Leak check…"),
            translate("Rating", "Find out whether size, brightness or noise give images away"),
        )
        self.packs_button = bar.add(
            "layers",
            translate("Rating", "Reading packs"),
            translate("Rating", "Send a session to a reader elsewhere, and take it back"),
        )
        self.consent_button = bar.add(
            "clipboard-check",
            translate("Rating", "Consent…"),
            translate("Rating", "Which readers' ratings may train generators"),
        )
        self.export_button = bar.add(
            "download",
            translate("Rating", "Export…"),
            translate("Rating", "Write the ratings as CSV"),
        )
        self.unblind_button = bar.add(
            "eye",
            translate("Rating", "Unblind…"),
            translate("Rating", "Open the truth with the coordinator's passphrase"),
        )
        self.train_button = bar.add(
            "activity",
            translate("Rating", "Train with these ratings…"),
            translate("Rating", "Start a round in which a generator learns from the ratings"),
        )
        self.results_button = bar.add(
            "upload",
            translate("Rating", "Write results for the coordinator…"),
            translate("Rating", "Make the file that the coordinator takes back into the study"),
        )
        bar.add_stretch()
        return bar


def _button(text: str, icon_name: str) -> QPushButton:
    return QPushButton(icon(icon_name), f" {text}")
