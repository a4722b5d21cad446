"""At most one living process holds a session; a dead one's lease is taken over."""

from __future__ import annotations

import os
import platform
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.errors import SessionError
from reviewapp.study.timestamps import from_iso, to_iso, utc_now

#: after so long without an answer, a lease of another computer, whose processes cannot be seen
#: from here, counts as abandoned
FOREIGN_LEASE_LIFETIME = timedelta(minutes=15)
_CREATE_TIME_TOLERANCE_S = 1.0


def acquire_lease(connection: Connection, session_id: str, holder: str) -> None:
    """Give the session to ``holder``; raises `SessionError` while another living one has it."""
    import psutil

    table = schema.session_leases
    row = connection.execute(select(table).where(table.c.session_id == session_id)).one_or_none()
    if row is not None and row.holder != holder and _is_alive(row):
        raise SessionError(
            "This reading session is open in another window"
            + (f" on the computer '{row.host}'" if row.host != platform.node() else "")
            + f" (process {row.pid}). Go on there, or close that window and try again."
        )
    connection.execute(table.delete().where(table.c.session_id == session_id))
    connection.execute(
        table.insert().values(
            session_id=session_id,
            holder=holder,
            host=platform.node(),
            pid=os.getpid(),
            process_started=psutil.Process().create_time(),
            renewed_at=to_iso(utc_now()),
        )
    )


def renew_lease(connection: Connection, session_id: str, holder: str) -> None:
    """Show that ``holder`` lives; raises `SessionError` if the session is no longer its own."""
    table = schema.session_leases
    renewed = connection.execute(
        table.update()
        .where(table.c.session_id == session_id, table.c.holder == holder)
        .values(renewed_at=to_iso(utc_now()))
    )
    if renewed.rowcount != 1:
        raise SessionError(
            "This window no longer holds the reading session: it was closed, or opened elsewhere. "
            "Open the session again to go on; all answers so far are stored."
        )


def release_lease(connection: Connection, session_id: str, holder: str) -> None:
    """Let others open the session; does nothing if ``holder`` does not have it."""
    table = schema.session_leases
    connection.execute(
        table.delete().where(table.c.session_id == session_id, table.c.holder == holder)
    )


def release_all(connection: Connection, holder: str) -> None:
    """Release every session of ``holder``."""
    table = schema.session_leases
    connection.execute(table.delete().where(table.c.holder == holder))


def _is_alive(lease: Any) -> bool:
    import psutil

    if lease.host != platform.node():
        # Either way: a clock that was fast, or one set back since, must not hold it for hours.
        return abs(utc_now() - from_iso(lease.renewed_at)) < FOREIGN_LEASE_LIFETIME
    try:
        process = psutil.Process(lease.pid)
        started = process.create_time()
        if process.status() == psutil.STATUS_ZOMBIE:
            # Ended, but its parent has not taken note of it yet.
            return False
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        # Another user's process has the number: to be safe it counts as the holder.
        return True
    # Process numbers are used again; the start time tells one process from the next.
    return bool(abs(started - lease.process_started) < _CREATE_TIME_TOLERANCE_S)
