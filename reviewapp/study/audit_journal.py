"""The audit journal: the audit trail once more in a file beside the database, with what it records.

One line of JSON for an entry, with the row's whole content. It is an anchor outside the database,
which tells when the end of the trail was cut or the trail made anew, and with a backup it gives all
answers back (`journal_replay`). Nothing stands in it that the database does not hold: of a blinded
study the sealed truth only.

Lines are written before the commit of their transaction, so of two with the same number the later
one counts: the earlier transaction was never committed. What was is noted afterwards in a small
file beside it, and every later transaction builds on it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from engine.bounded_file import parse_json, read_bounded
from reviewapp.study.audit_trail import (
    NO_ENTRY_SHA256,
    AuditEntry,
    RecordedEntry,
    read_entries,
    read_head,
)
from reviewapp.study.audited_rows import AUDITED, canonical_text, content_sha256, read_content
from reviewapp.study.errors import StoreError
from reviewapp.study.timestamps import to_iso, utc_now

_LOGGER = logging.getLogger(__name__)
_TAIL_BYTES = 64 * 1024
#: of a study of some 100,000 images; what is longer is no line of a journal
MAX_LINE_BYTES = 64 * 2**20
_MAX_NOTE_BYTES = 200
_BATCH = 1000


def committed_path(journal: Path) -> Path:
    """The small file that names the last entry known to be committed."""
    return journal.with_name("committed.txt")


class AuditJournal:
    """Appends to a journal; safe to use from several threads, and from several processes.

    `append` is called in the write transaction, whose lock keeps lines in order, and `confirm`
    after its commit; only then are the lines, too, on the disk.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._descriptor: int | None = None
        self._synced: Future[None] | None = None
        self._pool: ThreadPoolExecutor | None = None
        #: the file's length and its last entry after this object's last write
        self._known: tuple[int, int, str] | None = None

    def append(self, connection: Connection, recorded: Sequence[RecordedEntry]) -> None:
        """Write the transaction's entries, after those that the file lacks.

        Raises `StoreError` when the disk refuses; the transaction must then not be committed.
        """
        first, last = recorded[0].entry, recorded[-1].entry
        with self._lock:
            try:
                self._await_sync()
                more = {}
                if self._catch_up(connection, first.seq - 1, first.previous_sha256):
                    # Kept, because the note of this transaction will take its place.
                    more["noted"] = read_committed(self.path)[1]
                self._write(_line(one, (first.seq, last.seq), **more) for one in recorded)
                self._known = (self._length(), last.seq, last.entry_sha256)
                self._begin_sync()
            except OSError as error:
                self._forget()
                raise StoreError(
                    f"The audit journal {self.path} cannot be written: "
                    f"{error.strerror or error}. Nothing was recorded. Check the folder's free "
                    "space and your rights in it, and try again."
                ) from error

    def confirm(self, recorded: Sequence[RecordedEntry]) -> None:
        """Note that the transaction of these entries was committed; they are on the disk then.

        A disk that refuses now is logged: the database has all, and the next `append` tries again.
        """
        entry = recorded[-1].entry
        with self._lock:
            try:
                self._await_sync()
                self._note_committed(entry)
            except OSError as error:
                self._forget()
                _LOGGER.warning("The audit journal %s lags: %s", self.path, error)

    def lags(self, connection: Connection) -> bool:
        """Whether the database has entries that the file lacks."""
        head = read_head(connection)
        if head is None:
            return False
        try:
            return read_last(self.path)[0] < head.seq
        except OSError:
            return True

    def catch_up(self, connection: Connection) -> None:
        """Write what the file lacks, in a write transaction; raises `StoreError` like `append`."""
        head = read_head(connection)
        if head is None:
            return
        with self._lock:
            try:
                self._catch_up(connection, head.seq, head.entry_sha256)
                os.fsync(self._open())
                self._note_committed(head)
            except OSError as error:
                self._forget()
                raise StoreError(
                    f"The audit journal {self.path} cannot be written: "
                    f"{error.strerror or error}. Check the folder's free space and your rights in "
                    "it, and open the workspace again."
                ) from error

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            try:
                self._await_sync()
            except OSError as error:
                _LOGGER.warning("The audit journal %s lags: %s", self.path, error)
            self._forget()
            if self._pool is not None:
                self._pool.shutdown()
                self._pool = None

    def _catch_up(self, connection: Connection, seq: int, sha256: str) -> bool:
        """Have the file go up to entry ``seq``; True where it goes on after it.

        What it has beyond was not committed, unless the database is an older one than it was.
        """
        self._follow_file()
        if self._known == (self._length(), seq, sha256):
            return False
        _end_whole(self._open())
        last, _ = read_last(self.path)
        at = to_iso(utc_now())
        batch: list[bytes] = []
        for entry in read_entries(connection, last, seq):
            batch.append(_late_line(connection, entry, at))
            if len(batch) >= _BATCH:
                self._write(batch)
                batch = []
        self._write(batch)
        return last > seq

    def _write(self, lines: Iterable[bytes]) -> None:
        content = b"".join(lines)
        descriptor, length = self._open(), self._length()
        try:
            while content:
                content = content[os.write(descriptor, content) :]
        except OSError:
            os.ftruncate(descriptor, length)
            raise

    def _begin_sync(self) -> None:
        """Force the lines to the disk while the database forces its own: both take as long as one.

        Whichever is first does not matter: a line without its transaction, or a transaction without
        its lines, is put right by the next `append`.
        """
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="audit-journal")
        self._synced = self._pool.submit(os.fsync, self._open())

    def _await_sync(self) -> None:
        synced, self._synced = self._synced, None
        if synced is not None:
            synced.result()

    def _note_committed(self, entry: AuditEntry) -> None:
        # In place and of one length: a reader finds the earlier note or this one.
        note = f"{entry.seq:020d} {entry.entry_sha256}\n".encode("ascii")
        flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_BINARY", 0)
        descriptor = os.open(committed_path(self.path), flags, 0o666)
        try:
            os.write(descriptor, note)
        finally:
            os.close(descriptor)

    def _open(self) -> int:
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(self.path, flags, 0o666)
        return self._descriptor

    def _follow_file(self) -> None:
        """Open the file anew where another one, or none, has taken the place of the open one."""
        if self._descriptor is None:
            return
        try:
            same = os.path.samestat(os.fstat(self._descriptor), self.path.stat())
        except FileNotFoundError:
            same = False
        if not same:
            self._forget()

    def _length(self) -> int:
        return os.fstat(self._open()).st_size

    def _forget(self) -> None:
        self._known = None
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def read_committed(path: Path) -> tuple[int, str]:
    """Number and hash of the last entry of the journal ``path`` that was noted as committed."""
    try:
        note = read_bounded(committed_path(path), _MAX_NOTE_BYTES)
        number, sha256 = note.decode("ascii").split()
        return int(number), sha256
    except (OSError, ValueError):
        return 0, ""


