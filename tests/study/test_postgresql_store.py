"""What is particular to a study database on a PostgreSQL server."""

from __future__ import annotations

from engine.workspace import Workspace
from reviewapp.study.database import Database
from reviewapp.study.store import StudyStore


def test_a_database_by_a_plain_postgresql_url_opens_twice(
    workspace: Workspace, postgresql_url: str
) -> None:
    StudyStore.open(workspace, url=postgresql_url).close()
    store = StudyStore.open(workspace, url=postgresql_url)
    assert store.studies() == []
    store.close()
    assert not workspace.database.exists()


def test_the_driver_is_psycopg_3_without_being_named(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with database.read() as connection:
        assert connection.dialect.driver == "psycopg"
    database.close()
