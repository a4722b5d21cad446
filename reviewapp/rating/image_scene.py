"""The scene of an image: the image, a line for comment or mark, the scale, the progress."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from reviewapp.rating.comment_line import CommentLine
from reviewapp.rating.feedback_line import FeedbackLine
from reviewapp.rating.mark_panel import MarkPanel
from reviewapp.rating.response_scale import ResponseScale
from reviewapp.rating.session_footer import SessionFooter
from reviewapp.rating.session_keys import allowed_commands
from reviewapp.rating.trial_stage import TrialStage
from reviewapp.study.protocol import Protocol
from reviewapp.theme.tokens import CONTROL_HEIGHT, SPACE_S


class ImageScene(QWidget):
    """Arranges the parts, which the session's view drives; `ask` and `tell` choose between two."""

    def __init__(self, protocol: Protocol, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage = TrialStage(protocol.tools, paired=protocol.is_paired)
        self.comment_edit = CommentLine()
        self.mark_panel = MarkPanel()
        self.scale = ResponseScale(protocol.answer_scale)
        self.feedback_line = FeedbackLine()
        self.footer = SessionFooter(allowed_commands(protocol))
        self._answers = QStackedWidget()
        self._answers.addWidget(self.scale)
        self._answers.addWidget(self.feedback_line)
        self._answers.setSizePolicy(
            self._answers.sizePolicy().horizontalPolicy(), self._answers.sizePolicy().Policy.Fixed
        )
        # Its height is kept free, so that the image does not move when a line appears.
        notes = QWidget()
        notes.setFixedHeight(CONTROL_HEIGHT + 4)
        row = QHBoxLayout(notes)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.comment_edit, 1)
        row.addWidget(self.mark_panel, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.stage, 1)
        layout.addWidget(notes)
        layout.addWidget(self._answers)
        layout.addWidget(self.footer)

    def ask(self) -> None:
        """Show the scale beneath the image."""
        self._answers.setCurrentWidget(self.scale)

    def tell(self) -> None:
        """Show the feedback beneath the image."""
        self._answers.setCurrentWidget(self.feedback_line)
