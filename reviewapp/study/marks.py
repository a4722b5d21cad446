"""Regions that readers mark: added or withdrawn, never changed."""

from __future__ import annotations

import json
import math
from typing import Any

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.errors import SessionError
from reviewapp.study.model import Mark
from reviewapp.study.protocol import Protocol
from reviewapp.study.session_lease import renew_lease
from reviewapp.study.session_rows import read_session
from reviewapp.study.study_rows import read_study
from reviewapp.study.timestamps import to_iso, utc_now

#: why a region was marked
MARK_REASONS = ("anatomy", "texture", "vessel", "border", "noise", "artefact", "other")
MAX_POINTS = 2000


def record_mark(connection: Connection, mark: Mark, *, holder: str) -> None:
    """Add a marked region to an answered or current trial; the same ``mark_id`` again is ignored.

    Raises `SessionError` for an unknown reason, an empty region, a trial not yet reached, or where
    the protocol or the design does not allow it.
    """
    table = schema.marks
    if connection.execute(select(table.c.mark_id).where(table.c.mark_id == mark.mark_id)).first():
        return
    info = read_session(connection, mark.session_id)
    check_mark(mark, read_study(connection, info.study_id).protocol)
    renew_lease(connection, mark.session_id, holder)
    if not 0 <= mark.trial_index <= min(info.n_answered, info.n_trials - 1):
        raise SessionError(f"Trial {mark.trial_index + 1} has not been shown yet.")
    connection.execute(table.insert().values(mark_values(mark)))


def withdraw_mark(connection: Connection, mark_id: str, *, holder: str) -> None:
    """Take a mark back; its row stays, and a second time changes nothing."""
    table = schema.withdrawn_marks
    session_id = connection.execute(
        select(schema.marks.c.session_id).where(schema.marks.c.mark_id == mark_id)
    ).scalar_one_or_none()
    if session_id is None:
        raise SessionError("This marked region is not known; it may not have been stored.")
    renew_lease(connection, session_id, holder)
    known = connection.execute(select(table.c.mark_id).where(table.c.mark_id == mark_id)).first()
    if known is None:
        connection.execute(table.insert().values(mark_id=mark_id, at=to_iso(utc_now())))


def read_marks(connection: Connection, session_id: str, *, withdrawn: bool = False) -> list[Mark]:
    """A session's marks by trial: those that stand, or with ``withdrawn`` those taken back."""
    table, gone = schema.marks, schema.withdrawn_marks
    back = table.c.mark_id.in_(select(gone.c.mark_id))
    rows = connection.execute(
        select(table)
        .where(table.c.session_id == session_id, back if withdrawn else ~back)
        .order_by(table.c.trial_index, table.c.mark_id)
    )
    return [_mark(row) for row in rows]


def marks_of_study(
    connection: Connection, study_id: str
) -> dict[tuple[str, int], tuple[Mark, ...]]:
    """The marks that stand of all sessions, by session and trial index."""
    table, gone, sessions = schema.marks, schema.withdrawn_marks, schema.sessions
    rows = connection.execute(
        select(table)
        .join(sessions, sessions.c.session_id == table.c.session_id)
        .where(sessions.c.study_id == study_id, ~table.c.mark_id.in_(select(gone.c.mark_id)))
        .order_by(table.c.session_id, table.c.trial_index, table.c.mark_id)
    )
    found: dict[tuple[str, int], list[Mark]] = {}
    for row in rows:
        found.setdefault((row.session_id, row.trial_index), []).append(_mark(row))
    return {trial: tuple(marks) for trial, marks in found.items()}


def check_mark(mark: Mark, protocol: Protocol) -> None:
    """Raise `SessionError` where the mark cannot belong to a session under ``protocol``."""
    numbers = (mark.x, mark.y, mark.w, mark.h, *(v for point in mark.points for v in point))
    if not all(math.isfinite(number) for number in numbers) or mark.w <= 0 or mark.h <= 0:
        raise SessionError("A marked region needs a finite position and a size above 0.")
    if mark.reason not in MARK_REASONS:
        raise SessionError(f"'{mark.reason}' is no reason for a mark; use one of {MARK_REASONS}.")
    if mark.shape not in ("ellipse", "brush"):
        raise SessionError(f"'{mark.shape}' is no shape of a mark; use 'ellipse' or 'brush'.")
    if mark.points and mark.shape != "brush":
        raise SessionError("Only a region drawn with the brush has an outline of points.")
    if len(mark.points) > MAX_POINTS:
        raise SessionError(f"The outline has more than {MAX_POINTS} points; draw it simpler.")
    if not mark.mark_id or len(mark.mark_id) > 64:
        raise SessionError("A mark needs an id of 1 to 64 characters.")
    if not protocol.tools.marks:
        raise SessionError("This protocol does not let readers mark regions.")
    if protocol.is_paired != (mark.side in ("left", "right")) or mark.side not in (
        "",
        "left",
        "right",
    ):
        raise SessionError(
            "Of two images a mark must tell the side, 'left' or 'right'; of one it has none."
        )


def mark_values(mark: Mark) -> dict[str, object]:
    """The mark as a row of `schema.marks`."""
    values = {name: getattr(mark, name) for name in Mark.__dataclass_fields__}
    return values | {"points": json.dumps(mark.points)}


def _mark(row: Any) -> Mark:
    values = row._asdict()
    values["points"] = tuple((float(x), float(y)) for x, y in json.loads(row.points))
    return Mark(**values)
