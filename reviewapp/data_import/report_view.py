"""What an import did: numbers, notes, and the skipped files with their reasons."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.data.importing import ImportReport
from reviewapp.data_import.presenter import headline, skipped_as_text, write_skipped_csv
from reviewapp.data_import.skipped_model import SkippedModel
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate

_NAME_WIDTH = 190
_FOLDER_WIDTH = 120
_TABLE_HEIGHT = 180


class ReportView(QWidget):
    """Shows one report; the list of skipped files can be copied and saved."""

    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        selectable = Qt.TextInteractionFlag.TextSelectableByMouse
        self.headline = QLabel()
        self.headline.setProperty("role", "heading")
        self.notes = QLabel()
        self.notes.setProperty("role", "secondary")
        for label in (self.headline, self.notes):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(selectable)
        self.model = SkippedModel(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(translate("DataImport", "Skipped files"))
        self.table.setMinimumHeight(_TABLE_HEIGHT)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(0, _NAME_WIDTH)
        header.resizeSection(2, _FOLDER_WIDTH)
        header.setStretchLastSection(False)
        self.copy_button = QPushButton(translate("DataImport", "Copy the list"))
        self.copy_button.clicked.connect(self._copy)
        self.save_button = QPushButton(icon("save"), translate("DataImport", " Save as CSV…"))
        self.save_button.clicked.connect(self._choose_csv)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.copy_button)
        buttons.addWidget(self.save_button)
        self._list = QWidget()
        column = QVBoxLayout(self._list)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_S)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.headline)
        layout.addWidget(self.notes)
        layout.addWidget(self._list, 1)

    def show_report(self, report: ImportReport) -> None:
        """Fill in everything."""
        self.headline.setText(headline(report))
        self.notes.setText("\n".join(report.notes))
        self.notes.setVisible(bool(report.notes))
        self.model.set_skipped(report.skipped)
        self._list.setVisible(bool(report.skipped))
        self.show()

    def save_csv(self, path: Path) -> None:
        """Write the list of skipped files; a failure is told by ``failed``."""
        try:
            write_skipped_csv(path, self.model.skipped)
        except OSError as error:
            self.failed.emit(
                f"The list could not be saved as {path}: {error.strerror or error}. "
                "Choose another folder."
            )

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(skipped_as_text(self.model.skipped))

    def _choose_csv(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, "Save the skipped files", "skipped_files.csv", "CSV tables (*.csv)"
        )
        if path:
            self.save_csv(Path(path))
