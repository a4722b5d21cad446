"""The screen a reader works in: the image, the scale, the progress, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from reviewapp.rating.confidence_scale import ConfidenceScale, confidence_of_key
from reviewapp.rating.image_preloader import ImagePreloader
from reviewapp.rating.interlude import Interlude
from reviewapp.rating.session_presenter import SessionPresenter, ViewSettings
from reviewapp.study.errors import StudyError
from reviewapp.study.session import RatingSession
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.widgets.image_canvas import ImageCanvas
from reviewapp.widgets.message_bar import MessageBar

_PRELOADED = 3
_KEYS = "1–6 rate     Z undo     C comment     P pause"
_RETRY_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class SessionView(QWidget):
    """One open session; ``left`` when the reader pauses or has finished.

    Every key goes to the session whatever control has the focus, except while a comment is typed.
    """

    left = Signal()

    def __init__(self, session: RatingSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = SessionPresenter(session)
        self._tools = session.study.protocol.tools
        self._preloader = ImagePreloader()
        self.messages = MessageBar()
        self.canvas = ImageCanvas(left_drag="window" if self._tools.window else "pan")
        self.canvas.setAccessibleName("Image to rate")
        self.canvas.set_smooth(True)
        self.canvas.painted.connect(self.presenter.image_painted)
        self.scale = ConfidenceScale()
        self.scale.chosen.connect(self._answer)
        self.comment_edit = QLineEdit()
        self.comment_edit.setPlaceholderText("Comment on this image; Enter to go on")
        self.comment_edit.setAccessibleName("Comment on this image")
        self.comment_edit.setMaxLength(2000)
        self.comment_edit.returnPressed.connect(self._end_comment)
        self.comment_edit.hide()
        self.progress_label = QLabel()
        self.progress_label.setProperty("role", "secondary")
        keys = QLabel(_KEYS)
        keys.setProperty("role", "secondary")
        self.interlude = Interlude()
        self.interlude.proceed.connect(self._proceed)

        footer = QHBoxLayout()
        footer.addWidget(self.progress_label)
        footer.addStretch(1)
        footer.addWidget(keys)
        self._image_scene = QWidget()
        scene = QVBoxLayout(self._image_scene)
        scene.setContentsMargins(0, 0, 0, 0)
        scene.setSpacing(SPACE_S)
        scene.addWidget(self.canvas, 1)
        scene.addWidget(self.comment_edit)
        scene.addWidget(self.scale)
        scene.addLayout(footer)
        self._scenes = QStackedWidget()
        self._scenes.addWidget(self._image_scene)
        self._scenes.addWidget(self.interlude)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.messages)
        layout.addWidget(self._scenes, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_scene()

    def show_scene(self) -> None:
        """Show what the presenter says comes now."""
        scene = self.presenter.scene
        if scene == "image":
            self._show_image()
            return
        self._scenes.setCurrentWidget(self.interlude)
        if scene == "feedback":
            heading, text = self.presenter.feedback_text()
            self.interlude.show_text(heading, text, "Next image (Space)")
        elif scene == "break":
            heading, text = self.presenter.break_text()
            self.interlude.show_text(heading, text, "Go on (Space)")
        else:
            heading, text = self.presenter.end_text()
            self.interlude.show_text(heading, text, "Close (Space)")
        self.interlude.proceed_button.setFocus()

    def leave(self) -> None:
        """Let go of the session; it can be resumed at the same image."""
        self._preloader.close()
        self.presenter.session.pause()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the session; the canvas and the buttons pass on what they do not use."""
        key = event.key()
        confidence = confidence_of_key(key)
        if self.presenter.has_unsaved_answer and key in _RETRY_KEYS:
            self._write(self.presenter.retry)
        elif confidence is not None:
            self._answer(confidence)
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._proceed()
        elif key == Qt.Key.Key_Z:
            self._undo()
        elif key == Qt.Key.Key_C and self.presenter.scene == "image":
            self._begin_comment()
        elif key == Qt.Key.Key_Escape and self.comment_edit.isVisible():
            self._end_comment()
        elif key in (Qt.Key.Key_P, Qt.Key.Key_Escape):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _show_image(self) -> None:
        session = self.presenter.session
        trial = session.current
        assert trial is not None, "an image scene has a trial"
        self._preloader.expect([trial.path, *session.upcoming(_PRELOADED)])
        try:
            pixels = self._preloader.pixels(trial.path)
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        self.progress_label.setText(self.presenter.progress_text())
        self.comment_edit.setText(self.presenter.comment)
        self.comment_edit.setVisible(bool(self.presenter.comment))
        self._mark_previous()
        self._scenes.setCurrentWidget(self._image_scene)
        self.canvas.set_image(pixels)
        self.canvas.setFocus()

    def _mark_previous(self) -> None:
        previous = self.presenter.session.previous_answer
        for confidence, button in self.scale.buttons.items():
            button.setCheckable(previous is not None)
            button.setChecked(previous is not None and previous.confidence == confidence)

    def _answer(self, confidence: int) -> None:
        self.presenter.comment = self.comment_edit.text().strip()
        settings = ViewSettings(
            self.canvas.window_center if self._tools.window else None,
            self.canvas.window_width if self._tools.window else None,
            self.canvas.zoom if self._tools.zoom else None,
        )
        self._write(lambda: self.presenter.answer(confidence, settings))

    def _write(self, action: Callable[[], object]) -> None:
        try:
            action()
        except StudyError as error:
            self.messages.show_error(f"{error}\nYour answer is kept: press Enter to try again.")
            self.setFocus()
            return
        self.messages.clear()
        self.show_scene()

    def _proceed(self) -> None:
        if self.presenter.scene == "finished":
            self.left.emit()
        elif self.presenter.proceed():
            self.show_scene()

    def _undo(self) -> None:
        if self.presenter.undo():
            self.show_scene()

    def _begin_comment(self) -> None:
        self.comment_edit.show()
        self.comment_edit.setFocus()

    def _end_comment(self) -> None:
        self.presenter.comment = self.comment_edit.text().strip()
        self.comment_edit.setVisible(bool(self.presenter.comment))
        self.canvas.setFocus()
