"""Checks a workspace's record: finds every row that was altered, removed or inserted behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, func, inspect, select

from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from reviewapp.study import schema
from reviewapp.study.audit_trail import CHANGED, NO_ENTRY_SHA256, REMOVED, AuditEntry, read_entries
from reviewapp.study.audited_rows import (
    AUDITED,
    AuditedTable,
    Content,
    all_contents,
    canonical_text,
    content_sha256,
    primary_key,
)
from reviewapp.study.errors import StoreError
from reviewapp.study.journal_reader import JournalEntry, JournalReading, read_journal

FindingKind = Literal["altered", "removed", "inserted", "trail", "journal", "head"]
_NEVER_CHANGED = frozenset(table.name for table in schema.APPEND_ONLY)
_SHOWN_VALUE = 60
_PROGRESS_EVERY = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was recorded; ``at`` is when the record was made, "" if never.

    ``table`` and ``key`` (canonical JSON) are blank where the trail or the journal itself is meant.
    """

    kind: FindingKind
    table: str
    key: str
    at: str
    text: str


@dataclass
class Verification:
    """What a check has found. ``head_sha256`` is the trail's last hash, to be noted elsewhere."""

    n_entries: int = 0
    head_sha256: str = NO_ENTRY_SHA256
    head_at: str = ""
    n_rows: int = 0
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass
class _Latest:
    """The last entry of each row or group, and the entries' hashes by their place in the trail."""

    by_row: dict[tuple[str, str], tuple[int, str, str]] = field(default_factory=dict)
    sha256s: dict[int, str] = field(default_factory=dict)


