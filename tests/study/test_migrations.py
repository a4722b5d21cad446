"""Databases of every earlier version get the tables of a new one, wholly or not at all."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import URL, Engine, create_engine, inspect

from engine.workspace import Workspace
from reviewapp.study import migrations, schema
from reviewapp.study.backups import backup_folder, list_backups
from reviewapp.study.database import sqlite_url
from reviewapp.study.errors import StoreError
from reviewapp.study.migrations import SCRIPTS
from reviewapp.study.store import StudyStore

ROOT = Path(__file__).parents[2]
OPEN = (
    "import sys; from pathlib import Path; from engine.workspace import Workspace; "
    "from reviewapp.study.store import StudyStore; "
    "StudyStore.open(Workspace(Path(sys.argv[1]))).close()"
)
#: a revision that has changed answers by the time it fails
FAILING = """
import os, signal
from alembic import op
revision, down_revision = "{revision}", "{previous}"
def upgrade():
    op.execute("DROP TRIGGER IF EXISTS answers_no_delete")
    op.execute("DELETE FROM answers")
    op.execute("CREATE TABLE half_done (x INTEGER)")
    {failure}
"""


def _made_of(path: Path) -> dict[str, object]:
    """Every table with its columns and constraints, every index and trigger, and the revision."""
    engine = create_engine(sqlite_url(path))
    found = inspect(engine)
    tables = found.get_table_names()

    def in_any_order(rows: Iterable[object]) -> list[str]:
        return sorted(map(repr, rows))

    made_of: dict[str, object] = {
        table: {
            "columns": in_any_order(
                (c["name"], str(c["type"]), c["nullable"], c["default"], c["primary_key"])
                for c in found.get_columns(table)
            ),
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "references": in_any_order(
                (k["constrained_columns"], k["referred_table"], k["referred_columns"])
                for k in found.get_foreign_keys(table)
            ),
            "unique": in_any_order(u["column_names"] for u in found.get_unique_constraints(table)),
            "checks": in_any_order(c["sqltext"] for c in found.get_check_constraints(table)),
            "indices": in_any_order(
                (i["name"], i["column_names"], i["unique"]) for i in found.get_indexes(table)
            ),
        }
        for table in tables
    }
    with engine.connect() as connection:
        for query in (
            "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
            "SELECT version, version_num FROM schema_info, alembic_version",
        ):
            made_of[query] = connection.exec_driver_sql(query).fetchall()
    engine.dispose()
    return made_of


def test_upgraded_tables_are_those_of_a_new_database(old: Workspace, tmp_path: Path) -> None:
    StudyStore.open(old).close()
    fresh = Workspace.create(tmp_path / "fresh")
    StudyStore.open(fresh).close()
    assert _made_of(old.database) == _made_of(fresh.database)
    assert _differences(create_engine(sqlite_url(old.database))) == []
    connection = sqlite3.connect(old.database)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    for table in schema.APPEND_ONLY:
        if connection.execute(f"SELECT count(*) FROM {table.name}").fetchone() == (0,):
            continue
        for statement in (f"DELETE FROM {table.name}", f"UPDATE {table.name} SET rowid = rowid"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    connection.close()


def _differences(engine: Engine) -> list[object]:
    """What alembic would have to change in a database to make its tables those of this version."""
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), schema.metadata)
    engine.dispose()
    return found


def _make_version_1(url: str | URL) -> None:
    """By the first revision alone."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    engine = create_engine(url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(schema.schema_info.insert().values(version=1))
    engine.dispose()


def test_the_revisions_make_the_tables_from_nothing(workspace: Workspace, tmp_path: Path) -> None:
    _make_version_1(sqlite_url(workspace.database))
    StudyStore.open(workspace).close()
    fresh = Workspace.create(tmp_path / "fresh")
    StudyStore.open(fresh).close()
    assert _made_of(workspace.database) == _made_of(fresh.database)


def test_the_revisions_run_on_postgresql(workspace: Workspace, postgresql_url: str) -> None:
    _make_version_1(postgresql_url)
    StudyStore.open(workspace, postgresql_url).close()
    assert _differences(create_engine(postgresql_url)) == []
    StudyStore.open(workspace, postgresql_url).close()


