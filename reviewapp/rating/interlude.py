"""What a reader sees between images: practice feedback, breaks, the end of the session."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from reviewapp.theme.tokens import SPACE_L, SPACE_M

_COLUMN_WIDTH = 560


class Interlude(QWidget):
    """A heading, a few sentences and one button, centred; ``proceed`` when the reader goes on."""

    proceed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = QLabel()
        self._heading.setProperty("role", "title")
        self._heading.setWordWrap(True)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.proceed_button = QPushButton()
        self.proceed_button.setProperty("role", "primary")
        self.proceed_button.clicked.connect(self.proceed)
        column = QVBoxLayout()
        column.setSpacing(SPACE_M)
        column.addWidget(self._heading)
        column.addWidget(self._text)
        column.addSpacing(SPACE_L)
        row = QHBoxLayout()
        row.addWidget(self.proceed_button)
        row.addStretch(1)
        column.addLayout(row)
        centred = QWidget()
        centred.setFixedWidth(_COLUMN_WIDTH)
        centred.setLayout(column)
        # Stretches, not an alignment, which would give wrapped text the height of one line.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(centred)
        middle.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(middle)
        layout.addStretch(1)

    def show_text(self, heading: str, text: str, action: str) -> None:
        """Replace what is shown; ``action`` labels the button."""
        self._heading.setText(heading)
        self._text.setText(text)
        self.proceed_button.setText(action)
        self.proceed_button.setAccessibleName(f"{heading}. {text}. {action}")

    def text(self) -> str:
        """Heading and sentences on show."""
        return f"{self._heading.text()}\n{self._text.text()}"
