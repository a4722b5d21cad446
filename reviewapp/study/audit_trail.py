"""The audit trail: one hash-chained entry for every audited row that is added or changed.

Each entry holds the digest of the row and that of the entry before it, so that nothing earlier can
be altered, removed or inserted without all later entries becoming others (Schneier and Kelsey,
"Secure audit logs to support computer forensics", ACM TISSEC 2(2), 1999, without their evolving
key). `docs/audit_trail.md` tells what that proves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from reviewapp.study import schema
from reviewapp.study.audited_changes import AuditedChanges
from reviewapp.study.audited_rows import (
    AUDITED,
    AuditedTable,
    Content,
    all_contents,
    canonical_text,
    content_sha256,
    read_content,
)
from reviewapp.study.event_log import computer_user
from reviewapp.study.timestamps import to_iso, utc_now

#: what the first entry follows on
NO_ENTRY_SHA256 = "0" * 64
#: the schema version that first had the trail
TRAIL_SINCE = 6
#: kinds of entries beside those of `events`
ADDED, CHANGED, REMOVED, TAKEN_OVER = "added", "changed", "removed", "taken_over"
#: any number that no other lock of a PostgreSQL database has
_CHAIN_LOCK = 7_241_906
_BATCH = 500


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One link: who (``actor``) did what (``kind``) to which row, when (``at``, UTC, ISO 8601).

    ``row_key`` is canonical JSON of the columns that name the row or group; ``row_sha256`` its
    digest afterwards, "" where it was removed.
    """

    seq: int
    at: str
    actor: str
    kind: str
    table_name: str
    row_key: str
    row_sha256: str
    previous_sha256: str
    entry_sha256: str

    def computed_sha256(self) -> str:
        """The hash that the other fields give."""
        fields = asdict(self)
        del fields["entry_sha256"]
        return hashlib.sha256(canonical_text(fields).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """An entry with the content that it stands for; None where it was removed, or is not known."""

    entry: AuditEntry
    content: Content | None


def read_head(connection: Connection) -> AuditEntry | None:
    """The latest entry; None in a trail without any."""
    table = schema.audit_trail
    row = connection.execute(select(table).order_by(table.c.seq.desc()).limit(1)).one_or_none()
    return None if row is None else AuditEntry(**row._mapping)


def read_entries(
    connection: Connection, after: int = 0, up_to: int | None = None
) -> Iterator[AuditEntry]:
    """Entries with a number above ``after`` (and up to ``up_to``) in their order."""
    table = schema.audit_trail
    query = select(table).where(table.c.seq > after).order_by(table.c.seq)
    if up_to is not None:
        query = query.where(table.c.seq <= up_to)
    for row in connection.execute(query.execution_options(yield_per=1000)):
        yield AuditEntry(**row._mapping)


def record_changes(connection: Connection, changes: AuditedChanges) -> list[RecordedEntry]:
    """Chain an entry for everything that was noted, in the transaction that wrote it."""
    if not changes:
        return []
    chain = _Chain(connection)
    recorded = []
    for audited, key, change in changes:
        content = read_content(connection, audited, key)
        kind = REMOVED if content is None else change
        if audited.table is schema.events and kind == ADDED and isinstance(content, dict):
            kind = content["kind"]
        actor = _actor(connection, audited, content)
        recorded.append(chain.add(actor, kind, audited, key, content))
    chain.write()
    return recorded


def take_over(connection: Connection) -> int:
    """Chain what a database of an earlier version holds already; returns how many entries."""
    chain = _Chain(connection)
    actor = computer_user()
    for audited in AUDITED.values():
        for key, content in all_contents(connection, audited):
            chain.add(actor, TAKEN_OVER, audited, key, content)
    chain.write()
    return chain.length


class _Chain:
    """Entries that are being added to the end; nobody else adds any before the commit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        if connection.dialect.name == "postgresql":
            # SQLite has one writer at a time anyway.
            connection.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))
        head = read_head(connection)
        self._seq = head.seq if head else 0
        self._previous = head.entry_sha256 if head else NO_ENTRY_SHA256
        self._at = to_iso(utc_now())
        self._waiting: list[AuditEntry] = []
        self.length = 0

    def add(
        self,
        actor: str,
        kind: str,
        audited: AuditedTable,
        key: dict[str, Any],
        content: Content | None,
    ) -> RecordedEntry:
        """Append an entry; it is in the database after `write`."""
        self._seq += 1
        self.length += 1
        entry = chained_entry(
            seq=self._seq,
            at=self._at,
            actor=actor,
            kind=kind,
            table_name=audited.name,
            row_key=canonical_text(key),
            row_sha256=content_sha256(content),
            previous_sha256=self._previous,
        )
        self._previous = entry.entry_sha256
        self._waiting.append(entry)
        if len(self._waiting) >= _BATCH:
            self.write()
        return RecordedEntry(entry, content)

    def write(self) -> None:
        """Insert what waits."""
        if self._waiting:
            write_entries(self._connection, self._waiting)
            self._waiting = []


def chained_entry(**fields: Any) -> AuditEntry:
    """The entry of these fields, with its hash."""
    unhashed = AuditEntry(**fields, entry_sha256="")
    return AuditEntry(**fields, entry_sha256=unhashed.computed_sha256())


def write_entries(connection: Connection, entries: Iterable[AuditEntry]) -> None:
    """Insert entries as they are."""
    connection.execute(schema.audit_trail.insert(), [asdict(entry) for entry in entries])


def _actor(connection: Connection, audited: AuditedTable, content: Content | None) -> str:
    """Who is behind a row: as it says itself, its session's reader, or the computer's user."""
    row = content[0] if isinstance(content, list) else content or {}
    for name in ("actor", "reader"):
        if audited.table in (schema.events, schema.class_labels) and name in row:
            return str(row[name])
    session_id = row.get("session_id")
    if audited.table is schema.withdrawn_marks and row:
        marks = schema.marks
        session_id = connection.execute(
            select(marks.c.session_id).where(marks.c.mark_id == row["mark_id"])
        ).scalar()
    if not session_id or audited.table is schema.packs:
        return computer_user()
    sessions = schema.sessions
    reader = connection.execute(
        select(sessions.c.reader_id).where(sessions.c.session_id == session_id)
    ).scalar()
    return reader or computer_user()
