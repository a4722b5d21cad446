"""A study's ratings: each answered trial with its reader, latest answer and, if open, its truth."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.study.model import Answer, Mark, Reader, SessionInfo, Study, Trial, Truth
from reviewapp.study.store import StudyStore


@dataclass(frozen=True, slots=True)
class Rating:
    """One answered trial; ``truth`` is None while the study is blinded."""

    session: SessionInfo
    reader: Reader
    trial: Trial
    answer: Answer
    truth: Truth | None
    marks: tuple[Mark, ...]

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
    ratings = []
    for session in store.sessions(study.study_id):
        answers = store.latest_answers(session.session_id)
        marks = store.marks(session.session_id)
        ratings += [
            Rating(
                session=session,
                reader=readers[session.reader_id],
                trial=trial,
                answer=answers[trial.trial_index],
                truth=truths.get(trial.image_id),
                marks=tuple(mark for mark in marks if mark.trial_index == trial.trial_index),
            )
            for trial in store.trials(session.session_id)
            if trial.trial_index in answers
        ]
    return ratings
