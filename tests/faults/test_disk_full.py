"""A full disk: nothing is half done, the message says what to do, and with room it goes on."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.data.folder import import_folder
from engine.data.manifest import read_manifest
from engine.errors import StorageError
from engine.generation import generate_batch
from engine.training.checkpoint import list_checkpoints, verify_checkpoint
from engine.training.events import CheckpointSaved, Event, StateChanged
from engine.training.job import JobQueue
from engine.training.runs import create_run, read_summary, run_folder
from engine.workspace import Workspace
from reviewapp.rating.export_dialog import ExportChoice
from reviewapp.study.errors import StoreError
from reviewapp.study.model import Reader
from reviewapp.study.store import StudyStore
from tests.faults import merging, scenes, training
from tests.faults.app_start import start_app
from tests.faults.conftest import Begin
from tests.faults.small_disk import SmallDisk

_PATIENCE_S = 120.0
_FULL = r"(No space left|disk is full|full).*"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_answer_stays_on_the_screen_until_there_is_room(
    disk: SmallDisk, begin: Begin, qtbot: QtBot
) -> None:
    workspace = scenes.library(disk.path / "workspace")
    study = scenes.study(workspace)
    disk.fill(leave_bytes=600 * 1024)
    page, walk = begin(workspace, study)
    disk.fill(leave_bytes=0)
    given = 0
    while not walk.view.messages.text:
        assert walk.scene != "finished", "the disk was never full"
        walk.press(Qt.Key.Key_5 if walk.scene == "image" else Qt.Key.Key_Space)
        given = walk.view.presenter.session.progress.answered
    assert "free space" in walk.view.messages.text
    unsaved = walk.view.presenter.has_unsaved_answer
    # Neither another key nor the first wish to leave loses it.
    walk.press(Qt.Key.Key_2)
    if unsaved:
        walk.press(Qt.Key.Key_Escape)
        assert page.session_view is walk.view
        assert "Press Esc once more" in walk.view.messages.text
    disk.free()
    walk.press(Qt.Key.Key_Return)
    assert not walk.view.presenter.has_unsaved_answer
    answers = walk.rate_until(14, Qt.Key.Key_5).answers(page.context.store)
    assert [answer.confidence for answer in answers] == [5] * 14
    assert given < 14


def test_an_import_goes_on_with_room(disk: SmallDisk, tmp_path: Path) -> None:
    source = scenes.sources(tmp_path)["folder"]
    workspace = Workspace.create(disk.path / "workspace")
    disk.fill(leave_bytes=24 * 1024)
    with pytest.raises(StorageError, match=r"Cannot write .*No space left.*Check the free space"):
        import_folder(source, workspace, name="pictures", size=32)
    assert read_manifest(workspace.manifest_path("pictures")) == []
    disk.free()
    report = import_folder(source, workspace, name="pictures", size=32)
    assert (report.images_total, report.skipped) == (12, [])
    start_app(workspace)
    assert not [name for name in names(workspace.root) if name.endswith(".part")]


class Listener:
    """Fills the disk at the first checkpoint, and knows when a run has ended."""

    def __init__(self, disk: SmallDisk) -> None:
        self._disk = disk
        self._filled = False
        self.ended = threading.Event()

    def __call__(self, event: Event) -> None:
        if isinstance(event, CheckpointSaved) and not self._filled:
            self._filled = True
            self._disk.fill()
        if isinstance(event, StateChanged) and event.state in ("failed", "finished"):
            self.ended.set()


def test_a_run_says_so_and_is_resumed_with_room(disk: SmallDisk) -> None:
    workspace = scenes.library(disk.path / "workspace")
    run_id = create_run(workspace, training.settings(), "short")
    listener = Listener(disk)
    queue = JobQueue(workspace, listener)
    try:
        queue.resume(run_id)
        assert listener.ended.wait(_PATIENCE_S)
        (run,) = queue.runs()
        assert run.state == "failed"
        assert "No space left" in run.message
        assert "space" in run.message.split("No space left")[1]
        checkpoints = list_checkpoints(run_folder(workspace, run_id).checkpoints)
        assert [checkpoint.state.step for checkpoint in checkpoints] == [training.EVERY]
        verify_checkpoint(checkpoints[0])
        disk.free()
        listener.ended.clear()
        queue.resume(run_id)
        assert listener.ended.wait(_PATIENCE_S)
    finally:
        assert queue.shutdown(_PATIENCE_S)
    assert read_summary(workspace, run_id).state == "finished"
    whole = create_run(workspace, training.settings(), "whole")
    training.operations.train(str(workspace.root), whole, pauses=False)
    training.check_same_run(workspace, run_id, whole)


def test_drawing_images_keeps_what_was_listed(disk: SmallDisk) -> None:
    workspace = scenes.library(disk.path / "workspace")
    run_id = create_run(workspace, training.settings(), "trained")
    training.operations.train(str(workspace.root), run_id, pauses=False)
    before = generate_batch(workspace, run_id, 4, seed=1)
    disk.fill(leave_bytes=16 * 1024)
    with pytest.raises(StorageError, match=_FULL):
        generate_batch(workspace, run_id, 16, seed=2)
    manifest = run_folder(workspace, run_id).generated
    assert read_manifest(manifest)[:4] == before
    disk.free()
    generate_batch(workspace, run_id, 16, seed=2)
    assert len(read_manifest(manifest)) == 20


def test_an_export_leaves_the_one_before(disk: SmallDisk, begin: Begin, qtbot: QtBot) -> None:
    workspace = scenes.library(disk.path / "workspace")
    study = scenes.study(workspace)
    page, walk = begin(workspace, study)
    walk.press(Qt.Key.Key_5)
    walk.press(Qt.Key.Key_Escape)
    page.overview.select(study.study_id)

    def export() -> str:
        page.messages.clear()
        page.export(ExportChoice(parquet=True))
        qtbot.waitUntil(lambda: bool(page.messages.text), timeout=30_000)
        return page.messages.text

    assert "Exported to" in export()
    folder = workspace.exports / study.study_id
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    disk.fill(leave_bytes=8 * 1024)
    told = export()
    assert "free space" in told
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    disk.free()
    assert "Exported to" in export()


def test_results_are_merged_whole_or_not_at_all(disk: SmallDisk, tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    store = StudyStore.open(workspace)
    store.add_reader(Reader("R01"))
    store.close()
    packs = merging.prepare(workspace, study, "R01", tmp_path / "packs")
    small = Workspace(merging.copied(packs.issued, disk.path / "workspace"))
    store = StudyStore.open(small)
    disk.fill()
    with pytest.raises(StoreError, match=rf"{_FULL}free space|{_FULL}space"):
        store.merge_pack_results(packs.results)
    (session,) = store.sessions(study.study_id)
    assert (session.n_answered, session.finished_at) == (0, None)
    disk.free()
    assert store.merge_pack_results(packs.results).n_new_answers == 14
    store.close()


def test_a_pack_that_finds_no_room_is_not_issued(disk: SmallDisk, tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    store = StudyStore.open(workspace)
    store.add_reader(Reader("R01"))
    disk.fill(leave_bytes=4096)
    with pytest.raises(StorageError, match=_FULL):
        store.make_pack(study.study_id, "R01", disk.path / "reading.pack")
    assert store.packs(study.study_id) == []
    assert names(disk.path) == {"filler"}
    disk.free()
    assert store.make_pack(study.study_id, "R01", disk.path / "reading.pack").path.is_file()
    store.close()
