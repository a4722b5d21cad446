"""A workspace that somebody else zipped: nothing in it runs, and nothing is written beside it."""

from __future__ import annotations

import os
import pickle
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from engine.errors import DataError, EngineError
from engine.evaluation.inception_weights import load_inception
from engine.training.checkpoint import list_checkpoints, read_checkpoint, verify_checkpoint
from engine.workspace import Workspace
from reviewapp.study.errors import StoreError, StudyError
from reviewapp.study.model import Study
from reviewapp.study.store import StudyStore
from tests.hostile.mutations import as_json
from tests.hostile.readers import TARGETS


def link(path: Path, target: Path) -> None:
    try:
        path.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this system does not let us make links")


@pytest.mark.parametrize("place", ["exports", "runs/run-1/samples", "images/ab", "study.db"])
def test_a_link_out_of_a_workspace_is_refused(place: str, tmp_path: Path) -> None:
    outside = tmp_path / "home"
    outside.mkdir()
    inside = tmp_path / "workspace" / place
    inside.parent.mkdir(parents=True)
    link(inside, outside)
    with pytest.raises(DataError, match="leads out of the workspace"):
        Workspace.create(tmp_path / "workspace")


def test_links_within_a_workspace_and_to_the_whole_of_it_stay_possible(tmp_path: Path) -> None:
    root = tmp_path / "disk" / "workspace"
    (root / "images").mkdir(parents=True)
    link(root / "pictures", root / "images")
    link(tmp_path / "here", root)
    assert Workspace.create(tmp_path / "here").root == root.resolve()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON answers BEGIN DELETE FROM trials; END",
        "CREATE TRIGGER answers_no_update2 BEFORE UPDATE ON answers BEGIN SELECT 1; END",
        "CREATE VIEW v AS SELECT * FROM answers",
        "CREATE VIRTUAL TABLE v USING fts5(x)",
    ],
)
def test_a_database_whose_schema_runs_something_is_not_opened(
    store: StudyStore, study: Study, statement: str
) -> None:
    store.close()
    with sqlite3.connect(store.workspace.database) as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(StoreError, match="has not made"):
        StudyStore.open(store.workspace)


def test_a_trigger_under_the_app_s_own_name_is_looked_into(store: StudyStore, study: Study) -> None:
    store.close()
    with sqlite3.connect(store.workspace.database) as connection:
        connection.execute("DROP TRIGGER answers_no_update")
        connection.execute(
            "CREATE TRIGGER answers_no_update BEFORE UPDATE ON answers "
            "BEGIN SELECT RAISE(IGNORE); END"
        )
    connection.close()
    with pytest.raises(StoreError, match="has not made"):
        StudyStore.open(store.workspace)


ROWS = [
    "UPDATE studies SET created_at = 'yesterday'",
    "UPDATE studies SET created_at = '9999-12-31T23:59:59.999-23:59', protocol = '[[['",
    "UPDATE studies SET protocol = '" + "[" * 50_000 + "'",
    "UPDATE studies SET protocol = x'00ff'",
    "UPDATE images SET attributes = '{'",
    "UPDATE images SET attributes = '[1]', width = 'wide', checkpoint_step = 1e300",
    "UPDATE images SET key = '../../etc/passwd'",
    "UPDATE readers SET experience_years = 'many', role = 7",
    "UPDATE schema_info SET version = 'x'",
    "DELETE FROM schema_info",
]


@pytest.mark.parametrize("statement", ROWS)
def test_rows_that_no_release_wrote_end_in_a_message(
    store: StudyStore, study: Study, reader: object, statement: str
) -> None:
    workspace = store.workspace
    store.close()
    with sqlite3.connect(workspace.database) as connection:
        connection.execute(statement)
    connection.close()
    calls: tuple[Callable[[StudyStore], object], ...] = (
        lambda opened: opened.studies(),
        lambda opened: opened.readers(),
        lambda opened: [workspace.image_path(image.key) for image in opened.images()],
        lambda opened: opened.facets(),
    )
    try:
        opened = StudyStore.open(workspace)
    except StudyError:
        return
    for call in calls:
        try:
            call(opened)
        except (StudyError, EngineError) as error:
            assert str(error)
    opened.close()


class Trap:
    """Leaves a file behind when somebody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("name", ["weights.safetensors", "optimisers.safetensors", "state.json"])
def test_a_pickle_is_no_checkpoint_whatever_its_name(name: str, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    folder = tmp_path / "in"
    for content in (pickle.dumps(Trap(sprung)), _zipped_pickle(sprung, tmp_path)):
        folder.mkdir(exist_ok=True)
        with pytest.raises(EngineError):
            TARGETS["checkpoint weights" if "w" in name[:1] else "checkpoint optimisers"].read(
                content, folder
            ) if name != "state.json" else TARGETS["checkpoint state"].read(content, folder)
    assert not sprung.exists()


def test_a_pickle_of_weights_is_not_opened_without_the_published_hash(tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    (tmp_path / "weights.pth").write_bytes(_zipped_pickle(sprung, tmp_path))
    with pytest.raises(EngineError, match="not opened"):
        load_inception(tmp_path / "weights.pth")
    assert not sprung.exists()


def _zipped_pickle(sprung: Path, folder: Path) -> bytes:
    """As ``torch.save`` writes it."""
    torch.save({"weights": Trap(sprung)}, folder / "saved.pt")
    return (folder / "saved.pt").read_bytes()


@pytest.mark.parametrize("name", ["/dev/zero", "../../secret", "C:\\x"])
def test_a_state_cannot_name_what_is_opened(name: str, tmp_path: Path) -> None:
    import json

    state = json.loads(TARGETS["checkpoint state"].good)
    state["sha256"][name] = "a" * 64
    (tmp_path / "state.json").write_bytes(as_json(state))
    with pytest.raises(EngineError):
        verify_checkpoint(read_checkpoint(tmp_path))


def test_options_that_ask_for_huge_networks_are_refused_before_they_are_built(
    tmp_path: Path,
) -> None:
    """512 channels at 512 pixels would take 34 GB."""
    import json

    state = json.loads(TARGETS["checkpoint state"].good)
    state["options"] |= {"ngf": 512, "ndf": 512}
    state["spec"]["size"] = 512
    state.pop("state_sha256", None)
    with pytest.raises(EngineError, match="does not fit its own"):
        TARGETS["checkpoint state"].read(as_json(state), tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes of POSIX")
def test_pipes_in_place_of_files_are_not_waited_for(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    step = workspace.run_path("run-1") / "checkpoints" / "step-00000001"
    step.mkdir(parents=True)
    os.mkfifo(step / "state.json")
    assert list_checkpoints(step.parent) == []
    os.mkfifo(workspace.manifest_path("pipe"))
    store = StudyStore.open(workspace)
    with pytest.raises(EngineError):
        store.sync_library()
    store.close()
