"""Copies of an SQLite study database, made while it is in use, checked before they count.

``WORKSPACE/backups/study-20260131T134510Z-schema5.db`` is a whole database in one file. The newest
five stay, and of every earlier schema the last one, which is that before the migration.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.errors import Cancelled
from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled
from reviewapp.study.damage import check_database, damage_of
from reviewapp.study.errors import BackupError, DamagedDatabaseError
from reviewapp.study.timestamps import utc_now

#: how many stay, besides those from before a migration
KEPT = 5

_NAME = re.compile(r"study-(\d{8}T\d{6}Z)-schema(\d+)\.db")
#: how names tell the time, in UTC
TIME_FORMAT = "%Y%m%dT%H%M%SZ"
_PARTIAL = "study-*.partial"
#: so old, a copy that was never finished has nobody who works on it
_ABANDONED_S = 3600.0
#: 1 MiB at a time, with a rest between, so that a reader's answers reach the disk in good time
_PAGES = 256
_REST_S = 0.002


@dataclass(frozen=True, slots=True)
class Backup:
    """One finished backup: when it was begun (UTC, to the second) and its schema version."""

    path: Path
    made_at: datetime
    schema_version: int


def backup_folder(database: Path) -> Path:
    """Where the backups of this database file lie."""
    return database.parent / "backups"


def list_backups(database: Path) -> list[Backup]:
    """All finished backups, newest first."""
    found = []
    for path in backup_folder(database).glob("study-*.db"):
        name = _NAME.fullmatch(path.name)
        if name is not None:
            made_at = datetime.strptime(name[1], TIME_FORMAT).replace(tzinfo=UTC)
            found.append(Backup(path, made_at, int(name[2])))
    return sorted(found, key=lambda backup: backup.made_at, reverse=True)


def backup_is_due(database: Path) -> bool:
    """Whether the database has changed since its newest backup was begun."""
    newest = next(iter(list_backups(database)), None)
    try:
        return newest is None or newest.path.stat().st_mtime_ns != _last_change_ns(database)
    except OSError:
        return True


def back_up(
    database: Path,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> Backup:
    """Copy what is committed by now, whoever else reads or writes, and drop what is not kept.

    The copy counts once it is whole, checked and on the disk. Raises `DamagedDatabaseError` when
    the copy of the database fails its check, `BackupError` when the disk does not take it, and
    `engine.errors.Cancelled`.
    """
    folder = backup_folder(database)
    partial = folder / f"study-{uuid.uuid4().hex}.partial"
    with _reported(database):
        folder.mkdir(exist_ok=True)
        _remove_abandoned(folder)
        changed_ns = _last_change_ns(database)
        try:
            copy_database(database, partial, progress, cancelled)
            version = _check(partial, database, cancelled)
            # Its time tells whether the database has changed since.
            os.utime(partial, ns=(changed_ns, changed_ns))
            synchronise(partial)
            backup = _named(database, version)
            partial.replace(backup.path)
            synchronise(folder)
        finally:
            for file in folder.glob(f"{partial.name}*"):
                file.unlink(missing_ok=True)
        _remove_old(database)
    return backup


def check_file(database: Path, cancelled: CancelCheck = never_cancelled) -> None:
    """Check the database itself. Raises as `back_up` does."""
    with _reported(database):
        check_database(database, cancelled)


@contextmanager
def _reported(database: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        damage = damage_of(error, database)
        raise damage or BackupError(_failure(database, str(error))) from error
    except OSError as error:
        raise BackupError(_failure(database, error.strerror or str(error))) from error


def _failure(database: Path, reason: str) -> str:
    return (
        f"The study database was not backed up to {backup_folder(database)}: {reason}. Everything "
        "recorded is in the database itself; make room on the disk or make the folder writable, "
        "and the next backup will be made."
    )


def copy_database(
    database: Path,
    target: Path,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> None:
    """Write one state of the database, with what is in its log, to a plain file.

    Raises `sqlite3.Error` and `engine.errors.Cancelled`; ``target`` must then be dropped.
    """

    def step(_status: int, remaining: int, total: int) -> None:
        if cancelled():
            raise Cancelled("The backup was cancelled.")
        progress(total - remaining, total, "Backing up the study database")
        if remaining:
            time.sleep(_REST_S)

    # Of a file that is there only: it is not this function's to make an empty one.
    uri = f"{database.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as source:
        # One state from the first page to the last, however much is written meanwhile.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA synchronous=OFF")
            source.backup(copy, pages=_PAGES, progress=step)
            # One plain file, which a reader need not write to.
            copy.execute("PRAGMA journal_mode=DELETE")


def _check(copy: Path, database: Path, cancelled: CancelCheck) -> int:
    try:
        return check_database(copy, cancelled)
    except DamagedDatabaseError as error:
        raise DamagedDatabaseError(database, error.found) from error


def _named(database: Path, version: int) -> Backup:
    """A name later than those there are, whatever the clock says."""
    made_at = utc_now().replace(microsecond=0)
    earlier = list_backups(database)
    if earlier:
        made_at = max(made_at, earlier[0].made_at + timedelta(seconds=1))
    name = f"study-{made_at.strftime(TIME_FORMAT)}-schema{version}.db"
    return Backup(backup_folder(database) / name, made_at, version)


def _remove_old(database: Path) -> None:
    seen: set[int] = set()
    for index, backup in enumerate(list_backups(database)):
        if index >= KEPT and backup.schema_version in seen:
            # One that another program holds open stays until the next time.
            with contextlib.suppress(OSError):
                backup.path.unlink()
        seen.add(backup.schema_version)


def _remove_abandoned(folder: Path) -> None:
    for file in folder.glob(f"{_PARTIAL}*"):
        with contextlib.suppress(OSError):
            if abs(time.time() - file.stat().st_mtime) > _ABANDONED_S:
                file.unlink()


def _last_change_ns(database: Path) -> int:
    """When the file or its log was written last; an empty log is one that was only opened."""
    changed = database.stat().st_mtime_ns
    with contextlib.suppress(OSError):
        log = Path(f"{database}-wal").stat()
        if log.st_size:
            changed = max(changed, log.st_mtime_ns)
    return changed


def synchronise(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
