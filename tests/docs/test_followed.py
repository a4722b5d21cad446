"""The pages that tell how to do something, followed literally."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.manifest import read_manifest
from engine.training.runs import read_summary
from engine.workspace import Workspace
from tests.docs.markdown import DOCS, REPOSITORY, code_blocks

_LIMIT_S = 300


def follow(command: list[str], folder: Path, project: Path) -> str:
    """Run a command of a page in ``folder``, with the packages of ``project``."""
    programs = {"python": [sys.executable], "medgan-engine": [sys.executable, "-m", "engine.cli"]}
    result = subprocess.run(
        [*programs[command[0]], *command[1:]],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(project), "OMP_NUM_THREADS": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_LIMIT_S,
    )
    assert result.returncode == 0, f"{shlex.join(command)}\n{result.stdout}{result.stderr}"
    return result.stdout


def commands(block: str) -> list[list[str]]:
    return [shlex.split(line) for line in block.splitlines() if line]


def test_the_example_of_the_engine_s_interface_runs(tmp_path: Path) -> None:
    (block,) = code_blocks(DOCS / "engine_api.md", "python")
    (tmp_path / "round.py").write_text(block, encoding="utf-8")
    out = follow(["python", "round.py"], tmp_path, REPOSITORY)
    assert "FD (acdc-encoder):" in out
    workspace = Workspace(tmp_path / "workspace")
    child = read_summary(workspace, "child")
    assert (child.state, child.step, child.parent_run_id) == ("finished", 10, "parent")
    for run in ("parent", "child"):
        assert len(read_manifest(workspace.run_path(run) / "generated.jsonl")) == 16


def test_a_variant_is_added_by_one_file(tmp_path: Path) -> None:
    project = tmp_path / "project"
    no_caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "engine", project / "engine", ignore=no_caches)
    shutil.copy(REPOSITORY / "pyproject.toml", project)
    kept = ("conftest.py", "engine/conftest.py", "engine/gans/test_variant_contract.py")
    for path in kept:
        (project / "tests" / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / "tests" / path, project / "tests" / path)
    page = DOCS / "adding_a_variant.md"
    (module,) = code_blocks(page, "python")
    (project / "engine" / "gans" / "lsgan.py").write_text(module, encoding="utf-8")
    check, use = code_blocks(page, "sh")
    for command in commands(check) + commands(use):
        out = follow(command, project, project)
        if "pytest" in command:
            assert "passed" in out and "skipped" not in out
    workspace = Workspace(project / "W")
    run = read_summary(workspace, "first")
    assert (run.config.variant, run.state, run.step) == ("lsgan", "finished", 3)
    drawn = read_manifest(workspace.run_path("first") / "generated.jsonl")
    assert [record.variant for record in drawn] == ["lsgan"] * 4


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (64, 64)).astype(np.uint8)


def test_a_data_set_is_added_with_a_table(tmp_path: Path, picture: np.ndarray) -> None:
    page = DOCS / "adding_a_data_set.md"
    (table,) = code_blocks(page, "csv")
    (tmp_path / "classes.csv").write_text(table, encoding="utf-8")
    for number, line in enumerate(table.splitlines()[1:]):
        path = tmp_path / "pictures" / line.partition(",")[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture + number).save(path)
    for command in commands(code_blocks(page, "sh")[0]):
        follow(command, tmp_path, REPOSITORY)
    workspace = Workspace(tmp_path / "W")
    records = read_manifest(workspace.manifest_path("clinic"))
    assert [record.class_label for record in records] == ["normal", "scar", "normal"]
    assert read_summary(workspace, "first").state == "finished"


def test_a_data_set_is_added_by_a_script(tmp_path: Path, picture: np.ndarray) -> None:
    page = DOCS / "adding_a_data_set.md"
    (script,) = code_blocks(page, "python")
    (tmp_path / "import_clinic.py").write_text(script, encoding="utf-8")
    slices = tmp_path / "slices"
    slices.mkdir()
    subjects = [f"S{number:02d},{('normal', 'scar')[number % 2]},1.25" for number in range(5)]
    table = "\n".join(["subject,diagnosis,spacing_mm", *subjects])
    (slices / "subjects.csv").write_text(table, encoding="utf-8")
    for subject in range(5):
        for plane in range(2):
            name = f"S{subject:02d}_slice{plane:02d}.png"
            Image.fromarray(picture + 2 * subject + plane).save(slices / name)
    (slices / "S04_slice99.png").write_text("no picture")
    Image.fromarray(picture[:32]).save(slices / "S03_slice98.png")
    importing, training = commands(code_blocks(page, "sh")[1])
    out = follow(importing, tmp_path, REPOSITORY)
    assert "10 imported, 0 unchanged, 2 skipped" in out
    assert "0 imported, 10 unchanged" in follow(importing, tmp_path, REPOSITORY)
    follow(training, tmp_path, REPOSITORY)
    workspace = Workspace(tmp_path / "W")
    records = read_manifest(workspace.manifest_path("clinic-mr"))
    parts = {record.patient: record.split for record in records}
    assert sorted(parts.values()) == ["test", "train", "train", "train", "validation"]
    assert {record.spacing_mm for record in records} == {1.25}
    assert read_summary(workspace, "second").state == "finished"
