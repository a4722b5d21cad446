"""The last line of a session: how far the reader is, and what else can be done, for the mouse."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from reviewapp.rating.session_keys import COMMANDS, Command
from reviewapp.study.session import SessionProgress
from reviewapp.theme.tokens import SPACE_M, SPACE_XS
from reviewapp.translation import translate

_BAR_WIDTH = 180
_NARROW_BAR = 24


class SessionFooter(QWidget):
    """Progress on the left, quiet buttons on the right; ``commanded`` carries a `Command`."""

    commanded = Signal(str)

    def __init__(self, commands: Iterable[Command], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        wanted = set(commands)
        self.progress_label = QLabel()
        self.progress_label.setProperty("role", "secondary")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMinimumWidth(_NARROW_BAR)
        self.bar.setMaximumWidth(_BAR_WIDTH)
        self.bar.setProperty("role", "thin")
        self.bar.setAccessibleName(translate("Session", "Progress of the session"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        layout.addWidget(self.bar, 1)
        layout.addSpacing(SPACE_M)
        layout.addWidget(self.progress_label)
        layout.addStretch(1)
        self.buttons: dict[Command, QPushButton] = {}
        for entry in COMMANDS:
            if entry.button and entry.command in wanted:
                button = QPushButton(f"{entry.button}  {entry.key_text}")
                button.setProperty("role", "command")
                button.setAccessibleName(
                    translate("Keys", "{action}, key {key}").format(
                        action=entry.button, key=entry.key_text
                    )
                )
                button.setToolTip(f"{entry.meaning[0].upper()}{entry.meaning[1:]}")
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.clicked.connect(
                    lambda _=False, command=entry.command: self.commanded.emit(command)
                )
                layout.addWidget(button)
                self.buttons[entry.command] = button

    def show_progress(self, progress: SessionProgress, text: str) -> None:
        """How far the session is, as a bar and in words."""
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.answered)
        self.progress_label.setText(text)
        self.bar.setAccessibleDescription(text)
