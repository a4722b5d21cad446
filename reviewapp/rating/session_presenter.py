"""What the session screen shows next, and what a key means; no widgets."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from reviewapp.study.model import new_answer_id
from reviewapp.study.session import RatingSession

#: what the screen shows: an image to rate, practice feedback, a break, the end
Scene = Literal["image", "feedback", "break", "finished"]
_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True)
class ViewSettings:
    """How the reader looked at an image when answering; None where a tool is not allowed."""

    window_center: float | None = None
    window_width: float | None = None
    zoom: float | None = None


@dataclass(frozen=True, slots=True)
class _Unsaved:
    confidence: int
    answered_ns: int
    settings: ViewSettings
    answer_id: str


class SessionPresenter:
    """Walks a `RatingSession`; times are of a monotonic clock, in nanoseconds.

    An answer counts only after `image_painted`: a key pressed before the image was on the screen
    says nothing about it. An answer that could not be written is kept for `retry`.
    """

    def __init__(
        self, session: RatingSession, clock_ns: Callable[[], int] = time.perf_counter_ns
    ) -> None:
        self.session = session
        self._clock_ns = clock_ns
        self._painted_ns: int | None = None
        self._unsaved: _Unsaved | None = None
        self.comment = ""

    @property
    def scene(self) -> Scene:
        """What to show now."""
        if self.session.finished:
            return "finished"
        if self.session.at_break:
            return "break"
        return "feedback" if self.session.feedback is not None else "image"

    @property
    def has_unsaved_answer(self) -> bool:
        """Whether the last answer still waits to be written."""
        return self._unsaved is not None

    def image_painted(self, painted_ns: int) -> None:
        """The current image is on the screen since ``painted_ns``."""
        if self._painted_ns is None:
            self._painted_ns = painted_ns

    def answer(self, confidence: int, settings: ViewSettings) -> bool:
        """Commit an answer and go on; False where there is nothing to answer.

        Raises `StoreError` when it cannot be written; `retry` tries the same answer again.
        """
        if self.scene != "image" or self._painted_ns is None or self._unsaved is not None:
            return False
        self._unsaved = _Unsaved(confidence, self._clock_ns(), settings, new_answer_id())
        self.retry()
        return True

    def retry(self) -> None:
        """Write the unsaved answer; raises `StoreError` when it still cannot be written."""
        unsaved, painted_ns = self._unsaved, self._painted_ns
        if unsaved is None or painted_ns is None:
            return
        elapsed_ms = (unsaved.answered_ns - painted_ns) / _NS_PER_MS
        answered_at = datetime.now(UTC)
        self.session.answer(
            unsaved.confidence,
            elapsed_ms,
            answered_at - timedelta(milliseconds=elapsed_ms),
            answered_at,
            window_center=unsaved.settings.window_center,
            window_width=unsaved.settings.window_width,
            zoom=unsaved.settings.zoom,
            comment=self.comment,
            answer_id=unsaved.answer_id,
        )
        self._unsaved = None
        if self.session.feedback is None:
            self._advance()

    def proceed(self) -> bool:
        """Leave feedback or a break; False where there is nothing to leave."""
        if self.scene == "feedback":
            self._advance()
            return True
        if self.scene == "break":
            self.session.end_break()
            return True
        return False

    def undo(self) -> bool:
        """Show the image answered last again; False where that is not possible."""
        if self._unsaved is not None or not self.session.can_undo:
            return False
        self.session.undo()
        self._forget_image()
        previous = self.session.previous_answer
        self.comment = previous.comment if previous else ""
        return True

    def progress_text(self) -> str:
        """Where the reader is, in words."""
        progress, trial = self.session.progress, self.session.current
        if trial is None:
            return ""
        practice = "Practice – " if trial.is_training else ""
        return f"{practice}{trial.trial_number} of {progress.total}"

    def feedback_text(self) -> tuple[str, str]:
        """Heading and sentence after a practice image."""
        feedback = self.session.feedback
        assert feedback is not None, "only practice images have feedback"
        heading = "Generated" if feedback.truth == "generated" else "Real"
        told = "You were right." if feedback.correct else "You took it for the other."
        return heading, f"This image is {feedback.truth}. {told}"

    def break_text(self) -> tuple[str, str]:
        """Heading and sentence between two blocks."""
        progress = self.session.progress
        left = f"{progress.remaining} of {progress.total} images are left."
        trial = self.session.current
        if trial is not None and trial.block_number == 2 and self._practice_was_first():
            return (
                "Practice is over",
                f"From here on you are not told what an image is. {left}",
            )
        return "Time for a break", f"Everything is saved. {left}"

    def end_text(self) -> tuple[str, str]:
        """Heading and sentence after the last image."""
        return (
            "Done. Thank you.",
            f"All {self.session.progress.total} answers are saved. "
            "The coordinator can now export them.",
        )

    def _practice_was_first(self) -> bool:
        return self.session.study.protocol.training_trials > 0

    def _advance(self) -> None:
        self.session.advance()
        self._forget_image()
        self.comment = ""

    def _forget_image(self) -> None:
        self._painted_ns = None
