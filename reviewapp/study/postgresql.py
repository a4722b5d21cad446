"""Everything particular to a study database on a PostgreSQL server."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DataError, DBAPIError

from reviewapp.study.errors import StoreError

#: of the two numbers of an advisory lock the first: all writers, or one part of the data
_ALL, _PART = 1_836_279_147, 1_836_279_148
#: Of every connection. What holds a lock and no longer answers, because its computer is gone, is
#: ended by the server, so that others wait for seconds and not for hours.
_SETTINGS = {
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    # An answer is on the server's disk before the next image is shown, whatever its default.
    "synchronous_commit": "on",
}
_CONNECTION: dict[str, Any] = {
    "connect_timeout": 10,
    "application_name": "medgan-review",
    "client_encoding": "utf8",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


def is_postgresql(url: URL) -> bool:
    """Whether ``url`` names a PostgreSQL database, with or without a driver."""
    return url.drivername in ("postgresql", "postgres", "postgresql+psycopg")


def create_postgresql_engine(url: URL) -> Engine:
    """Connections by psycopg, whatever driver ``url`` names or not; what it says of them counts.

    A connection that the server has ended is replaced before it is used. Raises `StoreError` when
    the driver is not installed.
    """
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise StoreError(
            "The study database is on a PostgreSQL server, and the driver for it is not installed "
            f"({error}). Install it with: pip install 'medgan-review[postgresql]'."
        ) from error
    settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
    own = {name: value for name, value in _CONNECTION.items() if name not in url.query}
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args=own | {"options": settings},
        pool_pre_ping=True,
    )


def check_encoding(connection: Connection) -> None:
    """Raise `StoreError` when a server's database cannot store every comment and name."""
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StoreError(
            f"The study database has the encoding {encoding}, which cannot hold every comment. "
            "Make a database with: createdb --encoding=UTF8 --template=template0 NAME."
        )


def lock_for_writing(connection: Connection, part: str = "") -> None:
    """Wait for the turn to write until the transaction ends; "" is the turn to write anything.

    Writers of different parts write beside each other, of the same part one after another, and
    whoever may write anything writes alone: what one reads before it writes stays true, as with
    SQLite's one writer, who needs no lock from here.
    """
    if connection.dialect.name != "postgresql":
        return
    if part:
        connection.exec_driver_sql(
            "SELECT pg_advisory_xact_lock_shared(%s, 0), pg_advisory_xact_lock(%s, hashtext(%s))",
            (_ALL, _PART, part),
        )
    else:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, 0)", (_ALL,))


def postgresql_advice(error: DBAPIError) -> str:
    """What a user can do about what the server or the driver reported."""
    if error.connection_invalidated:
        return (
            "The connection to the server was lost. Everything that was acknowledged is stored; "
            "try again."
        )
    if isinstance(error, DataError):
        return "The database cannot hold one of the values; nothing was stored."
    return (
        "Check that the server runs and can be reached from here, that user, password and rights "
        "are as docs/many_readers.md says, and try again."
    )
