"""What the session screen shows next, and what an answer means; no widgets."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from reviewapp.rating import session_words
from reviewapp.rating.drawn_mark import DrawnMark, Marking, new_mark_id
from reviewapp.rating.response_options import ResponseOption
from reviewapp.rating.showing_log import ShowingLog
from reviewapp.study.model import Mark, new_answer_id
from reviewapp.study.session import RatingSession

#: what the screen shows: the question before the start, an image to rate, practice feedback, a
#: break, the end
Scene = Literal["intro", "image", "feedback", "break", "finished"]
_NS_PER_MS = 1e6
#: longer pauses between two answers say nothing of a reader's pace
_LONGEST_STEP_S = 120.0


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """How the reader looked at an image when answering; None where a tool is not allowed."""

    window_center: float | None = None
    window_width: float | None = None
    zoom: float | None = None
    inverted: bool | None = None


@dataclass(frozen=True, slots=True)
class _Unsaved:
    option: ResponseOption
    answered_ns: int
    answered_at: datetime
    settings: ViewSettings
    answer_id: str


class SessionPresenter:
    """Walks a `RatingSession`; times are of a monotonic clock, in nanoseconds.

    An answer counts only after `image_painted`: a key pressed before the image was on the screen
    says nothing about it. A timed image is answered after `image_masked`, so that the time it was
    really shown is known. An answer that could not be written is kept for `retry`.
    """

    def __init__(
        self, session: RatingSession, clock_ns: Callable[[], int] = time.perf_counter_ns
    ) -> None:
        self.session = session
        self.protocol = session.study.protocol
        self._clock_ns = clock_ns
        self._painted_ns: int | None = None
        self._exposure_ms: float | None = None
        self._showings = ShowingLog(session)
        #: of the display that the image is on; None as long as nobody has told
        self.frame_interval_ms: float | None = None
        self._unsaved: _Unsaved | None = None
        self._introduced = False
        self._answered_ns: int | None = None
        self._steps_s: list[float] = []
        self._marks: dict[int, list[Mark]] = {}
        self._removed: list[Mark] = []
        #: trials beyond it have not been shown before, so that none of their marks is recorded
        self._furthest = -1
        self.comment = session.kept_comment()
        #: whether the reader lets the ratings train generators, as last ticked; no until then
        self.consent = session.consented is True
        self.marking = Marking()

    @property
    def scene(self) -> Scene:
        """What to show now."""
        if self.session.finished:
            return "finished"
        if not self._introduced:
            return "intro"
        if self.session.at_break:
            return "break"
        return "feedback" if self.session.feedback is not None else "image"

    @property
    def has_unsaved_answer(self) -> bool:
        """Whether the last answer still waits to be written."""
        return self._unsaved is not None

    @property
    def exposure_asked_ms(self) -> int | None:
        """How long the current image is to be shown; None as long as the reader likes."""
        return self.protocol.exposure_ms if self.protocol.design == "timed" else None

    @property
    def starts_masked(self) -> bool:
        """Whether the image has had its exposure: changing an answer gives no second look."""
        return self.exposure_asked_ms is not None and self.session.previous_answer is not None

    @property
    def is_painted(self) -> bool:
        """Whether the current image is, or was, on the screen."""
        return self._painted_ns is not None

    def image_painted(self, painted_ns: int) -> None:
        """The current image is on the screen since ``painted_ns``."""
        if self._painted_ns is not None:
            return
        self._painted_ns = painted_ns
        trial = self.session.current
        if self.exposure_asked_ms is not None and not self.starts_masked and trial is not None:
            self._showings.note(trial.trial_index)

    def image_masked(self, masked_ns: int) -> None:
        """The current image left the screen at ``masked_ns``."""
        if self._painted_ns is not None and self._exposure_ms is None:
            self._exposure_ms = (masked_ns - self._painted_ns) / _NS_PER_MS

    def answer(self, option: ResponseOption, settings: ViewSettings) -> bool:
        """Commit an answer and go on; False where there is nothing to answer.

        Raises `StoreError` when it cannot be written; `retry` tries the same answer again.
        """
        if self.scene != "image" or self._painted_ns is None or self._unsaved is not None:
            return False
        if self.exposure_asked_ms is not None and self._exposure() is None:
            return False
        self._unsaved = _Unsaved(
            option, self._clock_ns(), datetime.now(UTC), settings, new_answer_id()
        )
        self.retry()
        return True

    def retry(self) -> None:
        """Write the unsaved answer and go on; raises `StoreError` when either still fails.

        An answer that has been written counts once, however often this is called.
        """
        unsaved, painted_ns = self._unsaved, self._painted_ns
        if unsaved is None or painted_ns is None:
            return
        elapsed_ms = (unsaved.answered_ns - painted_ns) / _NS_PER_MS
        answered_at = unsaved.answered_at
        option, settings = unsaved.option, unsaved.settings
        self.session.answer(
            option.confidence,
            elapsed_ms,
            answered_at - timedelta(milliseconds=elapsed_ms),
            answered_at,
            response=option.response,
            exposure_ms=self._exposure(),
            window_center=settings.window_center,
            window_width=settings.window_width,
            zoom=settings.zoom,
            inverted=settings.inverted,
            n_showings=self._n_showings(),
            frame_interval_ms=self.frame_interval_ms,
            comment=self.comment,
            answer_id=unsaved.answer_id,
        )
        if self.session.feedback is None:
            self._advance()
        self._note_pace(unsaved.answered_ns)
        self._unsaved = None

    def proceed(self) -> bool:
        """Leave the question, feedback or a break; False where there is nothing to leave.

        Before the start this is the reader's answer to the question of consent. Raises `StoreError`
        when that cannot be written.
        """
        scene = self.scene
        if scene == "intro":
            if self.session.consented is None:
                self.session.consent(self.consent)
            self._introduced = True
        elif scene == "feedback":
            self._advance()
        elif scene == "break":
            self.session.end_break()
            self._answered_ns = None
        else:
            return False
        return True

    def change_consent(self, given: bool) -> None:
        """Note at once what the reader ticked; raises `StoreError` when it cannot be written."""
        self.consent = given
        if given != (self.session.consented is True):
            self.session.consent(given)

    def undo(self) -> bool:
        """Show the image answered last again; False where that is not possible."""
        if self._unsaved is not None or not self._introduced or not self.session.can_undo:
            return False
        self.session.undo()
        self._forget_image()
        previous = self.session.previous_answer
        self.comment = previous.comment if previous else ""
        return True

    def close(self) -> None:
        """Let go of the session; it can be resumed at the same image, with its comment."""
        self._showings.close()
        self.session.pause(self.comment)

    # Marks

    @property
    def can_mark(self) -> bool:
        """Whether regions of what is on the screen may be marked."""
        masked = self.exposure_asked_ms is not None
        return self.protocol.tools.marks and self.scene == "image" and not masked

    def marks(self) -> list[Mark]:
        """The marks on the current image, oldest first."""
        trial = self.session.current
        if trial is None or self.scene not in ("image", "feedback"):
            return []
        index = trial.trial_index
        if index not in self._marks:
            # A database read between two images would delay the second.
            seen_before = self._furthest < 0 or index <= self._furthest
            self._marks[index] = self.session.marks() if seen_before else []
        self._furthest = max(self._furthest, index)
        return self._marks[index]

    def name_mark(self, reason: str) -> bool:
        """Record the drawn region with its reason; False where none waits for one.

        Raises `StudyError` when it cannot be written; the region then still waits.
        """
        drawn, trial = self.marking.nameless, self.session.current
        if drawn is None or trial is None:
            return False
        mark = drawn.recorded(self.session.session_id, trial.trial_index, reason)
        self.session.mark(mark)
        self.marks().append(mark)
        self.marking.stop()
        return True

    def remove_mark(self, mark_id: str) -> None:
        """Take a mark back; raises `StudyError` when that cannot be written."""
        self.session.withdraw_mark(mark_id)
        self._removed += [mark for mark in self.marks() if mark.mark_id == mark_id]
        self.marks()[:] = [mark for mark in self.marks() if mark.mark_id != mark_id]

    @property
    def can_restore_mark(self) -> bool:
        """Whether a mark of the image on show was taken back."""
        return bool(self._removed) and self.can_mark

    def restore_mark(self) -> None:
        """Make the mark taken back last once more; raises `StudyError` when it is not written."""
        if self.can_restore_mark:
            again = replace(self._removed[-1], mark_id=new_mark_id())
            self.session.mark(again)
            self._removed.pop()
            self.marks().append(again)

    def drawn_marks(self, side: str) -> list[DrawnMark]:
        """The recorded marks and the one that waits for its reason, of one image of the pair."""
        drawn = [DrawnMark.of(mark) for mark in self.marks()]
        if self.marking.nameless is not None:
            drawn.append(self.marking.nameless)
        return [mark for mark in drawn if mark.side == side]

    # Words

    def progress_text(self) -> str:
        """Where the reader is, in words."""
        return session_words.progress_text(self.protocol, self.session.current)

    def interlude_text(self) -> tuple[str, str, str]:
        """Heading, sentences and the button's title of a scene without an image."""
        progress = self.session.progress
        if self.scene == "intro":
            return session_words.intro_text(self.protocol, progress)
        if self.scene == "break":
            return session_words.break_text(
                self.protocol, progress, self.session.current, self._seconds_left()
            )
        return session_words.end_text(progress)

    def consent_text(self) -> tuple[str, str]:
        """The question of consent and its explanation."""
        return session_words.consent_text(self.protocol)

    def feedback_text(self) -> tuple[str, str]:
        """What a practice image is, and whether the reader was right."""
        assert self.session.feedback is not None, "only practice images have feedback"
        return session_words.feedback_text(self.session.feedback)

    def _exposure(self) -> int | None:
        if self._exposure_ms is not None:
            return round(self._exposure_ms)
        previous = self.session.previous_answer
        return previous.exposure_ms if previous is not None and self.starts_masked else None

    def _n_showings(self) -> int | None:
        if self.exposure_asked_ms is None:
            return None
        previous = self.session.previous_answer
        return self._showings.count() if previous is None else previous.n_showings

    def _seconds_left(self) -> float | None:
        if not self._steps_s:
            return None
        return statistics.median(self._steps_s) * self.session.progress.remaining

    def _note_pace(self, answered_ns: int) -> None:
        if self._answered_ns is not None:
            step_s = (answered_ns - self._answered_ns) / 1e9
            if step_s < _LONGEST_STEP_S:
                self._steps_s.append(step_s)
        self._answered_ns = answered_ns

    def _advance(self) -> None:
        self.session.advance()
        self._forget_image()
        self.comment = ""

    def _forget_image(self) -> None:
        self._painted_ns = None
        self._exposure_ms = None
        self._removed.clear()
        self.marking.stop()
