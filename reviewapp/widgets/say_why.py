"""Controls that cannot be used now tell why, where the mouse or a screen reader asks."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

_EXPLANATION = "explanation"


def say_why(control: QWidget | QAction, reason: str) -> None:
    """Disable ``control`` for this reason, its tool tip meanwhile; "" enables it again."""
    explanation = control.property(_EXPLANATION)
    if explanation is None:
        explanation = control.toolTip()
        control.setProperty(_EXPLANATION, explanation)
    control.setEnabled(not reason)
    control.setToolTip(reason or explanation)
    if isinstance(control, QWidget):
        control.setAccessibleDescription(reason or explanation)
