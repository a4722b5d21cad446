"""What the views of all steps share: a heading, a note, a body that scrolls, buttons below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.translation import translate

#: longer lines are hard to read, and longer fields say nothing
_WIDEST = 680


class StepView(QWidget):
    """Subclasses add to ``body`` and, from the left, to ``buttons``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = QLabel()
        self._heading.setProperty("role", "heading")
        self._heading.setWordWrap(True)
        self._note = wrapped("", "secondary")
        content = QWidget()
        content.setMaximumWidth(_WIDEST)
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(0, 0, SPACE_M, 0)
        self.body.setSpacing(SPACE_M)
        self.body.addWidget(self._heading)
        self.body.addWidget(self._note)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(content)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName(translate("Rounds", "Step of the round"))
        # Its controls take the focus; the empty ground would only be one more stop.
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(SPACE_S)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self._scroll, 1)
        layout.addLayout(self.buttons)

    def say(self, heading: str, note: str) -> None:
        """Replace the heading and the sentence below it."""
        self._heading.setText(heading)
        self._note.setText(note)
        self._note.setVisible(bool(note))


def wrapped(text: str, role: str = "") -> QLabel:
    """A label that breaks its lines and shows them as they are."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        label.setProperty("role", role)
    return label


def primary(text: str) -> QPushButton:
    """The button that goes on."""
    button = QPushButton(text)
    button.setProperty("role", "primary")
    return button
