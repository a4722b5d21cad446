"""Puts what an audit journal holds beyond a database's end back into it: an older copy, made whole.

The rows come back as they were, and their entries with them, so that the trail goes on as if
nothing had been lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from engine.bounded_file import parse_json
from reviewapp.study import schema
from reviewapp.study.audit_trail import (
    NO_ENTRY_SHA256,
    AuditEntry,
    read_head,
    record_changes,
    write_entries,
)
from reviewapp.study.audited_changes import noted_changes
from reviewapp.study.audited_rows import (
    AUDITED,
    AuditedTable,
    Content,
    column_values,
    content_sha256,
    read_content,
)
from reviewapp.study.errors import StoreError
from reviewapp.study.journal_reader import JournalEntry, JournalReading, read_journal


@dataclass
class ReplayReport:
    """What was put back; ``stopped`` says why not all of it was, "" where it was.

    ``n_entries`` entries of the journal, ``n_answers`` answers and ``n_rows`` rows or groups of
    rows, answers among them. ``contradictions`` are rows that the database has otherwise and that
    are never changed: they were left. With ``chain_kept`` False the database's trail is not the
    beginning of the journal's, so what was put back has new entries.
    """

    n_entries: int = 0
    n_answers: int = 0
    n_rows: int = 0
    contradictions: tuple[str, ...] = ()
    chain_kept: bool = True
    stopped: str = ""


def replay(connection: Connection, journal: Path) -> ReplayReport:
    """Apply the journal's entries after the database's last one, in the caller's transaction.

    ``connection`` is a write transaction of a `Database` that has no journal itself, with a copy to
    be made whole. What is there already is left. The journal's last transaction is put back even
    where it is not known whether it was committed: then it was on its way. Raises `StoreError` when
    the journal cannot be read.
    """
    reading = read_journal(journal)
    report = ReplayReport()
    head = read_head(connection)
    if _continues(reading, head):
        with noted_changes(connection):
            _apply(connection, reading, _after(reading, head), report)
        return report
    report.chain_kept = False
    with noted_changes(connection) as changes:
        _apply(connection, reading, reading.entries, report)
        record_changes(connection, changes)
    return report


def _continues(reading: JournalReading, head: AuditEntry | None) -> bool:
    """Whether the journal holds the database's trail as its beginning, or is shorter."""
    if head is None or reading.last < head.seq:
        return True
    return any(one.entry.entry_sha256 == head.entry_sha256 for one in reading.entries)


def _after(reading: JournalReading, head: AuditEntry | None) -> list[JournalEntry]:
    seq = head.seq if head else 0
    return [one for one in reading.entries if one.entry.seq > seq]


def _apply(
    connection: Connection,
    reading: JournalReading,
    entries: list[JournalEntry],
    report: ReplayReport,
) -> None:
    head = read_head(connection)
    previous = head.entry_sha256 if head and report.chain_kept else NO_ENTRY_SHA256
    if entries and not report.chain_kept:
        previous = entries[0].entry.previous_sha256
    written: list[AuditEntry] = []
    contradictions = []
    for one in _whole_transactions(entries):
        entry = one.entry
        content, wrong = _checked(reading, one, previous)
        if wrong:
            report.stopped = (
                f"Entry {entry.seq} of the journal {wrong}; it and what follows was not put back."
            )
            break
        previous = entry.entry_sha256
        audited = AUDITED[entry.table_name]
        key = parse_json(entry.row_key)
        if content is None and entry.row_sha256:
            # Written late: a later entry of the row holds what it became.
            pass
        elif _put_back(connection, audited, key, content):
            report.n_rows += 1
            report.n_answers += audited.table is schema.answers
        elif read_content(connection, audited, key) != content:
            contradictions.append(f"{entry.table_name} {entry.row_key}")
        report.n_entries += 1
        written.append(entry)
    report.contradictions = tuple(contradictions)
    if report.chain_kept and written:
        write_entries(connection, written)


def _whole_transactions(entries: list[JournalEntry]) -> list[JournalEntry]:
    """Without a last transaction that is only half there."""
    if entries and entries[-1].transaction[1] != entries[-1].entry.seq:
        first = entries[-1].transaction[0]
        return [one for one in entries if one.entry.seq < first]
    return entries


def _checked(
    reading: JournalReading, one: JournalEntry, previous: str
) -> tuple[Content | None, str]:
    """The entry's content, and what is wrong with it, "" where nothing is."""
    entry = one.entry
    if entry.computed_sha256() != entry.entry_sha256:
        return None, "was altered"
    if entry.previous_sha256 != previous:
        return None, "does not follow on the entry before it"
    if entry.table_name not in AUDITED:
        return None, f"is of a table {entry.table_name} that this version does not know"
    try:
        content = reading.content(one)
    except (OSError, ValueError) as error:
        return None, f"cannot be read ({error})"
    if content is not None and content_sha256(content) != entry.row_sha256:
        return None, "holds another row than recorded"
    return content, ""


def _put_back(
    connection: Connection, audited: AuditedTable, key: dict[str, Any], content: Content | None
) -> bool:
    """Have the database hold ``content``; False where it does, or must not be changed."""
    known = read_content(connection, audited, key)
    if known == content:
        return False
    table = audited.table
    if known is not None:
        if table in schema.APPEND_ONLY:
            return False
        same = [table.c[name] == key[name] for name in audited.key]
        if isinstance(content, dict):
            # Others refer to the row, so that it is not removed and written anew.
            connection.execute(table.update().where(*same).values(_values(audited, content)))
            return True
        connection.execute(table.delete().where(*same))
    rows = content if isinstance(content, list) else [content] if content else []
    if rows:
        connection.execute(table.insert(), [_values(audited, row) for row in rows])
    return True


def _values(audited: AuditedTable, row: dict[str, Any]) -> dict[str, Any]:
    """The row with the columns that it leaves out because they are blank."""
    blank = {column.name: None for column in audited.table.c if column.nullable}
    try:
        return blank | column_values(audited, row)
    except ValueError as error:
        raise StoreError(f"The audit journal was written by a newer version: {error}.") from error
