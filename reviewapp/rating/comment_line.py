"""The reader's comment on the image on show: hidden until asked for or written."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from reviewapp.translation import translate

_LONGEST = 2000


class CommentLine(QLineEdit):
    """Enter ends the typing (``returnPressed``)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(translate("Session", "Comment on this image; Enter to go on"))
        self.setAccessibleName(translate("Session", "Comment on this image"))
        self.setMaxLength(_LONGEST)
        self.hide()

    def show_comment(self, comment: str) -> None:
        """Show the comment that an image has; hidden where it has none."""
        self.setText(comment)
        self.setVisible(bool(comment))

    def begin(self) -> None:
        """Let the reader type."""
        self.show()
        self.setFocus()

    def end(self) -> str:
        """The comment as it is; hides the line where it is empty."""
        comment = self.text().strip()
        self.setVisible(bool(comment))
        return comment
