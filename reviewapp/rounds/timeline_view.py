"""The table of rounds."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem

from reviewapp.rounds.timeline import COLUMNS, TimelineRow
from reviewapp.theme.palette import colours
from reviewapp.translation import translate

_WARNINGS = COLUMNS.index("Warnings")
_GENERATOR = COLUMNS.index("Generator")


class TimelineView(QTableWidget):
    """One row a round, the newest at the bottom; ``chosen`` with a round's number."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__(0, len(COLUMNS))
        self._rows: list[TimelineRow] = []
        self.setAccessibleName(translate("Rounds", "Rounds"))
        self.setHorizontalHeaderLabels(COLUMNS)
        self.verticalHeader().hide()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_GENERATOR, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.currentCellChanged.connect(self._tell)

    def show_rows(self, rows: list[TimelineRow], number: int | None) -> None:
        """Show these rounds with the one of ``number`` chosen."""
        self.blockSignals(True)
        self._rows = rows
        self.setRowCount(len(rows))
        for place, row in enumerate(rows):
            cells = zip(row.cells(), row.explanations(), strict=True)
            for column, (text, explanation) in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(explanation)
                if column == _WARNINGS and row.warnings:
                    item.setForeground(QColor(colours().warning))
                self.setItem(place, column, item)
            if row.number == number:
                self.setCurrentCell(place, 0)
        if number is None:
            self.setCurrentItem(None)  # type: ignore[call-overload]
        self.blockSignals(False)

    def _tell(self, place: int) -> None:
        if 0 <= place < len(self._rows):
            self.chosen.emit(self._rows[place].number)