def test_alembic_is_not_loaded_for_a_database_that_is_up_to_date(workspace: Workspace) -> None:
    script = (
        "import sys; from pathlib import Path; from engine.workspace import Workspace; "
        "from reviewapp.study.store import StudyStore; "
        "[StudyStore.open(Workspace(Path(sys.argv[1]))).close() for _ in range(2)]; "
        "print(sum(name.split('.')[0] == 'alembic' for name in sys.modules))"
    )
    opener = [sys.executable, "-c", script, str(workspace.root)]
    run = subprocess.run(opener, cwd=ROOT, check=True, capture_output=True, text=True)
    assert run.stdout == "0\n"


@pytest.mark.parametrize("old_version", [1], indirect=True)
def test_two_processes_may_open_an_old_workspace_at_once(old: Workspace) -> None:
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(old.root)], cwd=ROOT, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for opener in openers:
        _, errors = opener.communicate(timeout=60)
        assert opener.returncode == 0, errors
    assert StudyStore.open(old).studies()
    assert len(list_backups(old.database)) == 1


def _state(database: Path) -> list[str]:
    connection = sqlite3.connect(database)
    dump = list(connection.iterdump())
    connection.close()
    return dump


@pytest.fixture
def broken_scripts(tmp_path: Path) -> Path:
    """A copy of the revisions, for one more that fails."""
    return Path(shutil.copytree(SCRIPTS, tmp_path / "scripts"))


def _add_revision(scripts: Path, failure: str) -> int:
    version = schema.SCHEMA_VERSION + 1
    text = FAILING.format(
        revision=f"{version:04d}", previous=f"{schema.SCHEMA_VERSION:04d}", failure=failure
    )
    (scripts / "versions" / f"version_{version}.py").write_text(text, encoding="utf-8")
    return version


def test_a_migration_that_fails_half_way_changes_nothing(
    old: Workspace, broken_scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = _add_revision(broken_scripts, 'op.execute("SELECT * FROM no_such_table")')
    before = _state(old.database)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "SCRIPTS", broken_scripts)
        patch.setattr(schema, "SCHEMA_VERSION", version)
        with pytest.raises(StoreError, match="no_such_table"):
            StudyStore.open(old)
        assert _state(old.database) == before
        assert [_state(backup.path) for backup in list_backups(old.database)] == [before]
    # The repaired app has no trouble with it.
    StudyStore.open(old).close()


@pytest.mark.parametrize("old_version", [1], indirect=True)
def test_a_migration_that_is_killed_half_way_changes_nothing(
    old: Workspace, broken_scripts: Path
) -> None:
    version = _add_revision(broken_scripts, "os.kill(os.getpid(), signal.SIGKILL)")
    before = _state(old.database)
    script = (
        "from pathlib import Path; from reviewapp.study import migrations, schema; "
        f"migrations.SCRIPTS = Path({str(broken_scripts)!r}); schema.SCHEMA_VERSION = {version}; "
    )
    run = subprocess.run([sys.executable, "-c", script + OPEN, str(old.root)], cwd=ROOT)
    assert run.returncode == -signal.SIGKILL
    assert _state(old.database) == before
    StudyStore.open(old).close()


def test_nothing_is_migrated_without_a_backup(old: Workspace) -> None:
    before = _state(old.database)
    # Where the folder should be stands a file.
    backup_folder(old.database).write_bytes(b"")
    with pytest.raises(StoreError, match="not brought up to date without a backup"):
        StudyStore.open(old)
    assert _state(old.database) == before


def test_a_database_of_a_newer_version_is_left_as_it_is(workspace: Workspace) -> None:
    StudyStore.open(workspace).close()
    connection = sqlite3.connect(workspace.database)
    connection.execute("UPDATE schema_info SET version = 999")
    connection.commit()
    connection.close()
    before = _state(workspace.database)
    with pytest.raises(StoreError, match="newer version"):
        StudyStore.open(workspace)
    assert _state(workspace.database) == before
