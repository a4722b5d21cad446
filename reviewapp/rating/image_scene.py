"""The scene of an image: the image, a line for comment or mark, the scale, the progress."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewapp.rating.comment_line import CommentLine
from reviewapp.rating.feedback_line import FeedbackLine
from reviewapp.rating.mark_panel import MarkPanel
from reviewapp.rating.response_scale import ResponseScale
from reviewapp.rating.session_footer import SessionFooter
from reviewapp.rating.session_keys import allowed_commands
from reviewapp.rating.trial_stage import TrialStage
from reviewapp.study.protocol import Protocol
from reviewapp.theme.tokens import CONTROL_HEIGHT, SPACE_S, SPACE_XS

#: views lower than this, as on a small or enlarged screen, keep less room for words
_LOW = 480
#: heights of the line of answers, by the style sheet's buttons
_ANSWERS = 52
_LOW_ANSWERS = 44
_NARROW_COMMENT = 60
#: the most that a widget can have (QWIDGETSIZE_MAX, which PySide does not tell)
_ANY_WIDTH = 16_777_215


class ImageScene(QWidget):
    """Arranges the parts, which the session's view drives; `ask` and `tell` choose between two.

    In a low window comment and marks take the place of the footer instead of a line of their own.
    """

    def __init__(self, protocol: Protocol, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tight = False
        self.stage = TrialStage(protocol.tools, paired=protocol.is_paired)
        self.comment_edit = CommentLine()
        self.mark_panel = MarkPanel()
        self.scale = ResponseScale(protocol.answer_scale)
        self.feedback_line = FeedbackLine()
        self.footer = SessionFooter(allowed_commands(protocol))
        self._answers = QStackedWidget()
        self._answers.addWidget(self.scale)
        self._answers.addWidget(self.feedback_line)
        self._answers.setFixedHeight(_ANSWERS)
        # Its height is kept free, so that the image does not move when a line appears.
        self._notes = QWidget()
        self._notes.setFixedHeight(CONTROL_HEIGHT + 4)
        row = QHBoxLayout(self._notes)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.comment_edit, 1)
        row.addWidget(self.mark_panel, 1)
        for note in (self.comment_edit, self.mark_panel):
            note.installEventFilter(self)
        self.mark_panel.making_changed.connect(self._make_room_for_mark)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.stage, 1)
        layout.addWidget(self._notes)
        layout.addWidget(self._answers)
        layout.addWidget(self.footer)

    def fit(self, height: int) -> None:
        """Give the image more of a session's view that is as low as this.

        Before the first image shows, so that it does not jump.
        """
        tight = height < _LOW
        if tight != self._tight:
            self._tight = tight
            self.scale.set_tight(tight)
            self.feedback_line.set_tight(tight)
            self._answers.setFixedHeight(_LOW_ANSWERS if tight else _ANSWERS)
            # The notes take the footer's place, which is as high.
            self.footer.setFixedHeight(
                self._notes.height() if tight else self.footer.sizeHint().height()
            )
            self.layout().setSpacing(SPACE_XS if tight else SPACE_S)
            self._share_line()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A comment or a mark came or went."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._share_line()
        return super().eventFilter(watched, event)

    def _make_room_for_mark(self, making: bool) -> None:
        narrow = making and self._tight
        self.comment_edit.setMaximumWidth(_NARROW_COMMENT if narrow else _ANY_WIDTH)

    def _share_line(self) -> None:
        noted = not (self.comment_edit.isHidden() and self.mark_panel.isHidden())
        self._notes.setVisible(noted or not self._tight)
        self.footer.setVisible(not (noted and self._tight))

    def ask(self) -> None:
        """Show the scale beneath the image."""
        self._answers.setCurrentWidget(self.scale)

    def tell(self) -> None:
        """Show the feedback beneath the image."""
        self._answers.setCurrentWidget(self.feedback_line)
