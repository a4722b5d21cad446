"""The line above a table or figure: what it shows, and a button for its file."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_M


class BlockHeading(QWidget):
    """A heading with a quiet button right behind it."""

    def __init__(
        self, title: str, action: str, accessible_action: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        label = QLabel(title)
        label.setProperty("role", "heading")
        self.button = QPushButton(icon("save"), f" {action}")
        self.button.setProperty("role", "quiet")
        self.button.setAccessibleName(accessible_action)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(label)
        layout.addWidget(self.button)
        layout.addStretch(1)


def secondary_label(text: str) -> QLabel:
    """A wrapped paragraph of lesser weight that can be selected and copied."""
    label = QLabel(text)
    label.setProperty("role", "secondary")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
