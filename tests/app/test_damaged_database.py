"""A window over a damaged database: restored when it opens, offered while it is open."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.workspace import Workspace
from reviewapp.main_window import MainWindow
from reviewapp.recent import RecentWorkspaces
from reviewapp.study.errors import StoreError
from reviewapp.study.model import Reader
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

WAIT_MS = 20_000


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    window = MainWindow(RecentWorkspaces(tmp_path / "recent.json"))
    window.show()
    yield window
    window.close()


@pytest.fixture
def begun(workspace_with_study: Path, tmp_path: Path) -> Workspace:
    """A workspace with a session of three answers, backed up."""
    workspace = Workspace.create(Path(shutil.copytree(workspace_with_study, tmp_path / "begun")))
    store = StudyStore.open(workspace)
    store.add_reader(Reader("R01", "Dr Test"))
    rate(store, 3)
    store.back_up()
    store.close()
    return workspace


def rate(store: StudyStore, count: int) -> RatingSession:
    (study,) = store.studies()
    session = RatingSession(store, store.open_session(study.study_id, "R01"))
    for _ in range(count):
        session.end_break()
        session.answer(4, 900.0, utc_now(), utc_now())
        session.advance()
    return session


def overwrite(database: Path, table: str) -> None:
    """The first page of a table, in the file and whatever the log has of it."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
    (page,) = connection.execute(query, (table,)).fetchone()
    connection.close()
    with database.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(random.Random(1).randbytes(4096))


@pytest.mark.parametrize("table", ["images", "schema_info", "sessions"])
def test_a_database_damaged_before_it_opens_is_restored_and_told(
    window: MainWindow, begun: Workspace, table: str
) -> None:
    overwrite(begun.database, table)
    assert window.open_workspace(begun.root)
    told_and_going_on(window, begun)


def test_damage_in_a_large_database_is_found_behind_the_window(
    window: MainWindow, begun: Workspace, qtbot: QtBot
) -> None:
    connection = sqlite3.connect(begun.database)
    connection.execute("CREATE TABLE filler (x BLOB)")
    connection.execute("INSERT INTO filler VALUES (zeroblob(9000000))")
    connection.commit()
    connection.close()
    # Nothing that opening reads.
    overwrite(begun.database, "leak_audits")
    assert window.open_workspace(begun.root)
    qtbot.waitUntil(lambda: "is damaged" in window.messages.text, timeout=WAIT_MS)
    QTest.mouseClick(window.messages.action_button, Qt.MouseButton.LeftButton)
    told_and_going_on(window, begun)


def told_and_going_on(window: MainWindow, begun: Workspace) -> None:
    assert window.messages.isVisible()
    assert "has been restored" in window.messages.text
    assert "3 answers came from the backup" in window.messages.text
    assert len(list(begun.root.glob("study.db.damaged-*Z"))) == 1
    assert window.context is not None
    assert rate(window.context.store, 1).current.trial_index == 4


def test_damage_while_a_reader_rates_is_told_and_restored_by_a_click(
    window: MainWindow, begun: Workspace, qtbot: QtBot
) -> None:
    assert window.open_workspace(begun.root)
    qtbot.waitUntil(lambda: not window.backups.busy)
    session = rate(window.context.store, 0)
    qtbot.waitUntil(lambda: not window.backups.busy)
    window.context.focus_mode.emit(True)
    overwrite(begun.database, "answers")
    with pytest.raises(StoreError, match="is damaged"):
        # A page that SQLite still holds may do for a while.
        for _ in range(5):
            session.answer(5, 900.0, utc_now(), utc_now())
            session.advance()
            window.context.store._database._engine.dispose()
    qtbot.waitUntil(lambda: window.messages.isVisible())
    assert "is damaged" in window.messages.text
    QTest.mouseClick(window.messages.action_button, Qt.MouseButton.LeftButton)
    assert "has been restored" in window.messages.text
    assert window.context is not None
    (info,) = window.context.store.sessions(session.study.study_id)
    assert set(window.context.store.latest_answers(info.session_id)) >= {0, 1, 2}


def test_a_database_without_backup_and_journal_is_told_on_the_welcome_page(
    window: MainWindow, begun: Workspace
) -> None:
    shutil.rmtree(begun.root / "backups")
    shutil.rmtree(begun.journal.parent)
    overwrite(begun.database, "images")
    before = begun.database.read_bytes()
    assert not window.open_workspace(begun.root)
    assert "is damaged" in window.welcome.messages.text
    assert "Neither a good backup nor a journal" in window.welcome.messages.text
    assert begun.database.read_bytes() == before
