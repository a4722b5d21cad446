"""Where a workspace's database is: study.db in its folder, or what workspace.toml names.

The file holds two lines: ``[database]`` and ``url = "postgresql://medgan@server.example.org/study"``.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.bounded_file import parse_toml, read_bounded_text
from engine.workspace import Workspace
from reviewapp.study.backups import list_backups
from reviewapp.study.database import sqlite_url
from reviewapp.study.errors import StoreError
from reviewapp.study.postgresql import is_postgresql

#: What a URL may ask for. Nothing that names a file to read secrets from, or another host.
_OPTIONS = frozenset({"sslmode", "sslrootcert", "connect_timeout", "application_name"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def database_url(workspace: Workspace) -> URL:
    """The URL of the workspace's database; to another computer only by an encrypted connection.

    Raises `StoreError` when workspace.toml cannot be read, holds a password or anything else than
    a PostgreSQL URL, or when a study.db lies beside it.
    """
    if not (workspace.settings.exists() or workspace.settings.is_symlink()):
        return sqlite_url(workspace.database)
    url = _server_url(_read_url(workspace.settings), workspace.settings)
    if workspace.database.exists():
        raise StoreError(
            f"{workspace.settings} names a database on a server, and {workspace.database} is a "
            "database too. Studies are not moved from one to the other: move away the one that is "
            "not meant."
        )
    if url.host not in _LOCAL and "sslmode" not in url.query:
        return url.update_query_dict({"sslmode": "require"})
    return url


def is_workspace(root: Path) -> bool:
    """Whether a folder holds a study database, says where it is, or has a backup of a lost one."""
    workspace = Workspace(root)
    return (
        workspace.database.is_file()
        or workspace.settings.is_file()
        or bool(list_backups(workspace.database))
    )


def _read_url(path: Path) -> str:
    try:
        values = parse_toml(read_bounded_text(path))
    except (OSError, ValueError) as error:
        raise StoreError(f"Cannot read {path}: {error}. Correct it or take it away.") from error
    database = values.pop("database", None)
    if values or not isinstance(database, dict) or set(database) != {"url"}:
        raise StoreError(f'{path} may hold one table, [database], with one line: url = "…".')
    if not isinstance(database["url"], str):
        raise StoreError(f"{path}: the url of [database] must be text in quotation marks.")
    return database["url"]


def _server_url(text: str, path: Path) -> URL:
    wanted = "write it as postgresql://USER@SERVER/DATABASE"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        # Not the text itself, nor the reason, which may hold a password.
        raise StoreError(f"{path}: the url of [database] is not a URL; {wanted}.") from error
    if not is_postgresql(url):
        raise StoreError(f"{path} names a '{url.drivername}' database; {wanted}.")
    if url.password is not None:
        raise StoreError(
            f"{path} holds a password, which everybody who gets the folder can read. Take it out "
            "of the url and put it into your own password file (docs/many_readers.md)."
        )
    if not url.host or not url.database:
        raise StoreError(f"{path}: the url of [database] is not complete; {wanted}.")
    unknown = sorted(set(url.query) - _OPTIONS)
    if unknown:
        raise StoreError(
            f"{path}: the url of [database] may not ask for {', '.join(unknown)}; allowed are "
            f"{', '.join(sorted(_OPTIONS))}."
        )
    return url
