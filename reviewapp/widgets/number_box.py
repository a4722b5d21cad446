"""Fields for numbers that are as high, and keep as much room, as the other fields."""

from __future__ import annotations

from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget

from reviewapp.theme.tokens import CONTROL_HEIGHT, SPACE_S


class NumberBox(QSpinBox):
    """Use it in place of `QSpinBox`: padding and height of its text are beyond style sheets."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _make_room(self)


class DecimalBox(QDoubleSpinBox):
    """Use it in place of `QDoubleSpinBox`, for the same reason."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        _make_room(self)


def _make_room(box: QSpinBox | QDoubleSpinBox) -> None:
    box.setFixedHeight(CONTROL_HEIGHT)
    box.lineEdit().setTextMargins(SPACE_S, 0, 0, 0)
