"""Answers and marks: rows are only ever added, never changed."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import Connection, func, select

from reviewapp.study import schema
from reviewapp.study.errors import SessionError
from reviewapp.study.model import Answer, AnswerDraft, Mark
from reviewapp.study.session_lease import renew_lease
from reviewapp.study.session_rows import read_session
from reviewapp.study.study_rows import read_study
from reviewapp.study.timestamps import from_iso, to_iso

MAX_COMMENT_LENGTH = 4000
#: why a region was marked
MARK_REASONS = ("anatomy", "texture", "vessel", "border", "noise", "artefact", "other")


def record_answer(
    connection: Connection,
    session_id: str,
    trial_index: int,
    draft: AnswerDraft,
    *,
    holder: str,
    app_version: str,
) -> Answer:
    """Add an answer to the session's current trial, or a new revision to an earlier one.

    The same ``draft.answer_id`` again returns what was recorded the first time. Raises
    `SessionError` when a trial would be skipped, a value is out of range, the session is finished
    or held by somebody else, or the study is unblinded.
    """
    _check_draft(draft)
    table = schema.answers
    known = connection.execute(
        select(table).where(table.c.answer_id == draft.answer_id)
    ).one_or_none()
    if known is not None:
        if (known.session_id, known.trial_index) != (session_id, trial_index):
            raise SessionError(
                f"The answer id {draft.answer_id} belongs to another trial; make a new id."
            )
        return _answer(known)
    info = read_session(connection, session_id)
    if info.finished_at is not None:
        raise SessionError("The session is finished; its answers can no longer be changed.")
    if not read_study(connection, info.study_id).blinded:
        raise SessionError("The study has been unblinded and takes no more ratings.")
    renew_lease(connection, session_id, holder)
    if not 0 <= trial_index < info.n_trials or trial_index > info.n_answered:
        raise SessionError(
            f"Trial {trial_index + 1} cannot be answered now: the session is at trial "
            f"{info.n_answered + 1} of {info.n_trials}."
        )
    latest = connection.execute(
        select(func.max(table.c.revision)).where(
            table.c.session_id == session_id, table.c.trial_index == trial_index
        )
    ).scalar_one()
    row = {
        "answer_id": draft.answer_id,
        "session_id": session_id,
        "trial_index": trial_index,
        "revision": (latest or 0) + 1,
        "confidence": draft.confidence,
        "response_time_ms": float(draft.response_time_ms),
        "shown_at": to_iso(draft.shown_at),
        "answered_at": to_iso(draft.answered_at),
        "exposure_ms": draft.exposure_ms,
        "window_center": draft.window_center,
        "window_width": draft.window_width,
        "zoom": draft.zoom,
        "comment": draft.comment,
        "app_version": app_version,
    }
    connection.execute(table.insert().values(row))
    return _answer(
        connection.execute(select(table).where(table.c.answer_id == draft.answer_id)).one()
    )


def latest_answers(connection: Connection, session_id: str) -> dict[int, Answer]:
    """The answer that counts, by trial index; its ``revision`` − 1 is the number of changes."""
    table = schema.answers
    rows = connection.execute(
        select(table)
        .where(table.c.session_id == session_id)
        .order_by(table.c.trial_index, table.c.revision)
    )
    return {row.trial_index: _answer(row) for row in rows}


def record_mark(connection: Connection, mark: Mark, *, holder: str) -> None:
    """Add a marked region to an answered or current trial; the same ``mark_id`` again is ignored.

    Raises `SessionError` for an unknown reason, an empty region or a trial not yet reached.
    """
    table = schema.marks
    if connection.execute(select(table.c.mark_id).where(table.c.mark_id == mark.mark_id)).first():
        return
    numbers = (mark.x, mark.y, mark.w, mark.h)
    if not all(math.isfinite(number) for number in numbers) or mark.w <= 0 or mark.h <= 0:
        raise SessionError("A marked region needs a finite position and a size above 0.")
    if mark.reason not in MARK_REASONS:
        raise SessionError(f"'{mark.reason}' is no reason for a mark; use one of {MARK_REASONS}.")
    info = read_session(connection, mark.session_id)
    renew_lease(connection, mark.session_id, holder)
    if not 0 <= mark.trial_index <= min(info.n_answered, info.n_trials - 1):
        raise SessionError(f"Trial {mark.trial_index + 1} has not been shown yet.")
    connection.execute(
        table.insert().values({name: getattr(mark, name) for name in Mark.__dataclass_fields__})
    )


def read_marks(connection: Connection, session_id: str) -> list[Mark]:
    """All marks of a session, by trial."""
    table = schema.marks
    rows = connection.execute(
        select(table)
        .where(table.c.session_id == session_id)
        .order_by(table.c.trial_index, table.c.mark_id)
    )
    return [Mark(**row._asdict()) for row in rows]


def _check_draft(draft: AnswerDraft) -> None:
    if draft.confidence not in range(1, 7):
        raise SessionError(f"Confidence {draft.confidence} is not one of 1 to 6.")
    numbers = {
        "response_time_ms": draft.response_time_ms,
        "window_center": draft.window_center,
        "window_width": draft.window_width,
        "zoom": draft.zoom,
    }
    for name, number in numbers.items():
        if number is not None and not math.isfinite(number):
            raise SessionError(f"{name} is {number}; a finite number is needed.")
    if draft.response_time_ms < 0:
        raise SessionError(
            f"response_time_ms is {draft.response_time_ms}; measure it with a monotonic clock."
        )
    if len(draft.comment) > MAX_COMMENT_LENGTH:
        raise SessionError(f"The comment is longer than {MAX_COMMENT_LENGTH} characters.")
    for name, moment in (("shown_at", draft.shown_at), ("answered_at", draft.answered_at)):
        if moment.tzinfo is None:
            raise SessionError(f"{name} has no time zone; give an aware datetime in UTC.")
    if not draft.answer_id or len(draft.answer_id) > 64:
        raise SessionError("An answer needs an id of 1 to 64 characters.")


def _answer(row: Any) -> Answer:
    values = row._asdict()
    values["shown_at"] = from_iso(row.shown_at)
    values["answered_at"] = from_iso(row.answered_at)
    return Answer(**values)
