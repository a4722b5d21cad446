"""Who has an SQLite study database open: a lock beside it that ends with its process.

``study.db.in-use`` is an empty SQLite file, because SQLite's locks work alike on every system:
whoever opens the database holds it shared, whoever replaces the database's file holds it alone.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from reviewapp.study.errors import DatabaseInUseError

#: a restoration of a large database, which another process waits for
_SHARED_WAIT_S = 60.0
#: a window that is just closing
_ALONE_WAIT_S = 5.0


class DatabaseUse:
    """Holds a database in use until `end`; waits while its file is being replaced.

    Raises `DatabaseInUseError` when that does not end. Where no lock can be made, as in a folder
    that cannot be written to, nobody can replace the file either.
    """

    def __init__(self, database: Path) -> None:
        self._connection: sqlite3.Connection | None = None
        with contextlib.suppress(sqlite3.Error):
            self._connection = _connect(database, _SHARED_WAIT_S)
        if self._connection is None:
            return
        try:
            self._connection.execute("BEGIN")
            self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            self.end()
            if _is_busy(error):
                raise DatabaseInUseError(database) from error

    def end(self) -> None:
        """Let others replace the file; further calls do nothing."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@contextmanager
def used_alone(database: Path) -> Iterator[None]:
    """Nobody else opens the database meanwhile; raises `DatabaseInUseError` while somebody has."""
    with closing(_connect(database, _ALONE_WAIT_S)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            if _is_busy(error):
                raise DatabaseInUseError(database) from error
            raise
        yield


def _connect(database: Path, wait_s: float) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{database}.in-use", timeout=wait_s, isolation_level=None, check_same_thread=False
    )


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
