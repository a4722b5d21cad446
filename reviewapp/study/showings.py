"""How often a timed image has been shown, by the study's log: a second look counts, and is seen."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from reviewapp.study import schema
from reviewapp.study.event_log import append_event
from reviewapp.study.session_rows import read_session

#: kinds of event; their detail names the trial as ratings.csv counts it, from 0
SHOWN, SHOWN_AGAIN = "image_shown", "image_shown_again"


def note_showing(connection: Connection, session_id: str, trial_index: int) -> int:
    """Log that a trial's image is on the screen; returns how often it has been, this time included.

    More than once means that the session was interrupted, by a pause or a crash, before the answer.
    Raises `SessionError` if there is no such session.
    """
    info = read_session(connection, session_id)
    detail = f"trial {trial_index}"
    table = schema.events
    before = connection.execute(
        select(func.count()).where(
            table.c.study_id == info.study_id,
            table.c.session_id == session_id,
            table.c.kind.in_((SHOWN, SHOWN_AGAIN)),
            table.c.detail == detail,
        )
    ).scalar_one()
    append_event(
        connection,
        SHOWN_AGAIN if before else SHOWN,
        study_id=info.study_id,
        session_id=session_id,
        actor=info.reader_id,
        detail=detail,
    )
    return before + 1
