"""A workspace of each earlier version opens, and keeps what was recorded in it."""

from __future__ import annotations

import csv
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import URL, Engine, create_engine, inspect

from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.database import sqlite_url
from reviewapp.study.errors import BlindingError, StoreError
from reviewapp.study.export import export_ratings
from reviewapp.study.migrations import SCRIPTS
from reviewapp.study.model import AnswerDraft, Mark, Reader
from reviewapp.study.protocol import protocol_sha256
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore

DATA = Path(__file__).parent / "data"


@pytest.fixture(params=range(1, schema.SCHEMA_VERSION))
def version(request: pytest.FixtureRequest) -> int:
    """Of the tables before the upgrade; every earlier one has its file."""
    return request.param


@pytest.fixture
def old(workspace: Workspace, version: int) -> Workspace:
    connection = sqlite3.connect(workspace.database)
    dump = DATA / f"study_of_version_{version}.sql"
    connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()
    return workspace


def test_an_old_study_is_read_as_it_was_recorded(
    old: Workspace, tmp_path: Path, passphrase: str
) -> None:
    store = StudyStore.open(old)
    (study,) = store.studies()
    assert study.protocol_sha256 == protocol_sha256(study.protocol)
    assert study.protocol.tools.marks
    finished, unfinished = store.sessions(study.study_id)
    assert (finished.n_answered, finished.n_trials, unfinished.n_answered) == (7, 7, 4)
    answers = store.latest_answers(finished.session_id)
    assert [answers[i].confidence for i in range(7)] == [1, 2, 3, 4, 5, 6, 1]
    assert [answers[i].response for i in range(7)] == [
        *["generated"] * 3, *["real"] * 3, "generated",
    ]  # fmt: skip
    assert answers[0].comment == "c0"
    changed = store.latest_answers(unfinished.session_id)[3]
    assert (changed.revision, changed.confidence, changed.answer_id) == (2, 6, "R02-changed")
    (mark,) = store.marks(finished.session_id)
    assert (mark.x, mark.reason, mark.side, mark.points) == (1.5, "texture", "", ())
    with pytest.raises(BlindingError):
        store.unblind(study.study_id, "not the passphrase")
    store.unblind(study.study_id, passphrase)
    assert {t.source for t in store.truth(study.study_id).values()} == {"real", "generated"}
    with export_ratings(store, study.study_id, tmp_path)[0].open(
        encoding="utf-8", newline=""
    ) as file:
        ratings = list(csv.DictReader(file))
    assert len(ratings) == 11
    # What an earlier version did not record is blank, not made up.
    unknown = ("reader_role", "frame_interval_ms", "n_showings", "training_consent")
    assert {row[name] for row in ratings for name in unknown} == {""}
    store.close()


def test_what_is_new_is_recorded_in_an_old_workspace(
    old: Workspace, version: int, make_draft: Callable[..., AnswerDraft]
) -> None:
    store = StudyStore.open(old)
    known = store.readers()
    assert [(reader.reader_id, reader.role) for reader in known] == [("R01", ""), ("R02", "")]
    added = store.add_reader(Reader(role="resident", specialty="Radiology"))
    (study,) = store.studies()
    packs = store.packs(study.study_id)
    assert [(pack.pack_id, pack.leak_warns) for pack in packs] == (
        [("pack-0123456789ab", False)] if version >= 2 else []
    )
    info = store.open_session(study.study_id, "R02")
    draft = replace(make_draft(2), frame_interval_ms=16.625, n_showings=2)
    store.record_answer(info.session_id, 4, draft)
    assert info.consented is None
    store.record_consent(info.session_id, True)
    store.close()
    reopened = StudyStore.open(old)
    assert reopened.session(info.session_id).consented
    assert reopened.readers() == [*known, added]
    answer = reopened.latest_answers(info.session_id)[4]
    assert (answer.frame_interval_ms, answer.n_showings) == (16.625, 2)
    reopened.close()


def test_an_unfinished_old_session_goes_on(
    old: Workspace, make_draft: Callable[..., AnswerDraft]
) -> None:
    store = StudyStore.open(old)
    (study,) = store.studies()
    session = RatingSession(store, store.open_session(study.study_id, "R02"))
    assert session.current is not None
    assert session.current.trial_index == 4
    session.mark(Mark("new", session.session_id, 4, "brush", 1, 1, 2, 2, "noise"))
    store.record_answer(session.session_id, 4, make_draft(2))
    store.close()
    reopened = StudyStore.open(old)
    assert reopened.latest_answers(session.session_id)[4].confidence == 2
    assert {mark.mark_id for mark in reopened.marks(session.session_id)} == {"mark-R02", "new"}
    reopened.close()


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
    run = subprocess.run(
        opener, cwd=Path(__file__).parents[2], check=True, capture_output=True, text=True
    )
    assert run.stdout == "0\n"


def test_two_processes_may_open_an_old_workspace_at_once(old: Workspace) -> None:
    script = (
        "import sys; from pathlib import Path; from engine.workspace import Workspace; "
        "from reviewapp.study.store import StudyStore; "
        "StudyStore.open(Workspace(Path(sys.argv[1]))).close()"
    )
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(old.root)],
            cwd=Path(__file__).parents[2],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for opener in openers:
        _, errors = opener.communicate(timeout=60)
        assert opener.returncode == 0, errors
    assert len(StudyStore.open(old).studies()) == 1


def test_an_upgrade_that_fails_changes_nothing(old: Workspace, version: int) -> None:
    connection = sqlite3.connect(old.database)
    # The last step fails; those before it have been done by then.
    in_the_way = "CREATE TABLE map_means (mean FLOAT)"
    connection.execute("ALTER TABLE readers ADD COLUMN role TEXT" if version < 3 else in_the_way)
    connection.commit()
    before = sorted(connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    with pytest.raises(StoreError):
        StudyStore.open(old)
    after = sorted(connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    assert after == before
    assert connection.execute("SELECT version FROM schema_info").fetchall() == [(version,)]
    connection.close()
