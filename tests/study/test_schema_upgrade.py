"""A workspace of the first version of the app opens, and keeps what was recorded in it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.errors import BlindingError, StoreError
from reviewapp.study.export import export_ratings
from reviewapp.study.model import AnswerDraft, Mark
from reviewapp.study.protocol import protocol_sha256
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore

DUMP = Path(__file__).parent / "data" / "study_of_version_1.sql"


@pytest.fixture
def old(workspace: Workspace) -> Workspace:
    connection = sqlite3.connect(workspace.database)
    connection.executescript(DUMP.read_text(encoding="utf-8"))
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
    ratings = export_ratings(store, study.study_id, tmp_path)[0].read_text(encoding="utf-8")
    assert len(ratings.splitlines()) == 1 + 11
    store.close()


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


def test_upgraded_tables_are_those_of_a_new_database(old: Workspace, tmp_path: Path) -> None:
    def columns(path: Path) -> dict[str, dict[str, tuple[str, int, int]]]:
        connection = sqlite3.connect(path)
        found = {
            table: {
                row[1]: (row[2], row[3], row[5])
                for row in connection.execute(f"PRAGMA table_info({table})")
            }
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall()
        }
        connection.close()
        return found

    StudyStore.open(old).close()
    fresh = Workspace.create(tmp_path / "fresh")
    StudyStore.open(fresh).close()
    assert columns(old.database) == columns(fresh.database)
    connection = sqlite3.connect(old.database)
    assert connection.execute("SELECT version FROM schema_info").fetchall() == [
        (schema.SCHEMA_VERSION,)
    ]
    for table in schema.APPEND_ONLY:
        if connection.execute(f"SELECT count(*) FROM {table.name}").fetchone() == (0,):
            continue
        for statement in (f"DELETE FROM {table.name}", f"UPDATE {table.name} SET rowid = rowid"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
    connection.close()


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


def test_an_upgrade_that_fails_changes_nothing(old: Workspace) -> None:
    connection = sqlite3.connect(old.database)
    connection.execute("ALTER TABLE trials ADD COLUMN right_image_id TEXT")
    connection.commit()
    before = sorted(connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    with pytest.raises(StoreError):
        StudyStore.open(old)
    after = sorted(connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    assert after == before
    assert connection.execute("SELECT version FROM schema_info").fetchall() == [(1,)]
    connection.close()
