"""The append-only log of a study database: who did what, when."""

from __future__ import annotations

import getpass

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.model import StudyEvent
from reviewapp.study.timestamps import from_iso, to_iso, utc_now


def append_event(
    connection: Connection,
    kind: str,
    *,
    study_id: str,
    session_id: str = "",
    actor: str = "",
    detail: str = "",
) -> None:
    """Log ``kind`` in the caller's transaction; a blank ``actor`` is the computer's user."""
    connection.execute(
        schema.events.insert().values(
            at=to_iso(utc_now()),
            kind=kind,
            actor=actor or computer_user(),
            study_id=study_id,
            session_id=session_id,
            detail=detail,
        )
    )


def read_events(connection: Connection, study_id: str) -> list[StudyEvent]:
    """All events of a study, oldest first."""
    table = schema.events
    rows = connection.execute(
        select(table).where(table.c.study_id == study_id).order_by(table.c.event_id)
    )
    return [
        StudyEvent(from_iso(r.at), r.kind, r.actor, r.study_id, r.session_id, r.detail)
        for r in rows
    ]


def computer_user() -> str:
    """Who is logged in at this computer; 'unknown' where nobody is."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # Services and containers may run under an id without a name.
        return "unknown"
