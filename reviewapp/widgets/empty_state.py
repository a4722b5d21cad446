"""What a page shows while there is nothing to show: why, and the one thing to do next."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_L, SPACE_S
from reviewapp.widgets.icon_label import IconLabel

_ICON_PX = 48
_TEXT_WIDTH = 420


class EmptyState(QWidget):
    """An icon, a title, a sentence and, where something can be done here, a button for it."""

    action = Signal()

    def __init__(
        self,
        icon_name: str,
        title: str,
        text: str,
        action_label: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        picture = IconLabel(icon(icon_name, "text_secondary"), _ICON_PX)
        self._title = QLabel(title)
        self._title.setProperty("role", "heading")
        self._text = QLabel(text)
        self._text.setProperty("role", "secondary")
        self._text.setWordWrap(True)
        self._text.setFixedWidth(_TEXT_WIDTH)
        self._text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.button: QPushButton | None = None
        layout = QVBoxLayout(self)
        layout.setSpacing(SPACE_S)
        layout.addStretch(2)
        for label in (picture, self._title):
            layout.addWidget(label, alignment=Qt.AlignmentFlag.AlignHCenter)
        # Centred by stretches: an aligned item does not get the height that wrapped text needs.
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(self._text)
        centred.addStretch(1)
        layout.addLayout(centred)
        if action_label is not None:
            self.button = QPushButton(action_label)
            self.button.setProperty("role", "primary")
            self.button.clicked.connect(self.action)
            layout.addSpacing(SPACE_L)
            layout.addWidget(self.button, alignment=Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def set_text(self, title: str, text: str) -> None:
        """Say something else."""
        self._title.setText(title)
        self._text.setText(text)
