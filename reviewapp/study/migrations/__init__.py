"""Brings a database of an earlier version of the app up to date: alembic's revisions, run in place.

Revision "0003" is the schema of version 3, and so on. alembic itself is imported only when there is
something to do.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, select

from reviewapp.study import schema
from reviewapp.study.audit_trail import TRAIL_SINCE, take_over
from reviewapp.study.errors import StoreError

#: alembic's environment: `env.py` and the revisions
SCRIPTS = Path(__file__).resolve().parent

# As alembic makes it; made here as well, so that a new database needs no alembic.
_revision = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def revision_of(version: int) -> str:
    """The id of the revision that makes the tables of this schema version."""
    return f"{version:04d}"


def stamp(connection: Connection, version: int) -> None:
    """Note that the tables are those of ``version``; nothing where a revision is noted already."""
    _revision.create(connection, checkfirst=True)
    if connection.execute(select(_revision)).first() is None:
        connection.execute(_revision.insert().values(version_num=revision_of(version)))


def upgrade_schema(connection: Connection, version: int) -> None:
    """Take the tables from ``version`` to `schema.SCHEMA_VERSION`; the caller commits.

    What was recorded keeps its meaning. ``connection`` is in a write transaction and, on SQLite,
    does not enforce foreign keys, since tables may be made anew under their old name. Raises
    `StoreError` when the revisions are not there.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    stamp(connection, version)
    try:
        command.upgrade(config, revision_of(schema.SCHEMA_VERSION))
    except CommandError as error:
        raise StoreError(
            f"The study database cannot be brought from schema {version} to "
            f"{schema.SCHEMA_VERSION}: {error}. Install the app again; the database was left as "
            "it is."
        ) from error
    if version < TRAIL_SINCE:
        take_over(connection)
    connection.execute(schema.schema_info.update().values(version=schema.SCHEMA_VERSION))