def last_seq(journal: Path) -> int | None:
    """Number of the journal's last entry, None without any; reads the file's end only."""
    try:
        return read_last(journal)[0] or None
    except OSError:
        return None


def read_last(path: Path) -> tuple[int, str]:
    """Number and hash of the last whole entry; 0 where there is none. Raises `OSError`."""
    try:
        with path.open("rb") as file:
            length = file.seek(0, os.SEEK_END)
            taken = _TAIL_BYTES
            while True:
                file.seek(max(0, length - taken))
                # What comes before the first line's end is half a line, unless all was taken.
                lines = file.read().split(b"\n")[0 if taken >= length else 1 : -1]
                for line in reversed(lines):
                    with contextlib.suppress(ValueError, KeyError, TypeError):
                        values = parse_json(line)
                        return int(values["seq"]), str(values["entry_sha256"])
                if taken >= min(length, MAX_LINE_BYTES):
                    return 0, NO_ENTRY_SHA256
                taken *= 8
    except FileNotFoundError:
        return 0, NO_ENTRY_SHA256


def _end_whole(descriptor: int) -> None:
    """Cut a last line that a crash has left half written."""
    length = os.fstat(descriptor).st_size
    kept = length
    while kept > 0:
        begin = max(0, kept - _TAIL_BYTES)
        os.lseek(descriptor, begin, os.SEEK_SET)
        end = os.read(descriptor, kept - begin).rfind(b"\n")
        if end >= 0:
            kept = begin + end + 1
            break
        kept = begin
    if kept < length:
        os.ftruncate(descriptor, kept)


def _line(recorded: RecordedEntry, transaction: tuple[int, int], **more: Any) -> bytes:
    values = asdict(recorded.entry) | {"row": recorded.content, "transaction": transaction} | more
    return canonical_text(values).encode("ascii") + b"\n"


def _late_line(connection: Connection, entry: AuditEntry, at: str) -> bytes:
    """The line of an entry whose row may have changed since: then without its content."""
    content = None
    audited = AUDITED.get(entry.table_name)
    if audited is not None:
        content = read_content(connection, audited, json.loads(entry.row_key))
        if content_sha256(content) != entry.row_sha256:
            content = None
    return _line(RecordedEntry(entry, content), (entry.seq, entry.seq), late=at)
