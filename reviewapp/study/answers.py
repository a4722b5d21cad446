"""Answers: rows are only ever added, never changed."""

from __future__ import annotations

import math
from typing import Any

from sqlalchemy import Connection, func, select

from reviewapp.study import schema
from reviewapp.study.errors import SessionError
from reviewapp.study.model import Answer, AnswerDraft, Response, response_of
from reviewapp.study.protocol import Protocol
from reviewapp.study.session_lease import renew_lease
from reviewapp.study.session_rows import read_session
from reviewapp.study.study_rows import read_study
from reviewapp.study.timestamps import from_iso, to_iso

MAX_COMMENT_LENGTH = 4000


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
    check_draft(draft)
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
    study = read_study(connection, info.study_id)
    if not study.blinded:
        raise SessionError("The study has been unblinded and takes no more ratings.")
    response = given_response(draft, study.protocol)
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
        "response": response,
        "response_time_ms": float(draft.response_time_ms),
        "shown_at": to_iso(draft.shown_at),
        "answered_at": to_iso(draft.answered_at),
        "exposure_ms": draft.exposure_ms,
        "window_center": draft.window_center,
        "window_width": draft.window_width,
        "zoom": draft.zoom,
        "inverted": draft.inverted,
        "comment": draft.comment,
        "app_version": app_version,
        "n_showings": draft.n_showings,
        "frame_interval_ms": draft.frame_interval_ms,
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


def answers_of_study(connection: Connection, study_id: str) -> dict[str, dict[int, Answer]]:
    """The answers that count of all sessions, by session and trial index."""
    table, sessions = schema.answers, schema.sessions
    rows = connection.execute(
        select(table)
        .join(sessions, sessions.c.session_id == table.c.session_id)
        .where(sessions.c.study_id == study_id)
        .order_by(table.c.session_id, table.c.trial_index, table.c.revision)
    )
    found: dict[str, dict[int, Answer]] = {}
    for row in rows:
        found.setdefault(row.session_id, {})[row.trial_index] = _answer(row)
    return found


def given_response(draft: AnswerDraft, protocol: Protocol) -> Response:
    """What ``draft`` says on the protocol's scale.

    Raises `SessionError` where it does not fit the protocol.
    """
    if protocol.design == "timed" and draft.exposure_ms is None:
        raise SessionError("exposure_ms is missing; a timed trial tells how long it was shown.")
    if draft.comment and not protocol.tools.comment:
        raise SessionError("This protocol takes no comments.")
    if protocol.answer_scale == "confidence6":
        if draft.confidence is None or draft.confidence not in range(1, 7):
            raise SessionError(f"Confidence {draft.confidence} is not one of 1 to 6.")
        implied = response_of(draft.confidence)
        if draft.response not in (None, implied):
            raise SessionError(
                f"Confidence {draft.confidence} means '{implied}', not '{draft.response}'."
            )
        return implied
    if draft.confidence is not None:
        raise SessionError("This protocol takes no degree of confidence, only a response.")
    allowed: tuple[Response, ...] = (
        ("left", "right") if protocol.answer_scale == "side" else ("real", "generated")
    )
    if draft.response not in allowed:
        raise SessionError(
            f"'{draft.response}' is no response of this protocol; use '{allowed[0]}' or "
            f"'{allowed[1]}'."
        )
    return draft.response


def check_draft(draft: AnswerDraft) -> None:
    """Raise `SessionError` for a value that is out of range whatever the protocol."""
    numbers = {
        "response_time_ms": draft.response_time_ms,
        "window_center": draft.window_center,
        "window_width": draft.window_width,
        "zoom": draft.zoom,
        "frame_interval_ms": draft.frame_interval_ms,
    }
    for name, number in numbers.items():
        if number is not None and not math.isfinite(number):
            raise SessionError(f"{name} is {number}; a finite number is needed.")
    if draft.response_time_ms < 0:
        raise SessionError(
            f"response_time_ms is {draft.response_time_ms}; measure it with a monotonic clock."
        )
    if draft.exposure_ms is not None and draft.exposure_ms < 0:
        raise SessionError(f"exposure_ms is {draft.exposure_ms}; it cannot be below 0.")
    if draft.n_showings is not None and draft.n_showings < 1:
        raise SessionError(f"n_showings is {draft.n_showings}; an answered image was shown.")
    if draft.frame_interval_ms is not None and draft.frame_interval_ms <= 0:
        raise SessionError(f"frame_interval_ms is {draft.frame_interval_ms}; it is above 0.")
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