def verify_record(
    connection: Connection,
    journal: Path | None,
    head_sha256: str = "",
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> Verification:
    """Check all audited rows against the trail, and the trail against itself and the journal.

    ``connection`` must see one state throughout. ``head_sha256`` is a hash that was noted earlier
    and must still be part of the trail. Raises `StoreError` where there is no trail, or the journal
    cannot be read, and `engine.errors.Cancelled`.
    """
    if not inspect(connection).has_table(schema.audit_trail.name):
        raise StoreError(
            "This study database was last used by a version without an audit trail, so there is "
            "nothing to check it against. Open the workspace in the app once."
        )
    progress(0, 0, "Reading the journal")
    # Before the database: what is recorded meanwhile is then beyond the journal's end, not missing.
    reading = read_journal(journal) if journal is not None else None
    raise_if_cancelled(cancelled)
    total = connection.execute(select(func.count()).select_from(schema.audit_trail)).scalar_one()
    result = Verification()
    latest = _check_trail(connection, result, total, progress, cancelled)
    recorded: dict[tuple[str, str], JournalEntry] = {}
    if reading is not None:
        _check_journal(reading, latest, result)
        recorded = {(e.entry.table_name, e.entry.row_key): e for e in reading.entries}
    _check_rows(connection, latest, reading, recorded, result, progress, cancelled)
    if head_sha256 and head_sha256.lower() not in {NO_ENTRY_SHA256, *latest.sha256s.values()}:
        result.findings.append(
            Finding("head", "", "", "", f"The noted head {head_sha256} is not part of the trail.")
        )
    return result


def _check_trail(
    connection: Connection,
    result: Verification,
    total: int,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> _Latest:
    latest = _Latest()
    before: AuditEntry | None = None
    for number, entry in enumerate(read_entries(connection, after=-(2**62))):
        if number % _PROGRESS_EVERY == 0:
            raise_if_cancelled(cancelled)
            progress(number, total, "Checking the trail")
        result.findings += _entry_findings(entry, before)
        latest.by_row[entry.table_name, entry.row_key] = (entry.seq, entry.row_sha256, entry.at)
        latest.sha256s[entry.seq] = entry.entry_sha256
        before = entry
        result.n_entries += 1
    if before is not None:
        result.head_sha256, result.head_at = before.entry_sha256, before.at
    return latest


def _entry_findings(entry: AuditEntry, before: AuditEntry | None) -> Iterator[Finding]:
    def finding(text: str) -> Finding:
        return Finding("trail", entry.table_name, entry.row_key, entry.at, text)

    due = before.seq + 1 if before else 1
    if entry.seq != due:
        missing = f"{due}" if entry.seq == due + 1 else f"{due} to {entry.seq - 1}"
        yield finding(f"Before entry {entry.seq} of the trail {missing} is missing.")
    if entry.computed_sha256() != entry.entry_sha256:
        yield finding(f"Entry {entry.seq} of the trail was altered.")
    if entry.kind in (CHANGED, REMOVED) and entry.table_name in _NEVER_CHANGED:
        yield finding(f"Entry {entry.seq}: a row that is never changed was {entry.kind}.")
    if entry.previous_sha256 != (before.entry_sha256 if before else NO_ENTRY_SHA256):
        yield finding(f"Entry {entry.seq} of the trail does not follow on the entry before it.")


def _check_journal(reading: JournalReading, latest: _Latest, result: Verification) -> None:
    result.findings += [Finding("journal", "", "", "", text) for text in reading.problems]
    certain = reading.entries[: reading.n_certain]
    differing = [e.entry for e in certain if _differs(e, latest)]
    if differing:
        first = differing[0]
        result.findings.append(
            Finding(
                "trail", first.table_name, first.row_key, first.at,
                f"{len(differing)} entries of the trail, from {first.seq} on, are others than in "
                "the journal: the trail was made anew, or the journal is another workspace's.",
            )
        )  # fmt: skip
    head = max(latest.sha256s, default=0)
    beyond = [e.entry for e in certain if e.entry.seq > head]
    if beyond:
        result.findings.append(
            Finding(
                "trail", beyond[0].table_name, beyond[0].row_key, beyond[0].at,
                f"The trail ends with entry {head}, but the journal goes on to {beyond[-1].seq}: "
                "the end was removed, or the database is an older copy.",
            )
        )  # fmt: skip
    if reading.last < head:
        result.notes.append(
            f"The journal lacks the last {head - reading.last} entries; they are written when the "
            "workspace is next opened. Until then only the database tells of them."
        )
    if reading.late:
        result.notes.append(
            f"{reading.late} entries came into the journal later, last on {reading.late_at}, from "
            "the database: for what was done to them before, the journal is no witness."
        )


def _differs(one: JournalEntry, latest: _Latest) -> bool:
    known = latest.sha256s.get(one.entry.seq)
    return known is not None and known != one.entry.entry_sha256


def _check_rows(
    connection: Connection,
    latest: _Latest,
    reading: JournalReading | None,
    recorded: dict[tuple[str, str], JournalEntry],
    result: Verification,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> None:
    missing = {row for row, (_, sha256, _) in latest.by_row.items() if sha256}
    total = len(missing)
    for audited in AUDITED.values():
        for key, content in all_contents(connection, audited):
            if result.n_rows % _PROGRESS_EVERY == 0:
                raise_if_cancelled(cancelled)
                progress(result.n_rows, total, "Checking the rows")
            result.n_rows += 1
            row = (audited.name, canonical_text(key))
            missing.discard(row)
            _, sha256, at = latest.by_row.get(row, (0, "", ""))
            if content_sha256(content) == sha256:
                continue
            before = _recorded_content(reading, recorded.get(row), sha256)
            result.findings.append(_row_finding(audited, row[1], content, before, sha256, at))
    order = sorted(missing, key=lambda row: latest.by_row[row][0])
    for row in order:
        kept = " The journal has what it held." if row in recorded else ""
        text = f"It was recorded and is no longer there.{kept}"
        result.findings.append(Finding("removed", *row, latest.by_row[row][2], text))


def _recorded_content(
    reading: JournalReading | None, line: JournalEntry | None, sha256: str
) -> Content | None:
    """What the journal says the row was, if that is what the trail says too."""
    if reading is None or line is None or not sha256:
        return None
    try:
        content = reading.content(line)
    except (OSError, ValueError):
        return None
    return content if content_sha256(content) == sha256 else None


def _row_finding(
    audited: AuditedTable,
    key: str,
    content: Content,
    before: Content | None,
    sha256: str,
    at: str,
) -> Finding:
    if not sha256:
        return Finding("inserted", audited.name, key, at, "It is there without a record.")
    differences = list(_differences(audited, before, content)) if before is not None else []
    text = "; ".join(differences[:8]) or "It is another one than recorded"
    if len(differences) > 8:
        text += f"; and {len(differences) - 8} more"
    return Finding("altered", audited.name, key, at, f"{text}.")


def _differences(audited: AuditedTable, before: Content, after: Content) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _row_differences(before, after)
        return
    own = [name for name in primary_key(audited.table) if name not in audited.key]
    was, now = _by_own_key(before, own), _by_own_key(after, own)
    for name in sorted(was.keys() | now.keys()):
        if name not in now:
            yield f"{name} was removed"
        elif name not in was:
            yield f"{name} was inserted"
        elif was[name] != now[name]:
            yield f"{name}: " + ", ".join(_row_differences(was[name], now[name]))


def _by_own_key(content: Content, own: list[str]) -> dict[str, dict[str, Any]]:
    rows = content if isinstance(content, list) else [content]
    return {" ".join(str(row.get(name)) for name in own): row for row in rows}


def _row_differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was != now:
            yield f"{name} was {_shown(was)} and is {_shown(now)}"


def _shown(value: Any) -> str:
    if value is None:
        return "blank"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_VALUE else f"{text[:_SHOWN_VALUE]}…"
