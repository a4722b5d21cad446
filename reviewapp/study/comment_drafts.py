"""Comments typed before their answer, kept in the study's log when a reader pauses or leaves."""

from __future__ import annotations

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.event_log import append_event
from reviewapp.study.session_rows import read_session

#: kind of event; its detail is the trial as ratings.csv counts it, and the text
DRAFT = "comment_draft"


def keep_comment(connection: Connection, session_id: str, trial_index: int, comment: str) -> None:
    """Log what was typed for a trial; raises `SessionError` if there is no such session."""
    info = read_session(connection, session_id)
    append_event(
        connection,
        DRAFT,
        study_id=info.study_id,
        session_id=session_id,
        actor=info.reader_id,
        detail=f"{_start(trial_index)}{comment}",
    )


def kept_comment(connection: Connection, session_id: str, trial_index: int) -> str:
    """What was typed last for a trial before the reader left, "" where that was nothing."""
    table = schema.events
    detail: str | None = connection.execute(
        select(table.c.detail)
        .where(
            table.c.session_id == session_id,
            table.c.kind == DRAFT,
            table.c.detail.startswith(_start(trial_index), autoescape=True),
        )
        .order_by(table.c.event_id.desc())
        .limit(1)
    ).scalar()
    return (detail or "").removeprefix(_start(trial_index))


def _start(trial_index: int) -> str:
    return f"trial {trial_index}: "
