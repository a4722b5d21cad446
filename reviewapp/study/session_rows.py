"""Opening, reading and finishing sessions; a session's trials are drawn when it first opens."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from reviewapp.study import schema
from reviewapp.study.consents import consented
from reviewapp.study.errors import SessionError, StoreError
from reviewapp.study.event_log import append_event
from reviewapp.study.model import SessionInfo, Study
from reviewapp.study.pack_rows import pack_out
from reviewapp.study.session_lease import acquire_lease, release_lease, renew_lease
from reviewapp.study.study_rows import freeze_protocol, read_study
from reviewapp.study.timestamps import from_iso, to_iso, utc_now
from reviewapp.study.trial_rows import plan_session


def open_session(connection: Connection, study_id: str, reader_id: str, holder: str) -> SessionInfo:
    """Begin the reader's session of a study, or resume the unfinished one.

    Freezes the protocol. Raises `SessionError` when the study is unblinded, the reader has
    finished it, or another living process holds the session.
    """
    study = read_study(connection, study_id)
    if not study.blinded:
        raise SessionError(
            f"The study '{study.name}' has been unblinded and takes no more ratings. "
            "Make a new study."
        )
    reader = connection.execute(
        select(schema.readers.c.reader_id).where(schema.readers.c.reader_id == reader_id)
    ).first()
    if reader is None:
        raise StoreError(f"No reader '{reader_id}' is registered. Register the reader first.")
    table = schema.sessions
    row = connection.execute(
        select(table).where(table.c.study_id == study_id, table.c.reader_id == reader_id)
    ).one_or_none()
    resumed = row is not None
    if row is None:
        session_id = _begin(connection, study, reader_id)
    else:
        session_id = row.session_id
        if row.finished_at is not None:
            raise SessionError(
                f"Reader {reader_id} finished this study on {from_iso(row.finished_at):%d %b %Y}; "
                "each reader rates a study once."
            )
    refuse_handed_out(connection, session_id, reader_id)
    acquire_lease(connection, session_id, holder)
    append_event(
        connection,
        "session_resumed" if resumed else "session_opened",
        study_id=study_id,
        session_id=session_id,
        actor=reader_id,
    )
    return read_session(connection, session_id, resumed=resumed)


def refuse_handed_out(connection: Connection, session_id: str, reader_id: str) -> None:
    """Raise `SessionError` where the session may be going on elsewhere, in a reading pack."""
    pack = pack_out(connection, session_id)
    if pack is not None:
        raise SessionError(
            f"{reader_id}'s session was handed out in a reading pack on "
            f"{pack.created_at:%d %b %Y}. "
            "Merge its results, or cancel the pack to go on here."
        )


def read_session(connection: Connection, session_id: str, *, resumed: bool = False) -> SessionInfo:
    """One session; raises `SessionError` if there is none."""
    table = schema.sessions
    row = connection.execute(select(table).where(table.c.session_id == session_id)).one_or_none()
    if row is None:
        raise SessionError(f"This workspace has no session '{session_id}'.")
    return _session_info(connection, row, resumed=resumed)


def list_sessions(connection: Connection, study_id: str) -> list[SessionInfo]:
    """All sessions of a study, oldest first."""
    table = schema.sessions
    rows = connection.execute(
        select(table)
        .where(table.c.study_id == study_id)
        .order_by(table.c.started_at, table.c.session_id)
    )
    return [_session_info(connection, row, resumed=False) for row in rows]


def finish_session(connection: Connection, session_id: str, holder: str) -> SessionInfo:
    """Close a session for good; raises `SessionError` while trials are unanswered."""
    info = read_session(connection, session_id)
    if info.finished_at is not None:
        return info
    renew_lease(connection, session_id, holder)
    if info.n_answered < info.n_trials:
        raise SessionError(
            f"{info.n_trials - info.n_answered} of {info.n_trials} images have no answer yet; "
            "answer them before the session is finished."
        )
    close_session(connection, session_id, utc_now())
    release_lease(connection, session_id, holder)
    return read_session(connection, session_id)


def close_session(connection: Connection, session_id: str, at: datetime) -> None:
    """Note that a session was finished ``at``; the caller has made sure that it is complete."""
    info = read_session(connection, session_id)
    table = schema.sessions
    connection.execute(
        table.update().where(table.c.session_id == session_id).values(finished_at=to_iso(at))
    )
    append_event(
        connection,
        "session_finished",
        study_id=info.study_id,
        session_id=session_id,
        actor=info.reader_id,
    )


def _begin(connection: Connection, study: Study, reader_id: str) -> str:
    seed = study.protocol.seed
    if seed is None:
        raise StoreError(
            f"The study '{study.name}' has no seed; restore the workspace from a copy."
        )
    freeze_protocol(connection, study, actor=reader_id)
    planned = plan_session(connection, study.study_id, seed, reader_id)
    session_id = f"session-{secrets.token_hex(6)}"
    connection.execute(
        schema.sessions.insert().values(
            session_id=session_id,
            study_id=study.study_id,
            reader_id=reader_id,
            started_at=to_iso(utc_now()),
        )
    )
    connection.execute(
        schema.trials.insert(), [{"session_id": session_id, **trial} for trial in planned]
    )
    return session_id


def _session_info(connection: Connection, row: Any, *, resumed: bool) -> SessionInfo:
    trials, answers = schema.trials, schema.answers
    n_trials = connection.execute(
        select(func.count()).select_from(trials).where(trials.c.session_id == row.session_id)
    ).scalar_one()
    n_answered = connection.execute(
        select(func.count(answers.c.trial_index.distinct())).where(
            answers.c.session_id == row.session_id
        )
    ).scalar_one()
    return SessionInfo(
        session_id=row.session_id,
        study_id=row.study_id,
        reader_id=row.reader_id,
        started_at=from_iso(row.started_at),
        finished_at=from_iso(row.finished_at) if row.finished_at else None,
        n_trials=n_trials,
        n_answered=n_answered,
        resumed=resumed,
        consented=consented(connection, row.session_id),
    )
