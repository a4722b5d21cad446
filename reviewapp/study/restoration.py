"""Brings a damaged study database back: the newest good backup, then what the journal has later.

Without a backup all comes from the journal.

The damaged file is kept. Whenever the process ends on the way, the next opening goes on: the new
file gets its name ``study.db.restored-TIME`` once it is whole, then takes the database's place.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from reviewapp.study import schema
from reviewapp.study.audit_journal import last_seq, read_committed
from reviewapp.study.backups import (
    TIME_FORMAT,
    Backup,
    backup_folder,
    copy_database,
    list_backups,
    synchronise,
)
from reviewapp.study.damage import check_database, damage_of
from reviewapp.study.database import Database, sqlite_url
from reviewapp.study.database_use import used_alone
from reviewapp.study.errors import DamagedDatabaseError, StoreError
from reviewapp.study.journal_replay import ReplayReport, replay
from reviewapp.study.timestamps import utc_now

_WORK = "restoring-"
_SMALL_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Restoration:
    """What was done: the damaged file's new place, what was wrong with it, where answers came from.

    ``backup`` is None where the database itself was sound but not complete, or all came from the
    journal, ``damaged`` where there was no file. ``n_unrestored`` answers can be read in the
    damaged file alone; ``n_lost`` entries of the audit trail are nowhere, and ``stopped`` says
    where the journal could not be followed.
    """

    database: Path
    damaged: Path | None
    found: str
    backup: Backup | None
    n_answers: int = 0
    n_from_journal: int = 0
    n_unrestored: int = 0
    n_lost: int = 0
    stopped: str = ""

    @property
    def message(self) -> str:
        """What happened and what to do, for whoever opens the workspace."""
        sentences = [f"The study database was damaged ({self.found}) and has been restored."]
        if self.backup is not None:
            made_at = self.backup.made_at.astimezone()
            sentences.append(
                f"{_answers(self.n_answers)} came from the backup of {made_at:%Y-%m-%d %H:%M}, "
                f"{self.n_from_journal} later from the journal."
            )
        elif not self.n_answers:
            sentences.append(f"{_answers(self.n_from_journal)} came from the journal.")
        else:
            sentences.append(
                f"{_answers(self.n_answers)} were in it, {self.n_from_journal} more came from the "
                "journal."
            )
        if self.n_lost:
            sentences.append(
                f"{self.n_lost} later records are neither in a backup nor in the journal."
            )
        if self.stopped:
            sentences.append(self.stopped)
        if self.n_unrestored:
            sentences.append(
                f"{_answers(self.n_unrestored)} can be read in the damaged file only: have them "
                "brought back before you go on rating."
            )
        if self.damaged is not None:
            sentences.append(f"The damaged file is kept as {self.damaged}.")
        sentences.append(
            "Look whether all studies, readers and sessions are as you left them, and have the "
            "disk checked."
        )
        return " ".join(sentences)


def restore_if_damaged(
    database: Path, journal: Path | None = None, *, check: bool = False
) -> Restoration | None:
    """Restore the database where it is missing, empty, incomplete or damaged; None where it is not.

    Nobody may have it open. With ``check``, and of a small file always, every page is read. Raises
    `DamagedDatabaseError` where there is neither a good backup nor a journal, and leaves the file
    as it is then, `DatabaseInUseError` while another window has it open, and `StoreError` when the
    disk does not take the restored file.
    """
    check = check or _is_small(database)
    try:
        if not _pending(database) and _diagnosis(database, journal, check) is None:
            return None
        with used_alone(database):
            for restored in _pending(database):
                return _finish(restored, database)
            # Another process may have been first.
            found = _diagnosis(database, journal, check)
            return None if found is None else _restore(database, journal, found)
    except (OSError, sqlite3.Error) as error:
        raise damage_of(error, database) or StoreError(
            f"The study database {database} is damaged and could not be restored: {error}. "
            "Nothing was changed. Make room on the disk or make the folder writable, then open "
            "the workspace again."
        ) from error


def _is_small(database: Path) -> bool:
    """Whether a check is a matter of milliseconds."""
    try:
        return 0 < database.stat().st_size <= _SMALL_BYTES
    except OSError:
        return False


def _diagnosis(database: Path, journal: Path | None, check: bool) -> str | None:
    """What is wrong with the file in a few words; None where nothing is, or nothing was there.

    Without ``check`` it is not opened, because closing it would write its log into it.
    """
    if not database.exists() or database.stat().st_size == 0:
        # A new database of which nothing but the log has been written yet has neither.
        known = list_backups(database) or _noted_head(journal)
        return "the file was missing or empty" if known else None
    if not check:
        return None
    # Before the database's own, to which another process may add meanwhile.
    noted = _noted_head(journal)
    try:
        check_database(database)
        head = _head(database)
    except DamagedDatabaseError as error:
        return error.found
    except sqlite3.Error as error:
        damage = damage_of(error, database)
        if damage is not None:
            return damage.found
        if "no such table" in str(error):
            known = list_backups(database) or noted
            return "its tables were missing" if known else None
        raise
    if noted > head:
        return "the end of its log was lost"
    return None


def _restore(database: Path, journal: Path | None, found: str) -> Restoration:
    backup, backup_head = _newest_good(database)
    is_sound = _is_sound(database)
    if backup is None and not is_sound and not (journal and last_seq(journal)):
        raise DamagedDatabaseError(database, found, has_backup=False)
    folder = backup_folder(database)
    folder.mkdir(exist_ok=True)
    for left in folder.glob(f"{_WORK}*"):
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=_WORK, dir=folder))
    try:
        copy = work / database.name
        # What knows most.
        if is_sound and _head(database) >= backup_head:
            backup = None
            copy_database(database, copy)
        elif backup is not None:
            shutil.copyfile(backup.path, copy)
        n_answers = len(_answer_ids(copy)) if copy.exists() else 0
        report = _replay(copy, journal)
        if backup is None and not is_sound and not report.n_entries:
            raise DamagedDatabaseError(database, found, has_backup=False)
        _settle(copy)
        check_database(copy)
        restored_ids = _answer_ids(copy)
        unrestored = _readable_answers(database, work) - restored_ids
        synchronise(copy)
        restored = copy.replace(_free_name(database))
        damaged = _take_place(restored, database)
        lost = max(0, _noted_head(journal) - _head(database))
        if journal is not None and (lost or not report.chain_kept):
            _begin_journal_anew(journal)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return Restoration(
        database,
        damaged,
        found,
        backup,
        n_answers,
        len(restored_ids) - n_answers,
        len(unrestored),
        lost if report.chain_kept else 0,
        report.stopped,
    )


def _is_sound(database: Path) -> bool:
    try:
        check_database(database)
    except (DamagedDatabaseError, sqlite3.Error):
        return False
    return True


def _newest_good(database: Path) -> tuple[Backup | None, int]:
    for backup in list_backups(database):
        if backup.schema_version > schema.SCHEMA_VERSION:
            continue
        with contextlib.suppress(DamagedDatabaseError, sqlite3.Error):
            check_database(backup.path)
            return backup, _head(backup.path)
    return None, 0


def _pending(database: Path) -> list[Path]:
    """Whole restored files that had no time to take the database's place, newest first."""
    return sorted(database.parent.glob(f"{database.name}.restored-*"), reverse=True)


