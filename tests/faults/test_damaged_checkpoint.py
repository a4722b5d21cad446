"""A checkpoint that is cut short, changed in one bit, or not there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import CheckpointError
from engine.training.checkpoint import (
    OPTIMISERS,
    STATE,
    WEIGHTS,
    checkpoint_folders,
    list_checkpoints,
)
from engine.training.control import Control
from engine.training.events import CheckpointSaved, Event
from engine.training.loop import Trainer
from engine.training.runs import create_run, read_status, run_folder, write_status
from engine.workspace import Workspace
from tests.faults import scenes, training


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def remove(path: Path) -> None:
    path.unlink()


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that ended as it should, and one that was stopped after two checkpoints."""
    library = scenes.library(tmp_path_factory.mktemp("trained") / "workspace")
    create_run(library, training.settings(), "whole")
    training.operations.train(str(library.root), "whole", pauses=False)
    create_run(library, training.settings(), "stopped")
    saved: list[int] = []

    def listen(event: Event) -> None:
        if isinstance(event, CheckpointSaved):
            saved.append(event.step)

    def wish() -> str:
        return "stop" if len(saved) == 2 else "run"

    Trainer(library, "stopped", listen, Control(wish, wish)).train()  # type: ignore[arg-type]
    return library.root


@pytest.fixture
def library(trained: Path, tmp_path: Path) -> Workspace:
    shutil.copytree(trained, tmp_path / "library")
    return Workspace(tmp_path / "library")


def resume(library: Workspace) -> list[str]:
    """Train the stopped run to its end; returns the notices it has told."""
    notices: list[str] = []

    def listen(event: Event) -> None:
        if notice := read_status(run_folder(library, "stopped")).message:
            notices.append(notice)

    Trainer(library, "stopped", listen, Control(lambda: "run", lambda: "run")).train()
    write_status(run_folder(library, "stopped"), "finished")
    return notices


@pytest.mark.parametrize("damage", [cut_short, flip_a_bit, remove, make_empty])
@pytest.mark.parametrize("name", [WEIGHTS, OPTIMISERS, STATE])
def test_the_run_goes_on_from_the_one_before_and_says_so(
    library: Workspace, damage: Callable[[Path], None], name: str
) -> None:
    checkpoints = run_folder(library, "stopped").checkpoints
    (_, _), (step, last) = checkpoint_folders(checkpoints)
    assert step == 2 * training.EVERY
    damage(last / name)
    notices = resume(library)
    training.check_same_run(library, "stopped", "whole")
    assert f"Went on from step {training.EVERY}" in notices[0]
    assert str(last) in notices[0]


@pytest.mark.parametrize("name", [WEIGHTS, STATE])
def test_without_a_whole_one_the_run_does_not_begin_anew(library: Workspace, name: str) -> None:
    checkpoints = run_folder(library, "stopped").checkpoints
    for _, folder in checkpoint_folders(checkpoints):
        cut_short(folder / name)
    with pytest.raises(CheckpointError, match=r"is whole\..*from a copy, or start a new run"):
        resume(library)
    assert len(checkpoint_folders(checkpoints)) == 2


def test_a_damaged_checkpoint_is_written_again_and_a_whole_one_is_left(
    library: Workspace,
) -> None:
    checkpoints = run_folder(library, "stopped").checkpoints
    (_, first), (_, last) = checkpoint_folders(checkpoints)
    flip_a_bit(last / WEIGHTS)
    before = {path: path.stat().st_mtime_ns for path in first.iterdir()}
    steps = iter(["run"] * training.EVERY + ["stop"])
    ending = Trainer(
        library,
        "stopped",
        lambda event: None,
        Control(lambda: next(steps), lambda: "run"),  # type: ignore[arg-type, return-value]
    ).train()
    assert ending == "stopped"
    assert [c.state.step for c in list_checkpoints(checkpoints)] == [4, 8]
    assert {path: path.stat().st_mtime_ns for path in first.iterdir()} == before
    assert not list(checkpoints.glob(".*"))
    notices = resume(library)
    assert not any("Went on from" in notice for notice in notices)
    training.check_same_run(library, "stopped", "whole")
