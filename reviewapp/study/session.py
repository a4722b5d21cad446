"""A reader's walk through a session, without widgets: what is shown, answered, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reviewapp.study.errors import SessionError
from reviewapp.study.model import (
    Answer,
    AnswerDraft,
    Mark,
    Response,
    SessionInfo,
    Study,
    Trial,
    new_answer_id,
)
from reviewapp.study.store import StudyStore


@dataclass(frozen=True, slots=True)
class TrialView:
    """What a reader may know of the current trial; ``trial_number`` and ``block_number`` from 1.

    ``path`` is the image, or the left one of two; ``cine_paths`` are the frames of its sequence, if
    the protocol shows one.
    """

    trial_index: int
    image_id: str
    presented_key: str
    path: Path
    is_training: bool
    trial_number: int
    block_number: int
    number_in_block: int
    block_length: int
    right_presented_key: str | None = None
    right_path: Path | None = None
    cine_paths: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionProgress:
    """How far a session is; ``answered`` of ``total`` trials, blocks counted with training."""

    answered: int
    total: int
    block_number: int
    n_blocks: int

    @property
    def remaining(self) -> int:
        """Trials without an answer."""
        return self.total - self.answered


@dataclass(frozen=True, slots=True)
class TrainingFeedback:
    """The right response to a training trial, and what the reader said."""

    truth: Response
    response: Response

    @property
    def correct(self) -> bool:
        """Whether the reader was right."""
        return self.truth == self.response


class RatingSession:
    """The state of an open session.

    For each trial: show ``current``, call `answer` (on the disk when it returns), show ``feedback``
    if there is any, call `advance`. Where ``at_break`` is True, offer a break and call `end_break`.
    `undo` goes back within a block. Dropping the object at any point loses nothing: a new one over
    the same session begins at the first trial without an answer.
    """

    def __init__(self, store: StudyStore, session_info: SessionInfo) -> None:
        """``session_info`` comes from `StudyStore.open_session`, called on the same store."""
        self._store = store
        self._session_id = session_info.session_id
        self.study: Study = store.study(session_info.study_id)
        self.reader_id = session_info.reader_id
        self._trials: list[Trial] = store.trials(self._session_id)
        self._answers: dict[int, Answer] = store.latest_answers(self._session_id)
        self._cine = store.cine_frames(session_info.study_id)
        self._block_lengths: dict[int, int] = {}
        for trial in self._trials:
            self._block_lengths[trial.block] = self._block_lengths.get(trial.block, 0) + 1
        self._position = self._first_unanswered()
        self._answered_now = False
        self._at_break = False
        self._finished = session_info.finished_at is not None
        #: whether the ratings may train a generator; None as long as the reader was not asked
        self.consented = session_info.consented
        self.feedback: TrainingFeedback | None = None
        self._finish_if_complete()

    @property
    def session_id(self) -> str:
        """The session's id."""
        return self._session_id

    @property
    def finished(self) -> bool:
        """True once every trial has an answer and the session is closed for good."""
        return self._finished

    @property
    def at_break(self) -> bool:
        """True between two blocks, until `end_break`."""
        return self._at_break

    @property
    def answered(self) -> bool:
        """True once the current showing has been answered and `advance` may follow."""
        return self._answered_now

    @property
    def current(self) -> TrialView | None:
        """The trial to show (after a break: the first of the next block); None when finished."""
        if self._finished:
            return None
        trial = self._trials[self._position]
        block_start = next(t.trial_index for t in self._trials if t.block == trial.block)
        return TrialView(
            trial_index=trial.trial_index,
            image_id=trial.image_id,
            presented_key=trial.presented_key,
            path=self._paths(trial)[0],
            is_training=trial.is_training,
            trial_number=trial.trial_index + 1,
            block_number=trial.block + 1,
            number_in_block=trial.trial_index - block_start + 1,
            block_length=self._block_lengths[trial.block],
            right_presented_key=trial.right_presented_key,
            right_path=self._paths(trial)[1] if trial.right_presented_key else None,
            cine_paths=tuple(self._cine.get(trial.image_id, ())),
        )

    @property
    def previous_answer(self) -> Answer | None:
        """The current trial's recorded answer, to show after `undo`; None if it has none."""
        return None if self._finished else self._answers.get(self._position)

    @property
    def progress(self) -> SessionProgress:
        """How far the session is."""
        position = min(self._position, len(self._trials) - 1)
        return SessionProgress(
            answered=len(self._answers),
            total=len(self._trials),
            block_number=self._trials[position].block + 1,
            n_blocks=len(self._block_lengths),
        )

    def upcoming(self, count: int) -> list[Path]:
        """Files of the next ``count`` trials after the current one, for preloading."""
        following = self._trials[self._position + 1 : self._position + 1 + count]
        return [path for trial in following for path in self._paths(trial)]

    def answer(
        self,
        confidence: int | None,
        response_time_ms: float,
        shown_at: datetime,
        answered_at: datetime,
        *,
        exposure_ms: int | None = None,
        window_center: float | None = None,
        window_width: float | None = None,
        zoom: float | None = None,
        comment: str = "",
        answer_id: str | None = None,
        response: Response | None = None,
        inverted: bool | None = None,
        n_showings: int | None = None,
        frame_interval_ms: float | None = None,
    ) -> TrainingFeedback | None:
        """Record the answer to the current trial; on the disk when this returns.

        ``confidence`` is 1 (definitely generated) … 6 (definitely real) on the 6-point scale; on
        the others it is None and ``response`` is given. ``response_time_ms`` comes from a monotonic
        clock; the two datetimes are aware, and may run backwards. ``exposure_ms`` is how long a
        timed image was really shown, ``n_showings`` how often. A repeated ``answer_id`` is recorded
        once. Returns the feedback of a training trial. Raises `SessionError` at a break, when
        finished, or for a second answer before `advance`.
        """
        trial = self._showing()
        answer_id = answer_id or new_answer_id()
        if self._answered_now and self._answers[self._position].answer_id != answer_id:
            raise SessionError("This image has its answer; go on to the next one.")
        draft = AnswerDraft(
            confidence=confidence,
            response_time_ms=response_time_ms,
            shown_at=shown_at,
            answered_at=answered_at,
            exposure_ms=exposure_ms,
            window_center=window_center,
            window_width=window_width,
            zoom=zoom,
            comment=comment,
            answer_id=answer_id,
            response=response,
            inverted=inverted,
            n_showings=n_showings,
            frame_interval_ms=frame_interval_ms,
        )
        recorded = self._store.record_answer(self._session_id, trial.trial_index, draft)
        self._answers[trial.trial_index] = recorded
        self._answered_now = True
        if trial.training_truth is not None:
            self.feedback = TrainingFeedback(trial.training_truth, recorded.response)
        return self.feedback

    def mark(self, mark: Mark) -> None:
        """Add a marked region; its ``session_id`` and ``trial_index`` are the current trial's."""
        trial = self._showing()
        if (mark.session_id, mark.trial_index) != (self._session_id, trial.trial_index):
            raise SessionError("The mark belongs to another image than the one shown.")
        self._store.record_mark(mark)

    def marks(self) -> list[Mark]:
        """The current trial's marks that were not withdrawn."""
        trial = self._showing()
        marks = self._store.marks(self._session_id)
        return [mark for mark in marks if mark.trial_index == trial.trial_index]

    def withdraw_mark(self, mark_id: str) -> None:
        """Take back one of the current trial's marks."""
        if mark_id not in {mark.mark_id for mark in self.marks()}:
            raise SessionError("The mark belongs to another image than the one shown.")
        self._store.withdraw_mark(mark_id)

    def advance(self) -> None:
        """Go to the first trial without an answer; closes the session after the last.

        Raises `SessionError` while the current trial has no answer, `StoreError` when the session
        cannot be closed; it then stays at its last trial, and `advance` can be called again.
        """
        trial = self._showing()
        if trial.trial_index not in self._answers:
            raise SessionError("Rate this image before you go on.")
        if self._finish_if_complete():
            self._leave_showing()
            return
        self._leave_showing()
        self._position = self._first_unanswered()
        self._at_break = self._trials[self._position].block != trial.block

    def end_break(self) -> None:
        """Go on after a break; does nothing elsewhere."""
        self._at_break = False

    @property
    def can_undo(self) -> bool:
        """Whether `undo` has somewhere to go: not beyond a block's start, nor after feedback.

        At a break the block just ended still counts.
        """
        if self._finished:
            return False
        if self._answered_now:
            return not self._trials[self._position].is_training
        if self._position == 0:
            return False
        previous = self._trials[self._position - 1]
        same_block = previous.block == self._trials[self._position].block
        return not previous.is_training and (same_block or self._at_break)

    def undo(self) -> None:
        """Show again the trial answered last in this block, to change its answer.

        The new answer is a further revision; the old one stays. Raises `SessionError` where
        `can_undo` is False.
        """
        if not self.can_undo:
            raise SessionError(
                "Only answers of this block can be taken back, and none of the training images."
            )
        if not self._answered_now:
            self._position -= 1
        self._at_break = False
        self._leave_showing()

    def consent(self, given: bool) -> None:
        """Note whether these ratings may train a generator; on the disk when this returns."""
        self._store.record_consent(self._session_id, given)
        self.consented = given

    def note_display(self, detail: str) -> None:
        """Log the display in use; its frame interval bounds the error of measured times."""
        self._store.log_display(self._session_id, detail)

    def note_showing(self, trial_index: int) -> int:
        """Log that a timed image is on the screen; returns how often it has been by now."""
        return self._store.note_showing(self._session_id, trial_index)

    def kept_comment(self) -> str:
        """What the reader had typed about the current, unanswered image when they last left."""
        trial = self._trials[self._position] if not self.finished else None
        if trial is None or self.previous_answer is not None:
            return ""
        return self._store.kept_comment(self._session_id, trial.trial_index)

    def pause(self, comment: str = "") -> None:
        """Let go of the session, so that it can be resumed later, here or in another window.

        A ``comment`` on an image without an answer yet is kept for then.
        """
        if comment != self.kept_comment() and not self.finished and self.previous_answer is None:
            index = self._trials[self._position].trial_index
            self._store.keep_comment(self._session_id, index, comment)
        self._store.release_session(self._session_id)

    def _paths(self, trial: Trial) -> list[Path]:
        keys = (trial.presented_key, trial.right_presented_key)
        return [self._store.workspace.image_path(key) for key in keys if key is not None]

    def _showing(self) -> Trial:
        if self._finished:
            raise SessionError("The session is finished.")
        if self._at_break:
            raise SessionError("The session is at a break; go on with the next block first.")
        return self._trials[self._position]

    def _leave_showing(self) -> None:
        self._answered_now = False
        self.feedback = None

    def _first_unanswered(self) -> int:
        return next((i for i in range(len(self._trials)) if i not in self._answers), 0)

    def _finish_if_complete(self) -> bool:
        if not self._finished and len(self._answers) == len(self._trials):
            self._store.finish_session(self._session_id)
            self._finished = True
        return self._finished
