"""Warns the reader of a pack whose images leak their source, before the session."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from reviewapp.rating.leak_words import session_warning
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.confirm_buttons import ConfirmButtons

_WIDTH = 440


class LeakWarningDialog(QDialog):
    """Start is one key away, for a reader whom the coordinator has told to go on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Rating", "Before you start"))
        self.setFixedWidth(_WIDTH)
        # The pack tells no figure: whoever knows how well it can be done may look for the how.
        self.warning_label = QLabel(session_warning(None))
        self.warning_label.setProperty("role", "error")
        self.warning_label.setWordWrap(True)
        buttons = ConfirmButtons(self, translate("Rating", "Start all the same"))
        self.start_button = buttons.confirm_button
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self.warning_label)
        layout.addWidget(buttons)
        # Once it is part of the dialog: before, another button would take Enter.
        self.start_button.setDefault(True)
