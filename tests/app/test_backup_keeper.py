"""Backups made beside the window's work, and what it says where one fails."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.workspace import Workspace
from reviewapp.main_window import MainWindow
from reviewapp.recent import RecentWorkspaces
from reviewapp.study.backups import Backup, backup_folder, list_backups
from reviewapp.study.model import Reader
from reviewapp.study.session import RatingSession
from reviewapp.study.timestamps import utc_now

WAIT_MS = 20_000


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    window = MainWindow(RecentWorkspaces(tmp_path / "recent.json"))
    window.show()
    yield window
    window.close()


@pytest.fixture
def studied(workspace_with_study: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(workspace_with_study, tmp_path / "studied")
    return Workspace.create(tmp_path / "studied")


def after_next(qtbot: QtBot, window: MainWindow, count: int) -> list[Backup]:
    """The backups once there are ``count`` and nothing is under way."""
    database = window.context.workspace.database
    qtbot.waitUntil(
        lambda: len(list_backups(database)) >= count and not window.backups.busy, timeout=WAIT_MS
    )
    return list_backups(database)


def test_a_session_is_backed_up_when_it_begins_and_when_it_ends(
    qtbot: QtBot, window: MainWindow, studied: Workspace
) -> None:
    assert window.open_workspace(studied.root)
    after_next(qtbot, window, 1)
    store = window.context.store
    (study,) = store.studies()
    store.add_reader(Reader("R01", "Dr Test"))
    session = RatingSession(store, store.open_session(study.study_id, "R01"))
    after_next(qtbot, window, 2)
    while not session.finished:
        session.end_break()
        session.answer(4, 900.0, utc_now(), utc_now())
        session.advance()
    newest, *_ = after_next(qtbot, window, 3)
    elsewhere = Workspace.create(studied.root.parent / "elsewhere")
    window.close_workspace()
    shutil.copy(newest.path, elsewhere.database)
    assert window.open_workspace(elsewhere.root)
    copied = window.context.store.latest_answers(session.session_id)
    assert len(copied) == study.protocol.n_trials


def test_what_has_not_changed_is_not_backed_up_again(
    qtbot: QtBot, window: MainWindow, studied: Workspace
) -> None:
    assert window.open_workspace(studied.root)
    first = after_next(qtbot, window, 1)
    with qtbot.waitSignal(window.backups.ended, timeout=WAIT_MS):
        window.backups.check()
    assert list_backups(studied.database) == first


def test_a_failed_backup_is_told_once_the_reader_is_done(
    qtbot: QtBot, window: MainWindow, studied: Workspace
) -> None:
    backup_folder(studied.database).write_bytes(b"a file where the folder should be")
    assert window.open_workspace(studied.root)
    window.context.focus_mode.emit(True)
    with qtbot.waitSignal(window.backups.failed, timeout=WAIT_MS):
        window.backups.check()
    assert not window.messages.isVisible()
    window.context.focus_mode.emit(False)
    assert window.messages.isVisible()
    assert "was not backed up" in window.messages.text
    assert str(backup_folder(studied.database)) in window.messages.text
    window.close_workspace()
    assert window.messages.text == ""


def test_damage_is_found_behind_the_window(
    qtbot: QtBot, window: MainWindow, studied: Workspace
) -> None:
    assert window.open_workspace(studied.root)
    first = after_next(qtbot, window, 1)
    with studied.database.open("r+b") as file:
        pages = file.seek(0, 2) // 4096
        file.seek(4096 * (pages // 2))
        file.write(random.Random(2).randbytes(4096 * (pages // 3)))
    with qtbot.waitSignal(window.backups.damaged, timeout=WAIT_MS):
        window.backups.check()
    assert "is damaged" in window.messages.text
    assert list_backups(studied.database) == first


def test_a_window_that_closes_does_not_wait_for_a_backup(
    qtbot: QtBot, window: MainWindow, studied: Workspace
) -> None:
    assert window.open_workspace(studied.root)
    window.backups.check()
    window.close()
    assert not list(backup_folder(studied.database).glob("*.partial*"))
