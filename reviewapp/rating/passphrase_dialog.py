"""Asks for the coordinator's passphrase for something that leaves the study blinded."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.confirm_buttons import ConfirmButtons

_WIDTH = 460


class PassphraseDialog(QDialog):
    """Says what for, and takes the passphrase; it checks nothing itself."""

    def __init__(
        self, title: str, purpose: str, action: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setFixedWidth(_WIDTH)
        text = QLabel(purpose)
        text.setWordWrap(True)
        label = QLabel(translate("Rating", "Coordinator's &passphrase"))
        self.passphrase_edit = QLineEdit()
        self.passphrase_edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase_edit.setAccessibleName(translate("Rating", "Coordinator's passphrase"))
        label.setBuddy(self.passphrase_edit)
        buttons = ConfirmButtons(self, action)
        self.action_button = buttons.confirm_button
        self.action_button.setEnabled(False)
        self.passphrase_edit.textChanged.connect(
            lambda text: self.action_button.setEnabled(bool(text))
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        for widget in (text, label, self.passphrase_edit, buttons):
            layout.addWidget(widget)
        self.action_button.setDefault(True)

    def passphrase(self) -> str:
        """What was typed, unchanged."""
        return self.passphrase_edit.text()
