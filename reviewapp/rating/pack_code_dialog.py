"""Shows the code of a new reading pack, which travels apart from the file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate

_WIDTH = 460


class PackCodeDialog(QDialog):
    """The code, large and to be copied, and what to do with it."""

    def __init__(self, reader: str, path: Path, code: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Rating", "Reading pack"))
        self.setFixedWidth(_WIDTH)
        heading = QLabel(f"The pack for {reader} is written.")
        heading.setProperty("role", "heading")
        heading.setWordWrap(True)
        text = QLabel(
            f"Send the file {path.name}. Tell the code by another way, by telephone for example: "
            "whoever has both can see the images, though never which are generated."
        )
        text.setWordWrap(True)
        self.code_label = QLabel(code)
        self.code_label.setProperty("role", "title")
        self.code_label.setAccessibleName(f"Code {code}")
        self.code_label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.copy_button = QPushButton(icon("copy"), translate("Rating", " Copy code"))
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(code))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        for widget in (heading, text, self.code_label, buttons):
            layout.addWidget(widget)
