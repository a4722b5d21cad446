"""What a reader sees between images: practice feedback, breaks, the end of the session."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from reviewapp.theme.tokens import SPACE_L, SPACE_M

_COLUMN_WIDTH = 560


class Interlude(QWidget):
    """A heading, a few sentences and one button, centred; ``proceed`` when the reader goes on.

    Above the button stands the question of consent, with its explanation; ``consent_changed`` when
    the reader answers it.
    """

    proceed = Signal()
    consent_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = QLabel()
        self._heading.setProperty("role", "title")
        self._heading.setWordWrap(True)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.consent_box = QCheckBox()
        self.consent_box.toggled.connect(self.consent_changed)
        self._consent_note = QLabel()
        self._consent_note.setProperty("role", "secondary")
        self._consent_note.setWordWrap(True)
        self.consent_box.hide()
        self._consent_note.hide()
        self.proceed_button = QPushButton()
        self.proceed_button.setProperty("role", "primary")
        self.proceed_button.clicked.connect(self.proceed)
        column = QVBoxLayout()
        column.setSpacing(SPACE_M)
        column.addWidget(self._heading)
        column.addWidget(self._text)
        column.addSpacing(SPACE_L)
        column.addWidget(self.consent_box)
        column.addWidget(self._consent_note)
        column.addSpacing(SPACE_L)
        row = QHBoxLayout()
        row.addWidget(self.proceed_button)
        row.addStretch(1)
        column.addLayout(row)
        centred = QWidget()
        centred.setMaximumWidth(_COLUMN_WIDTH)
        centred.setLayout(column)
        # Stretches, not an alignment, which would give wrapped text the height of one line.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(centred, 1000)
        middle.addStretch(1)
        content = QWidget()
        content.setObjectName("interlude")
        content.setStyleSheet("#interlude { background: transparent; }")
        rows = QVBoxLayout(content)
        rows.addStretch(1)
        rows.addLayout(middle)
        rows.addStretch(1)
        scrolled = QScrollArea()
        scrolled.setWidgetResizable(True)
        scrolled.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scrolled.setWidget(content)
        scrolled.viewport().setAutoFillBackground(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scrolled)

    def show_text(self, heading: str, text: str, action: str) -> None:
        """Replace what is shown; ``action`` labels the button."""
        self._heading.setText(heading)
        self._text.setText(text)
        self.proceed_button.setText(action)
        self.proceed_button.setAccessibleName(f"{heading}. {text}. {action}")

    def show_consent(self, question: str, note: str, given: bool) -> None:
        """Ask for consent, as it stands now; "" as ``question`` asks nothing."""
        self.consent_box.blockSignals(True)
        self.consent_box.setChecked(given)
        self.consent_box.blockSignals(False)
        self.consent_box.setText(question)
        self.consent_box.setAccessibleName(question.replace("&", ""))
        self.consent_box.setAccessibleDescription(note)
        self._consent_note.setText(note)
        self.consent_box.setVisible(bool(question))
        self._consent_note.setVisible(bool(question))

    def text(self) -> str:
        """Heading and sentences on show."""
        return f"{self._heading.text()}\n{self._text.text()}"
