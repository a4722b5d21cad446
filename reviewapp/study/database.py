"""Opens the study database and its transactions; what is particular to SQLite stands here."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, inspect, make_url, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from reviewapp.study import schema
from reviewapp.study.append_only import forbid_changes
from reviewapp.study.audit_journal import AuditJournal, read_committed
from reviewapp.study.audit_trail import read_head, record_changes
from reviewapp.study.audited_changes import noted_changes, watch
from reviewapp.study.backups import back_up, list_backups
from reviewapp.study.damage import damage_of
from reviewapp.study.database_use import DatabaseUse
from reviewapp.study.errors import BackupError, DamagedDatabaseError, StoreError
from reviewapp.study.migrations import stamp, upgrade_schema
from reviewapp.study.own_schema import CAREFUL_PRAGMAS, check_own_schema, defend
from reviewapp.study.postgresql import (
    check_encoding,
    create_postgresql_engine,
    is_postgresql,
    lock_for_writing,
    postgresql_advice,
)
from reviewapp.study.sqlite_faults import sqlite_advice, watch_file

#: the part of the data that is a copy of the workspace's files
LIBRARY = "library"

_BUSY_TIMEOUT_MS = 20_000
#: as much as SQLite lets the log grow to before it begins anew (1000 pages of 4 KiB)
_LOG_BYTES = 4 * 1024 * 1024


def sqlite_url(path: Path) -> URL:
    """The URL of an SQLite file, whatever characters its path has."""
    return URL.create("sqlite", database=str(path))


class Database:
    """A pool of connections, one for each thread that asks, and the transactions on them.

    A write transaction is durable when `write` returns, and what it did to audited rows is in the
    audit trail and in the ``journal``, where there is one. With ``as_it_is`` a database of whatever
    version is only read: neither made nor brought up to date. Raises `StoreError` for whatever the
    database driver reports.
    """

    def __init__(
        self, url: str | URL, journal: Path | None = None, *, as_it_is: bool = False
    ) -> None:
        self._engine = _create_engine(url)
        file = self._engine.url.database if self._engine.dialect.name == "sqlite" else None
        #: the database's file; None where a server keeps it
        self.file = Path(file) if file else None
        plain_url = self._engine.url.set(drivername=self._engine.dialect.name, query={})
        self._name = file or plain_url.render_as_string(hide_password=True)
        #: called, on whatever thread, when SQLite finds the file damaged
        self.on_damage: Callable[[DamagedDatabaseError], None] = lambda _: None
        self._use = None if self.file is None else DatabaseUse(self.file)
        self._reader = self._writer = self._engine
        #: how long a session's write waits for other programs; None as long as all others do
        self.reader_patience_ms: int | None = None
        if self._engine.dialect.name == "sqlite":
            _configure_sqlite(self._engine)
            self._writer = self._engine.execution_options(write=True)
        elif self._engine.dialect.name == "postgresql":
            self._reader = self._engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            # Each statement sees what was committed before it: after the wait for the lock.
            self._writer = self._engine.execution_options(isolation_level="READ COMMITTED")
        watch(self._engine)
        self._journal = None if journal is None else AuditJournal(journal)
        if as_it_is:
            return
        try:
            self._prepare_schema()
            self._look_for_lost_end()
            self._catch_up_journal()
        except BaseException:
            self.close()
            raise
        if self.file is not None:
            watch_file(self._engine, self.file)

    @property
    def journal(self) -> Path | None:
        """The audit journal beside it; None on a server."""
        return None if self._journal is None else self._journal.path

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one consistent state and changes nothing."""
        with self._reported(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self, part: str = "", *, brief: bool = False) -> Iterator[Connection]:
        """A transaction that commits at the end of the block, or changes nothing at all.

        It has its turn: what it reads stays as it is until then. One that names a ``part``, such as
        a session's id, writes nothing else, and so needs not wait for other parts where the
        database can let them write at once; for those without a part all wait. A session's part,
        and what is ``brief``, is for a reader who waits: see ``reader_patience_ms``.
        """
        waited_for = brief or (part and part != LIBRARY)
        patience_ms = (self.reader_patience_ms if waited_for else None) or _BUSY_TIMEOUT_MS
        writer = self._writer.execution_options(patience_ms=patience_ms)
        with self._reported():
            with writer.begin() as connection, noted_changes(connection) as changes:
                lock_for_writing(connection, part)
                yield connection
                recorded = record_changes(connection, changes)
                if self._journal is not None and recorded:
                    self._journal.append(connection, recorded)
            if self._journal is not None and recorded:
                self._journal.confirm(recorded)

    def reserve_log(self) -> None:
        """Have the next commits overwrite SQLite's log instead of growing it.

        The length of a growing file is synchronised with every commit, for which a busy disk makes
        one wait many times as long. As durable as before; a failure changes nothing.
        """
        if self.file is None or _log_length(self.file) >= _LOG_BYTES:
            return
        # The driver's own errors: this goes past SQLAlchemy, which would wrap them.
        with contextlib.suppress(sqlite3.Error, DBAPIError):
            connection = self._engine.raw_connection()
            try:
                cursor = connection.cursor()
                # Committed at once, so that another session that reserves meanwhile finds the
                # filler whole or not at all; either may remove it.
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("DROP TABLE IF EXISTS log_reserve")
                cursor.execute("CREATE TABLE log_reserve (filler BLOB)")
                cursor.execute("INSERT INTO log_reserve VALUES (zeroblob(?))", (_LOG_BYTES,))
                cursor.execute("COMMIT")
                cursor.execute("DROP TABLE IF EXISTS log_reserve")
                # From its start again; the file keeps its length.
                cursor.execute("PRAGMA wal_checkpoint(RESTART)")
                cursor.fetchall()
                cursor.close()
            finally:
                connection.close()

    def close(self) -> None:
        """Give all connections back."""
        if self._journal is not None:
            self._journal.close()
        self._engine.dispose()
        if self._use is not None:
            self._use.end()

    def _prepare_schema(self) -> None:
        with self.write() as connection:
            check_encoding(connection)
            check_own_schema(connection, self._name)
            if not inspect(connection).has_table(schema.schema_info.name):
                if self.file is not None and list_backups(self.file):
                    raise DamagedDatabaseError(self.file, "its tables are missing")
                schema.metadata.create_all(connection)
                connection.execute(
                    schema.schema_info.insert().values(version=schema.SCHEMA_VERSION)
                )
                stamp(connection, schema.SCHEMA_VERSION)
                forbid_changes(connection)
                return
            version = _version(connection)
        if version < schema.SCHEMA_VERSION:
            self._upgrade()
        elif version > schema.SCHEMA_VERSION:
            raise StoreError(
                f"The study database {self._name} was written by a newer version of this app "
                f"(schema {version}; this app knows {schema.SCHEMA_VERSION}). Update the app; "
                "the database was left as it is."
            )

    def _upgrade(self) -> None:
        """Run the migrations in one transaction: all of them, or none."""
        unlinked = self._writer.execution_options(foreign_keys=False)
        with self._reported(), unlinked.connect() as connection:
            try:
                with connection.begin():
                    lock_for_writing(connection)
                    version = _version(connection)
                    # Another process may have been first.
                    if version < schema.SCHEMA_VERSION:
                        self._back_up_before_upgrade()
                        upgrade_schema(connection, version)
                        forbid_changes(connection)
                        _check_foreign_keys(connection)
            finally:
                # The next one enforces foreign keys again.
                connection.invalidate()

    def _back_up_before_upgrade(self) -> None:
        """What is committed; nobody else can commit meanwhile. A server's backups are its own."""
        if self.file is None:
            return
        try:
            back_up(self.file)
        except BackupError as error:
            raise StoreError(
                "The study database was written by an earlier version of the app, and is not "
                f"brought up to date without a backup. {error}"
            ) from error

    def _look_for_lost_end(self) -> None:
        """SQLite drops what it cannot read of its log, committed or not, without a word."""
        if self._journal is None or self.file is None:
            return
        noted, _ = read_committed(self._journal.path)
        with self.read() as connection:
            head = read_head(connection)
        if noted > (0 if head is None else head.seq):
            raise DamagedDatabaseError(self.file, "the end of its log was lost")

    def _catch_up_journal(self) -> None:
        """Write what the journal lacks: what an upgrade has taken over, or all where it is lost."""
        if self._journal is None:
            return
        with self.read() as connection:
            lags = self._journal.lags(connection)
        if lags:
            with self.write() as connection:
                self._journal.catch_up(connection)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            damage = self.file and damage_of(error.orig, self.file)
            if damage:
                self.on_damage(damage)
                raise damage from error
            # A driver's reason may have several lines and end with or without a full stop.
            reason = " ".join(str(error.orig).split()).removesuffix(".")
            raise StoreError(
                f"The study database {self._name} reports: {reason}. {self._advice(error)}"
            ) from error
        # What a driver or a type makes of values that no release of this app can have written.
        except (ValueError, TypeError, KeyError, OverflowError) as error:
            raise StoreError(
                f"The study database {self._name} holds, or was given, a value that cannot be "
                f"({type(error).__name__}: {error}). Restore the workspace from a copy."
            ) from error

    def _advice(self, error: DBAPIError) -> str:
        if self._engine.dialect.name == "postgresql":
            return postgresql_advice(error)
        return sqlite_advice(error)


