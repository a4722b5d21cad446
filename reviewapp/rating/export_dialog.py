"""How a study's ratings are to be written."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from reviewapp.theme.tokens import SPACE_L, SPACE_M

_WIDTH = 460


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What `export_ratings` is called with."""

    bom: bool = False


class ExportDialog(QDialog):
    """The choice has a value that suits most; Enter alone exports."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export ratings")
        self.setFixedWidth(_WIDTH)
        text = QLabel(
            "Writes ratings.csv, marks.csv and data_dictionary.csv into the workspace's exports."
        )
        text.setWordWrap(True)
        self.bom_box = QCheckBox("For spreadsheets: mark the files as UTF-8")
        self.bom_box.setToolTip("A byte order mark, without which Excel garbles accented letters")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = QPushButton("Export")
        self.export_button.setProperty("role", "primary")
        self.export_button.setDefault(True)
        buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(text)
        layout.addWidget(self.bom_box)
        layout.addWidget(buttons)

    def choice(self) -> ExportChoice:
        """What is ticked."""
        return ExportChoice(bom=self.bom_box.isChecked())
