"""What concerns the whole workspace, told above whichever page is in front."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from reviewapp.widgets.message_bar import MessageBar


class WorkspaceMessages(MessageBar):
    """A message bar that keeps what can wait until the reader has left the session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading = False
        self._waiting = ""

    def set_reading(self, on: bool) -> None:
        """A reader is in a session, or no longer."""
        self._reading = on
        if not on and self._waiting:
            text, self._waiting = self._waiting, ""
            self.show_error(text)

    def show_when_not_reading(self, text: str) -> None:
        """Say what failed, at once or after the session; a message that offers something stays."""
        if self.isVisibleTo(self.parentWidget()) and self._action is not None:
            return
        if self._reading:
            self._waiting = text
        else:
            self.show_error(text)

    def clear(self) -> None:
        """Take the message away, and what was to be told later."""
        self._waiting = ""
        super().clear()
