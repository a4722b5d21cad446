"""The last row of a dialog that asks for one thing: do it, or cancel."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton


class ConfirmButtons(QDialogButtonBox):
    """*Cancel* rejects ``dialog``; ``confirm_button``, its words the deed, accepts it."""

    def __init__(self, dialog: QDialog, words: str) -> None:
        super().__init__(QDialogButtonBox.StandardButton.Cancel)
        self.confirm_button = QPushButton(words)
        self.confirm_button.setProperty("role", "primary")
        self.addButton(self.confirm_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.accepted.connect(dialog.accept)
        self.rejected.connect(dialog.reject)
