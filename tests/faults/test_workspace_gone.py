"""A workspace that cannot be written, or is not there: told, never made anew, nothing lost."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.data.folder import import_folder
from engine.errors import StorageError
from engine.training.events import CheckpointSaved, Event, StateChanged
from engine.training.job import JobQueue
from engine.training.runs import create_run
from reviewapp.main_window import MainWindow
from reviewapp.recent import RecentWorkspaces
from reviewapp.study.errors import StoreError
from reviewapp.study.store import StudyStore
from tests.faults import scenes, training
from tests.faults.conftest import Begin
from tests.faults.small_disk import read_only

_PATIENCE_S = 120.0
moves_open_folders = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows moves no folder whose files are open"
)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    window = MainWindow(RecentWorkspaces(tmp_path / "config" / "recent.json"))
    qtbot.addWidget(window)
    window.show()
    return window


def test_a_read_only_workspace_is_told_when_it_is_opened(
    window: MainWindow, tmp_path: Path
) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    scenes.study(workspace)
    with read_only(workspace.root, tmp_path / "read-only") as folder:
        assert not window.open_workspace(folder)
        told = window.welcome.messages.text
        assert "writable" in told
        assert str(folder) in told
        with pytest.raises(StorageError, match=r"Read-only file system.*your rights"):
            import_folder(
                scenes.sources(tmp_path / "drawn")["folder"],
                type(workspace)(folder),
                name="pictures",
                size=32,
            )
    assert window.open_workspace(workspace.root)
    window.close()


@moves_open_folders
def test_an_answer_waits_until_the_workspace_is_back(begin: Begin, tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    page, walk = begin(workspace, study)
    walk.rate_until(2, Qt.Key.Key_5).to_image()
    workspace.root.rename(tmp_path / "elsewhere")
    walk.press(Qt.Key.Key_4)
    assert "is not there any more" in walk.view.messages.text
    assert "Bring it back" in walk.view.messages.text
    assert walk.view.presenter.has_unsaved_answer
    assert not workspace.root.exists()
    (tmp_path / "elsewhere").rename(workspace.root)
    walk.press(Qt.Key.Key_Return)
    assert [answer.confidence for answer in walk.answers(page.context.store)] == [5, 5, 4]


@moves_open_folders
def test_no_database_is_begun_anew_where_one_was(tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    store = StudyStore.open(workspace)
    n_images = store.sync_library() and store.count_images()
    workspace.root.rename(tmp_path / "elsewhere")
    # As under an empty mount point: a connection made now would make the file.
    workspace.root.mkdir()
    for _ in range(2):
        with pytest.raises(StoreError, match="not there any more"):
            store.count_images()
        store._database._engine.dispose()
    assert list(workspace.root.iterdir()) == []
    workspace.root.rmdir()
    (tmp_path / "elsewhere").rename(workspace.root)
    assert store.count_images() == n_images
    store.close()


@moves_open_folders
def test_a_run_ends_where_its_folder_has_gone_and_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    run_id = create_run(workspace, training.settings(), "moved")
    ended = threading.Event()
    told: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, CheckpointSaved) and event.step == training.EVERY:
            workspace.root.rename(tmp_path / "elsewhere")
        if isinstance(event, StateChanged) and event.state in ("failed", "finished"):
            told.append(event.message)
            ended.set()

    queue = JobQueue(workspace, listen)
    try:
        queue.resume(run_id)
        assert ended.wait(_PATIENCE_S)
        assert "Bring it back" in told[0] or "Check the free space" in told[0]
        assert not workspace.root.exists(), "the workspace was begun anew where it was"
        (tmp_path / "elsewhere").rename(workspace.root)
        ended.clear()
        queue.resume(run_id)
        assert ended.wait(_PATIENCE_S)
    finally:
        assert queue.shutdown(_PATIENCE_S)
    assert training.list_checkpoints(training.run_folder(workspace, run_id).checkpoints)[
        -1
    ].state.step == (training.STEPS)


def test_the_workspace_opened_last_is_named_where_it_is_not_there(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "on a drive"
    assert window.open_workspace(folder)
    window.close_workspace()
    folder.rename(tmp_path / "elsewhere")
    # An empty mount point is what a drive leaves that is not connected.
    folder.mkdir()
    last = RecentWorkspaces(tmp_path / "config" / "recent.json").last()
    assert last == folder
    assert not window.reopen_workspace(last)
    assert "is not there" in window.welcome.messages.text
    assert "connect" in window.welcome.messages.text
    assert list(folder.iterdir()) == []
    folder.rmdir()
    (tmp_path / "elsewhere").rename(folder)
    assert window.reopen_workspace(folder)
    window.close()
