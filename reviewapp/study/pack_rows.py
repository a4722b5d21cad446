"""The packs that a workspace has issued, or was made from."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.errors import PackError
from reviewapp.study.event_log import append_event
from reviewapp.study.timestamps import from_iso, to_iso, utc_now


@dataclass(frozen=True, slots=True)
class PackRecord:
    """A pack; ``opened_here`` is True in the reader's workspace that was made from it.

    ``code`` opens it and its results; ``merged_at`` is when results last came back;
    ``leak_warns`` whether the study's last leak audit warned when the pack was made.
    """

    pack_id: str
    study_id: str
    reader_id: str
    session_id: str
    opened_here: bool
    code: str
    created_at: datetime
    cancelled_at: datetime | None
    merged_at: datetime | None
    leak_warns: bool = False

    @property
    def is_out(self) -> bool:
        """Whether a reader may be rating elsewhere."""
        return not self.opened_here and self.cancelled_at is None


def new_pack_id() -> str:
    """A random id."""
    return f"pack-{secrets.token_hex(6)}"


def add_pack(connection: Connection, pack: PackRecord) -> None:
    """Store a new pack."""
    connection.execute(
        schema.packs.insert().values(
            {name: getattr(pack, name) for name in PackRecord.__dataclass_fields__}
            | {"created_at": to_iso(pack.created_at), "cancelled_at": None, "merged_at": None}
        )
    )


def list_packs(connection: Connection, study_id: str | None = None) -> list[PackRecord]:
    """All packs of a study, or of the workspace, oldest first."""
    table = schema.packs
    query = select(table).order_by(table.c.created_at, table.c.pack_id)
    if study_id is not None:
        query = query.where(table.c.study_id == study_id)
    return [_pack(row) for row in connection.execute(query)]


def pack_out(connection: Connection, session_id: str) -> PackRecord | None:
    """The issued pack under which a session may be going on elsewhere."""
    table = schema.packs
    rows = connection.execute(select(table).where(table.c.session_id == session_id))
    return next((pack for pack in map(_pack, rows) if pack.is_out), None)


def read_pack_row(connection: Connection, pack_id: str) -> PackRecord:
    """One pack; raises `PackError` if this workspace does not know it."""
    table = schema.packs
    row = connection.execute(select(table).where(table.c.pack_id == pack_id)).one_or_none()
    if row is None:
        raise PackError(f"This workspace has no pack '{pack_id}'.")
    return _pack(row)


def cancel_pack(connection: Connection, pack_id: str) -> None:
    """Refuse a pack's results from now on, so that the session can go on here; logged."""
    pack = read_pack_row(connection, pack_id)
    if not pack.is_out:
        raise PackError("This pack was cancelled already, or was made elsewhere.")
    table = schema.packs
    connection.execute(
        table.update().where(table.c.pack_id == pack_id).values(cancelled_at=to_iso(utc_now()))
    )
    append_event(
        connection,
        "pack_cancelled",
        study_id=pack.study_id,
        session_id=pack.session_id,
        detail=pack_id,
    )


def _pack(row: Any) -> PackRecord:
    values = row._asdict()
    for name in ("created_at", "cancelled_at", "merged_at"):
        values[name] = from_iso(values[name]) if values[name] else None
    return PackRecord(**values)
