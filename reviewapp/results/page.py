"""The Results page: one study's outcome, plain words first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QScrollArea,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewapp.context import AppContext
from reviewapp.page import Page
from reviewapp.results import result_words
from reviewapp.results.result_words import Card
from reviewapp.results.roc_plot import RocPlot
from reviewapp.study.summary import StudySummary
from reviewapp.tasks import Task
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XS
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar

_CARDS_PER_ROW = 3
_ROW_HEIGHT = 30


class ResultsPage(Page):
    """Sentence, figures, curve and tables of the chosen study; only counts while it is blinded."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._task: Task | None = None
        self.messages = MessageBar()
        self.study_box = QComboBox()
        self.study_box.setAccessibleName("Study")
        self.study_box.setMinimumWidth(320)
        self.study_box.currentIndexChanged.connect(self._summarise)
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setProperty("role", "heading")
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.caveat = QLabel()
        self.caveat.setWordWrap(True)
        self.caveat.setProperty("role", "secondary")
        self._cards = QGridLayout()
        self._cards.setSpacing(SPACE_S)
        self._roc = RocPlot()
        self.fool_rates = _table(result_words.FOOL_RATE_COLUMNS, "Generated images taken for real")
        self.readers = _table(result_words.READER_COLUMNS, "Readers")
        self._fool_heading = _heading("By generator")
        self._reader_heading = _heading("By reader")
        self._empty = EmptyState(
            "chart-column",
            "No results yet",
            "Set up a study on the Rate page and let a reader finish a session.",
        )

        title = QLabel("Results")
        title.setProperty("role", "title")
        top = QHBoxLayout()
        top.addWidget(title)
        top.addStretch(1)
        top.addWidget(self.study_box)
        figures = QHBoxLayout()
        figures.setSpacing(SPACE_M)
        figures.addLayout(self._cards, 3)
        figures.addWidget(self._roc, 2)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, SPACE_S, 0)
        column.setSpacing(SPACE_M)
        column.addWidget(self.sentence)
        column.addWidget(self.caveat)
        column.addLayout(figures)
        for widget in (
            self._fool_heading,
            self.fool_rates,
            self._reader_heading,
            self.readers,
        ):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        self._scroll = scroll
        self._views = QStackedWidget()
        self._views.addWidget(scroll)
        self._views.addWidget(self._empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addLayout(top)
        layout.addWidget(self.messages)
        layout.addWidget(self._views, 1)
        context.studies_changed.connect(self._refresh_if_visible)

    def activate(self) -> None:
        """List the studies again and show the chosen one as it is now."""
        chosen = self.study_box.currentData()
        studies = sorted(self.context.store.studies(), key=lambda s: s.created_at, reverse=True)
        self.study_box.blockSignals(True)
        self.study_box.clear()
        for study in studies:
            self.study_box.addItem(study.name, study.study_id)
        row = self.study_box.findData(chosen)
        self.study_box.setCurrentIndex(max(row, 0) if studies else -1)
        self.study_box.blockSignals(False)
        self.study_box.setEnabled(bool(studies))
        self._views.setCurrentWidget(self._scroll if studies else self._empty)
        self._summarise()

    def show_summary(self, summary: StudySummary) -> None:
        """Fill the page."""
        self.sentence.setText(summary.sentence)
        typical = result_words.time_text(summary.median_response_time_ms)
        caveat = summary.caveat if not summary.blinded else f"Typical time per image: {typical}."
        self.caveat.setText(caveat)
        self.caveat.setVisible(bool(caveat))
        self._show_cards(
            [] if summary.performance is None else result_words.cards(summary.performance)
        )
        self._roc.setVisible(summary.performance is not None)
        if summary.performance is not None:
            self._roc.show_points(summary.performance.roc)
        rows = result_words.fool_rate_rows(summary)
        _fill(self.fool_rates, rows)
        self._fool_heading.setVisible(bool(rows))
        self.fool_rates.setVisible(bool(rows))
        _fill(self.readers, result_words.reader_rows(summary))
        self._reader_heading.setVisible(bool(summary.readers))
        self.readers.setVisible(bool(summary.readers))

    def _refresh_if_visible(self) -> None:
        if self.isVisible():
            self.activate()

    def _summarise(self) -> None:
        study_id = self.study_box.currentData()
        if study_id is None:
            return
        store = self.context.store

        def work(_progress: object, _cancelled: object) -> StudySummary:
            # scipy is imported here, beside the UI thread.
            from reviewapp.study.summary import summarise_study

            return summarise_study(store, study_id)

        task = self.context.tasks.prepare("Summarising the study", work)
        task.succeeded.connect(self._take_summary)
        task.failed.connect(self.messages.show_error)
        self._task = self.context.tasks.launch(task)

    def _take_summary(self, summary: StudySummary) -> None:
        # Another study may have been chosen while this one was summarised.
        if summary.study_id == self.study_box.currentData():
            self.show_summary(summary)

    def _show_cards(self, cards: list[Card]) -> None:
        while (item := self._cards.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for number, card in enumerate(cards):
            self._cards.addWidget(_card(card), *divmod(number, _CARDS_PER_ROW))


def _card(card: Card) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
    layout.setSpacing(SPACE_XS)
    for text, role in (
        (card.title, "secondary"),
        (card.value, "title"),
        (card.interval, ""),
        (card.meaning, "secondary"),
    ):
        label = QLabel(text)
        label.setProperty("role", role)
        label.setWordWrap(True)
        layout.addWidget(label)
    frame.setAccessibleName(f"{card.title}: {card.value}, {card.interval}. {card.meaning}")
    return frame


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def _table(columns: tuple[str, ...], name: str) -> QTableWidget:
    table = QTableWidget(0, len(columns))
    table.setAccessibleName(name)
    table.setHorizontalHeaderLabels(columns)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    header = table.horizontalHeader()
    header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table


def _fill(table: QTableWidget, rows: list[tuple[str, ...]]) -> None:
    table.setRowCount(len(rows))
    for row, cells in enumerate(rows):
        table.setRowHeight(row, _ROW_HEIGHT)
        for column, text in enumerate(cells):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(row, column, item)
    # All rows are shown: the page scrolls as a whole, not each table.
    table.setFixedHeight(table.horizontalHeader().sizeHint().height() + _ROW_HEIGHT * len(rows) + 6)