def _create_engine(url: str | URL) -> Engine:
    try:
        parsed = make_url(url)
        if is_postgresql(parsed):
            return create_postgresql_engine(parsed)
        return create_engine(parsed)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        shown = re.sub(r"(://[^/@]*:)[^@]*@", r"\1***@", str(url))
        raise StoreError(f"Cannot use the database URL '{shown}': {error}.") from error


def _log_length(file: Path) -> int:
    try:
        return Path(f"{file}-wal").stat().st_size
    except OSError:
        return 0


def _configure_sqlite(engine: Engine) -> None:
    """WAL with full synchronisation, foreign keys, and explicit transactions."""

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # The driver's own transaction handling begins too late for a consistent read-then-write.
        connection.isolation_level = None
        defend(connection)
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            *CAREFUL_PRAGMAS,
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("foreign_keys", True):
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        if options.get("write"):
            connection.exec_driver_sql(
                f"PRAGMA busy_timeout={options.get('patience_ms', _BUSY_TIMEOUT_MS)}"
            )
        # A writer takes its lock at once: two that first read would otherwise block each other.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")


def _version(connection: Connection) -> int:
    version = connection.execute(select(schema.schema_info.c.version)).scalar()
    if not isinstance(version, int) or version < 1:
        raise StoreError("This is no study database of this app: its schema has no version.")
    return version


def _check_foreign_keys(connection: Connection) -> None:
    """Raise `StoreError` where an upgrade without enforcement has left a row without its parent."""
    if connection.dialect.name != "sqlite":
        return
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        tables = ", ".join(sorted({orphan[0] for orphan in orphans}))
        raise StoreError(
            f"The study database could not be upgraded: rows of {tables} refer to rows that are "
            "missing. The database was left as it is; restore it from a backup."
        )
