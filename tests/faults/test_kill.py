"""``kill -9`` at any moment of rating, importing, training, exporting and merging.

A few kills of each kind here; ``benchmarks/faults.py`` does the same hundreds of times.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.workspace import Workspace
from reviewapp.study.model import Reader
from reviewapp.study.store import StudyStore
from tests.faults import exporting, importing, merging, rating, scenes, training
from tests.faults.killer import Killer


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> None:
    """The app is started anew after kills."""


def test_readers_lose_and_double_nothing(killer: Killer, tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    print(rating.kill_readers(killer, workspace, study, kills=20, seed=20))


def test_imports_are_completed_by_repeating_them(killer: Killer, tmp_path: Path) -> None:
    drawn = scenes.sources(tmp_path)
    print(importing.kill_imports(killer, drawn, tmp_path / "imports", kills=8, seed=21))


def test_runs_end_like_the_undisturbed_one(killer: Killer, tmp_path: Path) -> None:
    library = scenes.library(tmp_path / "workspace")
    print(training.kill_runs(killer, library, kills=6, seed=22))
    drawn = tmp_path / "drawn"
    print(training.kill_generation(killer, library, "whole", drawn, kills=3, seed=23, n=8))


def test_exports_are_whole_or_absent(killer: Killer, tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.rated_study(workspace)
    print(exporting.kill_exports(killer, workspace, study.study_id, kills=8, seed=24))


def test_packs_are_whole_or_absent_and_merged_once(killer: Killer, tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    packs = merging.prepare(workspace, study, _reader(workspace), tmp_path / "packs")
    print(merging.kill_packs(killer, packs, tmp_path / "kills", kills=10, seed=25))


def _reader(workspace: Workspace) -> str:
    store = StudyStore.open(workspace)
    reader = store.add_reader(Reader("R01"))
    store.close()
    return reader.reader_id


def test_processes_started_anew_are_killed_as_well(tmp_path: Path) -> None:
    """As they all are where the system cannot fork."""
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    arguments = {"root": workspace.root, "study_id": study.study_id}
    reader_id = _reader(workspace)
    with Killer.started(fork=False) as killer:
        outcome = killer.run("rate", kill_at=30, reader_id=reader_id, **arguments)
    assert not outcome.finished
    acknowledged: dict[str, dict[str, object]] = {}
    rating.remember(outcome, acknowledged)
    store = StudyStore.open(workspace)
    answered, _ = rating.check_session(store, study, reader_id, acknowledged)
    assert 0 < answered < 14
    rating.finish_session(store, study, reader_id)
    store.close()


def test_a_killed_operation_was_killed(killer: Killer, tmp_path: Path) -> None:
    """The tests above would pass if nothing were ever killed."""
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    arguments = {"root": workspace.root, "study_id": study.study_id}
    reader_id = _reader(workspace)
    first = killer.run("rate", kill_at=25, reader_id=reader_id, **arguments)
    assert not first.finished
    assert 0 < len(first.values("answered", "index")) < 14
    second = killer.run("rate", kill_after_s=0.0, reader_id=reader_id, **arguments)
    assert not second.finished
    third = killer.run("rate", reader_id=reader_id, **arguments)
    assert third.finished, third.error
    with pytest.raises(AssertionError, match="finished this study"):
        killer.measure("rate", reader_id=reader_id, **arguments)
