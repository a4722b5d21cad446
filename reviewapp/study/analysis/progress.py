"""Counts and times of a study: all that may be shown while it is blinded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reviewapp.study.model import Reader, SessionInfo
from reviewapp.study.ratings import Rating
from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.response_times import TimeSummary, summarise_times


@dataclass(frozen=True, slots=True)
class ReaderProgress:
    """One reader's session; times and changes without the training block."""

    reader_id: str
    name: str
    role: str
    specialty: str
    experience_years: float | None
    finished: bool
    n_answered: int
    n_trials: int
    n_changes: int
    n_marks: int
    times: TimeSummary | NotEstimable


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """All sessions. ``n_answers`` and everything after it leave the training block out."""

    n_sessions: int
    n_finished: int
    n_answers: int
    n_marks: int
    n_comments: int
    first_answer: datetime | None
    last_answer: datetime | None
    times: TimeSummary | NotEstimable
    readers: tuple[ReaderProgress, ...]


def study_progress(
    sessions: Sequence[SessionInfo], readers: Iterable[Reader], ratings: Iterable[Rating]
) -> StudyProgress:
    """Count; reads neither responses nor truth."""
    known = {reader.reader_id: reader for reader in readers}
    own: dict[str, list[Rating]] = {session.session_id: [] for session in sessions}
    for rating in ratings:
        if not rating.trial.is_training:
            own[rating.session.session_id].append(rating)
    everything = [rating for part in own.values() for rating in part]
    moments = [rating.answer.answered_at for rating in everything]
    return StudyProgress(
        n_sessions=len(sessions),
        n_finished=sum(session.finished_at is not None for session in sessions),
        n_answers=len(everything),
        n_marks=sum(len(rating.marks) for rating in everything),
        n_comments=sum(bool(rating.answer.comment) for rating in everything),
        first_answer=min(moments, default=None),
        last_answer=max(moments, default=None),
        times=_times(everything),
        readers=tuple(
            _reader(session, known[session.reader_id], own[session.session_id])
            for session in sessions
        ),
    )


def _reader(session: SessionInfo, reader: Reader, ratings: Sequence[Rating]) -> ReaderProgress:
    return ReaderProgress(
        reader_id=reader.reader_id,
        name=reader.name,
        role=reader.role,
        specialty=reader.specialty,
        experience_years=reader.experience_years,
        finished=session.finished_at is not None,
        n_answered=session.n_answered,
        n_trials=session.n_trials,
        n_changes=sum(rating.answer.revision - 1 for rating in ratings),
        n_marks=sum(len(rating.marks) for rating in ratings),
        times=_times(ratings),
    )


def _times(ratings: Sequence[Rating]) -> TimeSummary | NotEstimable:
    return summarise_times([rating.answer.response_time_ms for rating in ratings])
