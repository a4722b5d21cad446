"""Whether SQLite finds a study database damaged."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

from engine.errors import Cancelled
from engine.progress import CancelCheck, never_cancelled
from reviewapp.study.errors import DamagedDatabaseError

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
#: instructions of SQLite's machine between two looks whether to stop
_INSTRUCTIONS = 100_000


def damage_of(error: BaseException | None, database: Path) -> DamagedDatabaseError | None:
    """The error to raise when ``error`` says that the file is damaged; None when it does not."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        if code is not None and code & 0xFF in _DAMAGE:
            return DamagedDatabaseError(database, str(error))
    return None


def check_database(database: Path, cancelled: CancelCheck = never_cancelled) -> int:
    """Read every page of the file and compare tables with indices; returns the schema version.

    Raises `DamagedDatabaseError` for what SQLite's quick check finds, `sqlite3.Error` when the
    file cannot be read, and `engine.errors.Cancelled`.
    """
    # Closing a connection that may write would write the log into the file.
    uri = f"{database.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.set_progress_handler(cancelled, _INSTRUCTIONS)
            found = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
            if found != ["ok"]:
                raise DamagedDatabaseError(database, _in_one_line(found))
            row = connection.execute("SELECT version FROM schema_info").fetchone()
            if row is None or not isinstance(row[0], int):
                raise DamagedDatabaseError(database, "it does not tell its version")
            version = row[0]
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise Cancelled("The check of the study database was cancelled.") from error
        damage = damage_of(error, database)
        raise damage or error from error
    return version


def _in_one_line(found: list[str]) -> str:
    """What a reader can make something of: SQLite names its own functions."""
    page = re.search(r"page (\d+)", " ".join(found), re.IGNORECASE)
    if page is not None:
        return f"page {page[1]} of the file cannot be read"
    lines = [line for text in found for line in text.splitlines() if not line.startswith("***")]
    return lines[0] if lines else "its pages do not fit together"
