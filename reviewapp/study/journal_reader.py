"""Reads an audit journal: the entries that count, and every line that is not as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, BinaryIO

from engine.bounded_file import parse_json
from reviewapp.study.audit_journal import MAX_LINE_BYTES, committed_path, read_committed
from reviewapp.study.audit_trail import NO_ENTRY_SHA256, AuditEntry
from reviewapp.study.audited_rows import Content, content_sha256
from reviewapp.study.errors import StoreError

_ENTRY_FIELDS = tuple(own.name for own in fields(AuditEntry))


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An entry in the journal: where its line stands, and the first and last of its transaction."""

    entry: AuditEntry
    transaction: tuple[int, int]
    offset: int
    length: int


@dataclass
class JournalReading:
    """What a journal holds: ``entries`` in their order, later lines in the place of earlier ones.

    ``problems`` names lines that were altered, removed or inserted; ``late`` is the number of
    entries that were written from the database, later than what they record, and ``late_at`` when.
    """

    path: Path
    entries: list[JournalEntry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    late: int = 0
    late_at: str = ""
    committed: tuple[int, str] = (0, "")

    @property
    def last(self) -> int:
        """Number of the last entry."""
        return self.entries[-1].entry.seq if self.entries else 0

    @property
    def n_certain(self) -> int:
        """How many of ``entries`` were committed for certain.

        Of the last transaction only the note beside the journal can tell.
        """
        if not self.entries:
            return 0
        first = self.entries[-1].transaction[0]
        certain = [e for e in self.entries if e.entry.seq < first]
        last = self.entries[len(certain) :]
        return len(self.entries) if _named(last, self.committed[1]) else len(certain)

    def content(self, one: JournalEntry) -> Content | None:
        """What the entry recorded; None where the journal does not tell. Raises `OSError`."""
        with self.path.open("rb") as file:
            file.seek(one.offset)
            content: Content | None = parse_json(file.read(one.length))["row"]
            return content

    def _take(self, one: JournalEntry, line: int, noted: str) -> None:
        seq = one.entry.seq
        first = self.entries[0].entry.seq if self.entries else 1
        if self.entries and seq <= self.last:
            at = max(0, seq - first)
            replaced = self.entries[at:]
            if one.entry.entry_sha256 == replaced[0].entry.entry_sha256:
                self._tell(line, f"(entry {seq}) stands there twice")
            # Only a transaction that was not committed is followed by its own number again.
            whole = {entry.transaction for entry in replaced} == {(seq, replaced[-1].entry.seq)}
            if not whole or _named(replaced, noted) or _named(replaced, self.committed[1]):
                self._tell(line, f"takes the place of the committed entries {seq} to {self.last}")
            del self.entries[at:]
        if seq != self.last + 1:
            self._tell(line, f"is entry {seq} where {self.last + 1} should be")
        before = self.entries[-1].entry.entry_sha256 if self.entries else NO_ENTRY_SHA256
        if one.entry.previous_sha256 != before:
            self._tell(line, f"(entry {seq}) does not follow on the entry before it")
        self.entries.append(one)

    def _tell(self, line: int, text: str) -> None:
        self.problems.append(f"Line {line} of the journal {text}.")


def read_journal(path: Path) -> JournalReading:
    """Read and check a journal; an empty one where there is no file. Raises `StoreError`."""
    reading = JournalReading(path)
    reading.committed = read_committed(path)
    offset = 0
    try:
        if not path.is_file():
            return reading
        with path.open("rb") as file:
            for number, line in enumerate(_lines(file), start=1):
                # A last line without its end is what a crash has left half written.
                if line.endswith(b"\n"):
                    _read_line(reading, number, line, offset)
                offset += len(line)
    except OSError as error:
        raise StoreError(
            f"The audit journal {path} cannot be read: {error.strerror or error}."
        ) from error
    noted, sha256 = reading.committed
    if noted > reading.last:
        reading.problems.append(
            f"The journal ends with entry {reading.last}, but entry {noted} was committed."
        )
    elif noted and all(one.entry.entry_sha256 != sha256 for one in reading.entries):
        reading.problems.append(
            f"The journal lacks the entry {noted} that {committed_path(path).name} names."
        )
    return reading


def _lines(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.readline(MAX_LINE_BYTES), b"")


def _read_line(reading: JournalReading, number: int, line: bytes, offset: int) -> None:
    try:
        values = parse_json(line)
        entry = AuditEntry(**{name: values[name] for name in _ENTRY_FIELDS})
        first, last = values["transaction"]
        one = JournalEntry(entry, (int(first), int(last)), offset, len(line))
        is_whole = isinstance(entry.seq, int) and entry.computed_sha256() == entry.entry_sha256
    except (ValueError, KeyError, TypeError):
        reading._tell(number, "cannot be read")
        return
    if not is_whole:
        reading._tell(number, f"(entry {entry.seq}) was altered")
    if not _fits(entry, values):
        reading._tell(
            number, f"(entry {entry.seq}) holds another row of {entry.table_name} than recorded"
        )
    if "late" in values:
        reading.late += 1
        reading.late_at = str(values["late"])
    if isinstance(entry.seq, int):
        reading._take(one, number, str(values.get("noted", "")))


def _named(entries: list[JournalEntry], sha256: str) -> bool:
    return any(one.entry.entry_sha256 == sha256 for one in entries)


def _fits(entry: AuditEntry, values: Mapping[str, Any]) -> bool:
    row = values.get("row")
    if row is None and "late" in values:
        return True
    return content_sha256(row) == entry.row_sha256
