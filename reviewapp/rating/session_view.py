"""The screen a reader works in: the image, the scale, the progress, and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from reviewapp.rating.display_timing import display_detail, frame_interval_ms
from reviewapp.rating.exposure import Exposure
from reviewapp.rating.image_feed import ImageFeed
from reviewapp.rating.image_scene import ImageScene
from reviewapp.rating.interlude import Interlude
from reviewapp.rating.mark_tools import MarkTools
from reviewapp.rating.response_options import ResponseOption, option_of_key
from reviewapp.rating.session_keys import (
    ARROW_KEYS,
    MODIFIER_KEYS,
    PROCEED_KEYS,
    Command,
    command_of_key,
    help_rows,
)
from reviewapp.rating.session_presenter import SessionPresenter
from reviewapp.study.errors import StudyError
from reviewapp.study.session import RatingSession, TrialView
from reviewapp.theme.neutral_grey import SESSION_LUMINANCE, neutral_grey
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.keys_overlay import KeysOverlay
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.prepared_image import PreparedImage

#: after an answer could not be written, until it is tried again
_AGAIN_MS = 3000


class SessionView(QWidget):
    """One open session; ``left`` when the reader pauses or has finished.

    Every key goes to the session whatever control has the focus, except while a comment is typed.
    """

    left = Signal()

    def __init__(self, session: RatingSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = SessionPresenter(session)
        protocol = self.presenter.protocol
        self._screen_told = ""
        self.messages = MessageBar()
        self._image_scene = ImageScene(protocol)
        self.stage = self._image_scene.stage
        self.stage.painted.connect(self._note_paint)
        self._feed = ImageFeed(session)
        self._cover: PreparedImage | None = None
        self.exposure = Exposure(self)
        self.exposure.due.connect(self._cover_image)
        self.scale = self._image_scene.scale
        self.scale.chosen.connect(self._answer)
        self.feedback_line = self._image_scene.feedback_line
        self.feedback_line.proceed.connect(self._proceed)
        self.mark_panel = self._image_scene.mark_panel
        self.mark_tools = MarkTools(self.presenter, self.stage, self.mark_panel, self)
        self.mark_tools.failed.connect(self.messages.show_error)
        self.mark_tools.stored.connect(self._note_mark)
        self.comment_edit = self._image_scene.comment_edit
        self.comment_edit.returnPressed.connect(self._end_comment)
        self.footer = self._image_scene.footer
        self.footer.commanded.connect(self._command)
        self.interlude = Interlude()
        self.interlude.proceed.connect(self._proceed)
        self.interlude.consent_changed.connect(self._change_consent)
        self._scenes = QStackedWidget()
        self._lay_out()
        self.keys_overlay = KeysOverlay(self)
        self.keys_overlay.set_rows(help_rows(protocol))
        for button in self.findChildren(QPushButton):
            button.installEventFilter(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_scene()
        self._feed.expect(self.stage.view_px())
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_AGAIN_MS)
        self._again.timeout.connect(self._try_again)
        self._warned_of_leaving = False

    def _lay_out(self) -> None:
        self._scenes.addWidget(self._image_scene)
        self._scenes.addWidget(self.interlude)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.messages)
        layout.addWidget(self._scenes, 1)
        self.setObjectName("session")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(f"#session {{ background: {neutral_grey(SESSION_LUMINANCE)}; }}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The image comes first where there is little room."""
        super().resizeEvent(event)
        self._image_scene.fit(self.height())

    @property
    def proceed_button(self) -> QPushButton:
        """The button that leaves the scene on show, which Space presses too."""
        feedback = self.presenter.scene == "feedback"
        return self.feedback_line.proceed_button if feedback else self.interlude.proceed_button

    def show_scene(self) -> None:
        """Show what the presenter says comes now."""
        scene = self.presenter.scene
        if scene == "image":
            self._show_image()
        elif scene == "feedback":
            self._show_feedback()
        else:
            self.exposure.end()
            self.stage.clear()
            self._scenes.setCurrentWidget(self.interlude)
            self.interlude.show_text(*self.presenter.interlude_text())
            self.interlude.show_consent(*self.presenter.consent_text(), self.presenter.consent)
            self.interlude.proceed_button.setFocus()

    def leave(self) -> None:
        """Let go of the session; it can be resumed at the same image.

        Raises `StudyError` when that, or a comment, cannot be noted.
        """
        self._again.stop()
        self.stage.stop_cine()
        self._feed.close()
        if self.presenter.scene == "image":
            self.presenter.comment = self.comment_edit.end()
        self.presenter.close()

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the arrow keys, which buttons would use to move the focus."""
        is_press = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if is_press and (event.key() in ARROW_KEYS or self.keys_overlay.isVisible()):
            self.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the session; the canvas and the buttons pass on what they do not use."""
        # A key held down must not rate one image after the other.
        if event.isAutoRepeat() or self._handle_key(event.key()):
            event.accept()
        else:
            super().keyPressEvent(event)

    def _handle_key(self, key: int) -> bool:
        if key in MODIFIER_KEYS:
            return False
        if self.keys_overlay.isVisible():
            if not self.keys_overlay.scroll(key):
                self.keys_overlay.hide()
        elif self.presenter.has_unsaved_answer and key in PROCEED_KEYS:
            self._write(self.presenter.retry)
        elif self.mark_tools.handle_key(key):
            pass
        elif key == Qt.Key.Key_Escape and self.comment_edit.hasFocus():
            self._end_comment()
        elif option := option_of_key(self.presenter.protocol.answer_scale, key):
            self._answer(option)
        elif key in PROCEED_KEYS:
            self._proceed()
        elif key == Qt.Key.Key_Escape:
            self._ask_to_leave()
        elif command := command_of_key(key):
            self._command(command)
        else:
            return False
        return True

    def _command(self, command: Command) -> None:
        if command == "keys":
            self.keys_overlay.toggle()
        elif command == "pause":
            self._ask_to_leave()
        elif command == "undo":
            self._undo()
        elif self.presenter.scene == "image":
            self._command_image(command)

    def _command_image(self, command: Command) -> None:
        if command == "mark":
            self.mark_tools.begin()
        elif command == "comment" and self.presenter.protocol.tools.comment:
            self.comment_edit.begin()
        elif command == "reset":
            self.stage.reset_view()
        elif command == "invert":
            self.stage.invert()
        elif command == "cine":
            self._toggle_cine()

    def _toggle_cine(self) -> None:
        trial = self.presenter.session.current
        if self.stage.cine_runs:
            self.stage.stop_cine()
        elif trial is not None and self.presenter.protocol.tools.cine:
            try:
                self.stage.play_cine(self._feed.cine(trial))
            except StudyError as error:
                self.messages.show_error(str(error))

    # Images

    def _show_image(self) -> None:
        trial = self.presenter.session.current
        assert trial is not None, "an image scene has a trial"
        try:
            self._put_on_stage(trial, masked=self.presenter.starts_masked)
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        self._image_scene.ask()
        self._scenes.setCurrentWidget(self._image_scene)
        # The image first: what stands around it may come some milliseconds later.
        self.stage.show_now()
        self.comment_edit.show_comment(self.presenter.comment)
        self.scale.show_given(self.presenter.session.previous_answer)
        self.footer.show_progress(self.presenter.session.progress, self.presenter.progress_text())
        self.mark_tools.show()
        self.stage.first.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.exposure.running:
            self._feed.expect(self.stage.view_px())

    def _show_feedback(self) -> None:
        trial = self.presenter.session.current
        if trial is not None and self.presenter.exposure_asked_ms is not None:
            self._put_on_stage(trial, masked=False)
        self.feedback_line.show_feedback(*self.presenter.feedback_text())
        self._image_scene.tell()
        self.feedback_line.proceed_button.setFocus()

    def _put_on_stage(self, trial: TrialView, *, masked: bool) -> None:
        self.exposure.end()
        images = self._feed.images(trial)
        if self.presenter.exposure_asked_ms is not None:
            # Ready before the image is shown, so that it comes when the time is over.
            self._cover = self._feed.cover(trial)
        if masked and self._cover is not None:
            self.stage.show_cover(self._cover)
        else:
            self.stage.show_images(images)

    def _note_paint(self, painted_ns: int) -> None:
        if self.presenter.scene != "image":
            return
        if self.exposure.running:
            self.exposure.end()
            self.presenter.image_masked(painted_ns)
            self._feed.expect(self.stage.view_px())
        elif not self.presenter.is_painted:
            self.presenter.image_painted(painted_ns)
            asked_ms = self.presenter.exposure_asked_ms
            if asked_ms is not None and not self.presenter.starts_masked:
                self.exposure.begin(painted_ns, asked_ms)
            self._tell_display()

    def _cover_image(self) -> None:
        if self._cover is not None:
            self.stage.show_cover(self._cover)
            self.stage.show_now()

    def _tell_display(self) -> None:
        self.presenter.frame_interval_ms = frame_interval_ms(self.screen())
        detail = display_detail(self.screen())
        if detail != self._screen_told:
            # With the next image again, if it cannot be logged now.
            with contextlib.suppress(StudyError):
                self.presenter.session.note_display(detail)
                self._screen_told = detail

    # Answers

    def _answer(self, option: ResponseOption) -> None:
        if self.exposure.running:
            self._cover_image()
        self.presenter.comment = self.comment_edit.end()
        settings = self.stage.settings()
        self._write(lambda: self.presenter.answer(option, settings))

    def _write(self, action: Callable[[], bool | None]) -> None:
        try:
            if action() is False:
                return
        except StudyError as error:
            kept = translate(
                "Session",
                "Your answer is kept and tried again every few seconds; Enter tries at once.",
            )
            self.messages.show_error(f"{error}\n{kept}")
            self.setFocus()
            self._again.start()
            return
        self._again.stop()
        self._warned_of_leaving = False
        self.messages.clear()
        self.show_scene()

    def _try_again(self) -> None:
        if self.presenter.has_unsaved_answer:
            self._write(self.presenter.retry)

    def _ask_to_leave(self) -> None:
        """Leave; without an answer that cannot be written only when asked for twice."""
        if self.presenter.has_unsaved_answer and not self._warned_of_leaving:
            self._try_again()
            if self.presenter.has_unsaved_answer:
                self._warned_of_leaving = True
                lost = translate(
                    "Session", "Press Esc once more to leave without this answer; it is lost then."
                )
                self.messages.show_error(f"{self.messages.text}\n{lost}")
                return
        self.left.emit()

    def _proceed(self) -> None:
        if self.presenter.scene == "finished":
            self.left.emit()
            return
        try:
            if self.presenter.proceed():
                self.show_scene()
        except StudyError as error:
            again = translate("Session", "Press Space to try again.")
            self.messages.show_error(f"{error}\n{again}")

    def _change_consent(self, given: bool) -> None:
        try:
            self.presenter.change_consent(given)
        except StudyError as error:
            self.messages.show_error(str(error))
            self.interlude.show_consent(*self.presenter.consent_text(), not given)

    def _undo(self) -> None:
        if self.presenter.undo():
            self.show_scene()

    def _end_comment(self) -> None:
        self.presenter.comment = self.comment_edit.end()
        self.stage.first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _note_mark(self) -> None:
        self.messages.clear()
        self.stage.first.setFocus(Qt.FocusReason.OtherFocusReason)
