"""A study database from elsewhere is opened only if nothing in it runs by itself.

SQLite executes what a file's schema says: a trigger could remove or alter answers as they are
written, a view could show others than are stored. This app makes no view and one kind of trigger.
Source: SQLite, "Defense Against The Dark Arts", https://www.sqlite.org/security.html.
"""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from sqlalchemy import Connection

from reviewapp.study.errors import StoreError

#: of each connection, before a file's content is used
CAREFUL_PRAGMAS = ("trusted_schema=OFF", "cell_size_check=ON")


def refusal_trigger(table: str, operation: str) -> str:
    """The one kind of trigger that this app makes: it refuses ``UPDATE`` or ``DELETE``."""
    return (
        f"CREATE TRIGGER {table}_no_{operation.lower()} BEFORE {operation} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def defend(connection: Any) -> None:
    """Let no statement of a driver's connection write to SQLite's own tables, where it can."""
    # From Python 3.12 on.
    defensive = getattr(sqlite3, "SQLITE_DBCONFIG_DEFENSIVE", None)
    if defensive is not None:
        connection.setconfig(defensive, True)


def check_own_schema(connection: Connection, name: str) -> None:
    """Raise `StoreError` where the SQLite database ``name`` holds what this app never makes."""
    if connection.dialect.name != "sqlite":
        return
    rows = connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view') "
        "OR sql LIKE 'CREATE VIRTUAL%'"
    )
    for kind, called, sql in rows:
        if kind != "trigger" or not _is_own(str(sql)):
            raise StoreError(
                f"The study database {name} holds a {kind} that this app has not made "
                f"('{str(called)[:40]}'). It could change answers as they are written, so the "
                "database was not opened. Ask whoever sent it for the workspace as the app left it."
            )


def _is_own(sql: str) -> bool:
    found = re.match(r"CREATE TRIGGER (\w+)_no_(update|delete) ", sql)
    return found is not None and " ".join(sql.split()) == refusal_trigger(
        found[1], found[2].upper()
    )
