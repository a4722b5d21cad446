"""After a practice image, in the place of the scale: what it is, and whether that was seen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from reviewapp.theme.tokens import SPACE_M
from reviewapp.translation import translate

_HEIGHT = 52


class FeedbackLine(QWidget):
    """The image stays on show above it; ``proceed`` when the reader goes on."""

    proceed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(_HEIGHT)
        self.truth_label = QLabel()
        self.truth_label.setProperty("role", "title")
        self.verdict_label = QLabel()
        self.proceed_button = QPushButton(translate("Session", "Next (Space)"))
        self.proceed_button.setProperty("role", "primary")
        self.proceed_button.setAccessibleName(translate("Session", "Next image"))
        self.proceed_button.clicked.connect(self.proceed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        layout.addStretch(1)
        layout.addWidget(self.truth_label)
        layout.addWidget(self.verdict_label)
        layout.addSpacing(SPACE_M)
        layout.addWidget(self.proceed_button)
        layout.addStretch(1)

    def set_tight(self, tight: bool) -> None:
        """Be as low as the scale in a low window."""
        self.setMinimumHeight(0 if tight else _HEIGHT)

    def show_feedback(self, truth: str, verdict: str) -> None:
        """Replace the words."""
        self.truth_label.setText(truth)
        self.verdict_label.setText(verdict)
        self.proceed_button.setAccessibleDescription(f"{truth}. {verdict}")
