"""A study's ratings: each answered trial with its reader, latest answer and, if open, its truth."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.study.model import Answer, Mark, Reader, Response, SessionInfo, Study, Trial, Truth
from reviewapp.study.store import StudyStore


@dataclass(frozen=True, slots=True)
class Rating:
    """One answered trial; ``truth`` is None while the study is blinded.

    Where two images were shown, ``truth`` is the left one's and ``right_truth`` the other's.
    """

    session: SessionInfo
    reader: Reader
    trial: Trial
    answer: Answer
    truth: Truth | None
    marks: tuple[Mark, ...]
    right_truth: Truth | None = None

    @property
    def shown_truth(self) -> Truth | None:
        """The truth that the rating counts for: of two images, the generated one's."""
        if self.right_truth is not None and self.right_truth.source == "generated":
            return self.right_truth
        return self.truth

    @property
    def right_response(self) -> Response | None:
        """What would have been right: the source, or of two images the generated one's side."""
        if self.truth is None:
            return None
        if self.trial.right_image_id is None:
            return self.truth.source
        return "left" if self.truth.source == "generated" else "right"

    @property
    def correct(self) -> bool | None:
        """Whether the reader was right; None while the study is blinded."""
        return None if self.truth is None else self.answer.response == self.right_response

    @property
    def fooled(self) -> bool | None:
        """Whether a generated image was taken for real; None of real images and while blinded."""
        if self.shown_truth is None or self.shown_truth.source == "real":
            return None
        return not self.correct

    @property
    def scored(self) -> bool:
        """Whether it counts in statistics: not training, not a second showing, session finished."""
        return (
            self.session.finished_at is not None
            and not self.trial.is_training
            and not self.trial.is_repeat
        )


def study_ratings(store: StudyStore, study: Study) -> list[Rating]:
    """All answered trials of all sessions, finished or not, by session and trial."""
    readers = {reader.reader_id: reader for reader in store.readers()}
    truths = {} if study.blinded else store.truth(study.study_id)
    answers = store.answers_of_study(study.study_id)
    trials = store.trials_of_study(study.study_id)
    marks = store.marks_of_study(study.study_id)
    ratings = []
    for session in store.sessions(study.study_id):
        answered = answers.get(session.session_id, {})
        ratings += [
            Rating(
                session=session,
                reader=readers[session.reader_id],
                trial=trial,
                answer=answered[trial.trial_index],
                truth=truths.get(trial.image_id),
                right_truth=truths.get(trial.right_image_id or ""),
                marks=marks.get((session.session_id, trial.trial_index), ()),
            )
            for trial in trials.get(session.session_id, [])
            if trial.trial_index in answered
        ]
    return ratings
