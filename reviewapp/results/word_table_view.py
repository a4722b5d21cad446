"""A table of words on the page, all rows on show, with its notes and its CSV."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from reviewapp.results.block_heading import BlockHeading, secondary_label
from reviewapp.results.section import WordTable
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate

_ROW_HEIGHT = 30
_MAX_COLUMN = 520


class WordTableView(QWidget):
    """Heading, rows, notes; ``save_requested`` carries the table to write."""

    save_requested = Signal(object)

    def __init__(self, words: WordTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = words
        heading = BlockHeading(
            words.title, translate("Results", "Save CSV…"), f"Save the table: {words.title}"
        )
        self.save_button = heading.button
        self.save_button.setVisible(words.data is not None)
        self.save_button.clicked.connect(lambda: self.save_requested.emit(self.words.data))
        self.table = _WholeTable(words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(heading)
        layout.addWidget(self.table)
        if words.notes:
            layout.addWidget(secondary_label("\n".join(words.notes)))


class _WholeTable(QTableWidget):
    """As high as all its rows: the page scrolls as a whole, not each table."""

    def __init__(self, words: WordTable) -> None:
        super().__init__(len(words.rows), len(words.columns))
        self.setAccessibleName(words.title)
        self.setAccessibleDescription(" ".join(words.notes))
        self.setHorizontalHeaderLabels(list(words.columns))
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.horizontalHeader()
        header.setVisible(any(words.columns))
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMaximumSectionSize(_MAX_COLUMN)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        for row, cells in enumerate(words.rows):
            self.setRowHeight(row, _ROW_HEIGHT)
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.setItem(row, column, item)
        self._fit_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A scroll bar below the rows needs room of its own."""
        super().resizeEvent(event)
        self._fit_height()

    def _fit_height(self) -> None:
        header, bar = self.horizontalHeader(), self.horizontalScrollBar()
        height = _ROW_HEIGHT * self.rowCount() + 2 * self.frameWidth()
        height += header.sizeHint().height() if header.isVisibleTo(self) else 0
        height += bar.sizeHint().height() if header.length() > self.viewport().width() else 0
        self.setFixedHeight(height)