def _free_name(database: Path) -> Path:
    """Where the restored file waits; the damaged one gets the same time, and is never replaced."""
    moment = utc_now()
    while True:
        stamp = moment.strftime(TIME_FORMAT)
        if not _damaged_name(database, stamp).exists():
            return database.with_name(f"{database.name}.restored-{stamp}")
        moment += timedelta(seconds=1)


def _damaged_name(database: Path, stamp: str) -> Path:
    return database.with_name(f"{database.name}.damaged-{stamp}")


def _finish(restored: Path, database: Path) -> Restoration:
    check_database(restored)
    n_answers = len(_answer_ids(restored))
    damaged = _take_place(restored, database)
    return Restoration(
        database, damaged, "its restoration was interrupted", None, n_answers=n_answers
    )


def _take_place(restored: Path, database: Path) -> Path | None:
    """Put the damaged file aside under the same time; returns where it is, None if there is none.

    The log first: beside the restored file it would be taken for that file's.
    """
    damaged = _damaged_name(database, restored.name.rpartition("-")[2])
    log = Path(f"{database}-wal")
    if log.exists():
        log.replace(f"{damaged}-wal")
    Path(f"{database}-shm").unlink(missing_ok=True)
    if database.exists():
        database.replace(damaged)
    restored.replace(database)
    synchronise(database.parent)
    return damaged if damaged.exists() else None


def _begin_journal_anew(journal: Path) -> None:
    """Keep the journal under another name: the restored database does not go on from its end."""
    folder = journal.parent
    stamp = utc_now().strftime(TIME_FORMAT)
    folder.replace(folder.with_name(f"{folder.name}.before-{stamp}"))


def _settle(copy: Path) -> None:
    """One plain file, without a log beside it, whose sessions nobody holds."""
    with closing(sqlite3.connect(copy)) as connection:
        # Those who held them when the backup was made do not have this file open.
        connection.execute("DELETE FROM session_leases")
        connection.commit()
        connection.execute("PRAGMA journal_mode=DELETE")


def _head(database: Path) -> int:
    """Number of the audit trail's last entry; 0 where a version has none."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as found:
        try:
            (seq,) = found.execute("SELECT max(seq) FROM audit_trail").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            seq = None
    return int(seq or 0)


def _noted_head(journal: Path | None) -> int:
    """Number of the last entry that the journal notes as committed."""
    return 0 if journal is None else read_committed(journal)[0]


def _replay(copy: Path, journal: Path | None) -> ReplayReport:
    """Apply what the journal has later than the database, as far as it can be followed."""
    # Makes the tables where there is no backup, and brings an earlier version's up to date.
    database = Database(sqlite_url(copy))
    try:
        if journal is None:
            return ReplayReport()
        with database.write() as connection:
            return replay(connection, journal)
    except DamagedDatabaseError:
        raise
    except StoreError as error:
        return ReplayReport(stopped=str(error))
    finally:
        database.close()


def _answer_ids(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {row[0] for row in connection.execute("SELECT answer_id FROM answers")}


def _readable_answers(database: Path, work: Path) -> set[str]:
    """The ids of answers that SQLite still gets out of the damaged file, read from a copy."""
    copy = work / "damaged.db"
    found: set[str] = set()
    with contextlib.suppress(OSError, sqlite3.Error):
        shutil.copyfile(database, copy)
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(f"{database}-wal", f"{copy}-wal")
        with closing(sqlite3.connect(copy)) as connection:
            for (answer_id,) in connection.execute("SELECT answer_id FROM answers NOT INDEXED"):
                if isinstance(answer_id, str):
                    found.add(answer_id)
    return found


def _answers(count: int) -> str:
    return f"{count} answer{'' if count == 1 else 's'}"
