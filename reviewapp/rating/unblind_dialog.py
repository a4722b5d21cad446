"""Asks for the coordinator's passphrase before a study's blinding ends for good."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.confirm_buttons import ConfirmButtons

_WIDTH = 460


class UnblindDialog(QDialog):
    """Explains what unblinding does and takes the passphrase; it checks nothing itself."""

    def __init__(self, study_name: str, unfinished: int, parent: QWidget | None = None) -> None:
        """``unfinished`` is the number of sessions that readers have begun and not ended."""
        super().__init__(parent)
        self.setWindowTitle(translate("Rating", "Unblind the study"))
        self.setFixedWidth(_WIDTH)
        heading = QLabel(f"End the blinding of “{study_name}”?")
        heading.setProperty("role", "heading")
        heading.setWordWrap(True)
        text = QLabel(
            translate(
                "Rating",
                "Everybody who opens this workspace can then see which images are generated. "
                "This cannot be undone, and its date and time are recorded with the study.",
            )
        )
        text.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(heading)
        layout.addWidget(text)
        if unfinished:
            one = unfinished == 1
            count = "1 session is" if one else f"{unfinished} sessions are"
            warning = QLabel(
                f"{count} not finished. Once the study is unblinded, "
                f"{'it' if one else 'they'} cannot be continued without knowing the truth."
            )
            warning.setProperty("role", "error")
            warning.setWordWrap(True)
            layout.addWidget(warning)

        label = QLabel(translate("Rating", "Coordinator's &passphrase"))
        self.passphrase_edit = QLineEdit()
        self.passphrase_edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.passphrase_edit.setAccessibleName(translate("Rating", "Coordinator's passphrase"))
        label.setBuddy(self.passphrase_edit)
        field = QVBoxLayout()
        field.setSpacing(SPACE_S)
        field.addWidget(label)
        field.addWidget(self.passphrase_edit)
        layout.addLayout(field)

        buttons = ConfirmButtons(self, translate("Rating", "Unblind"))
        self.unblind_button = buttons.confirm_button
        self.unblind_button.setEnabled(False)
        layout.addWidget(buttons)
        self.unblind_button.setDefault(True)
        self.passphrase_edit.textChanged.connect(
            lambda text: self.unblind_button.setEnabled(bool(text))
        )

    def passphrase(self) -> str:
        """What was typed, unchanged."""
        return self.passphrase_edit.text()
