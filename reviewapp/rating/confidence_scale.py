"""The six-point scale from definitely generated to definitely real, as keys and buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from reviewapp.theme.tokens import SPACE_L, SPACE_S

#: label of each confidence; 1 to 3 call the image generated, 4 to 6 call it real
CONFIDENCE_LABELS: dict[int, str] = {
    1: "Definitely generated",
    2: "Probably generated",
    3: "Maybe generated",
    4: "Maybe real",
    5: "Probably real",
    6: "Definitely real",
}
_FIRST_REAL = 4
_BUTTON_HEIGHT = 52


def confidence_of_key(key: int) -> int | None:
    """The confidence that a Qt key stands for, on the number row and the keypad alike."""
    confidence = key - Qt.Key.Key_0
    return confidence if confidence in CONFIDENCE_LABELS else None


class ConfidenceScale(QWidget):
    """Six buttons; ``chosen`` carries 1 (definitely generated) to 6 (definitely real)."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        self.buttons: dict[int, QPushButton] = {}
        for confidence, label in CONFIDENCE_LABELS.items():
            if confidence == _FIRST_REAL:
                layout.addSpacing(SPACE_L)
            button = QPushButton(f"{confidence}\n{label}")
            button.setObjectName(f"confidence-{confidence}")
            button.setMinimumHeight(_BUTTON_HEIGHT)
            button.setAccessibleName(f"{confidence}: {label}")
            # Keys reach the session view whatever has the focus; Tab still goes through the scale.
            button.clicked.connect(lambda _=False, value=confidence: self.chosen.emit(value))
            layout.addWidget(button, 1)
            self.buttons[confidence] = button
