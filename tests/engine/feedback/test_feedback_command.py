"""A feedback round from a terminal: a JSON table of ratings becomes a child run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli import main
from engine.data.records import ImageRecord
from engine.feedback.snapshot import load_snapshot
from engine.gans.registry import preset
from engine.generation import generate_batch
from engine.training.config import TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, read_summary, run_folder
from engine.workspace import Workspace


@pytest.fixture
def drawn(library: Workspace) -> list[ImageRecord]:
    """Eight images of the run ``parent``."""
    fields = preset("dcgan", "acdc", "tiny").model_dump() | {"steps": 3, "threads": 1}
    create_run(library, TrainConfig.checked(**fields), "parent")
    Trainer(library, "parent", lambda event: None, always_run()).train()
    return generate_batch(library, "parent", 8, seed=1)


def table(records: list[ImageRecord], **changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "record_id": record.record_id,
            "key": record.key,
            "source": record.source,
            "confidence": 1 + number % 6,
            "reader_id": "r1",
            "study_id": "s1",
        }
        | changes
        for number, record in enumerate(records)
    ]


def written(path: Path, content: Any) -> str:
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_a_table_of_ratings_becomes_a_child_run(
    library: Workspace,
    drawn: list[ImageRecord],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ratings = written(tmp_path / "ratings.json", table(drawn))
    where = ["-w", str(library.root), "--steps", "2", "--name", "child"]
    assert main(["feedback", "parent", ratings, *where, "--negative-weight", "0.5"]) == 0
    out = capsys.readouterr().out
    summary = read_summary(library, "child")
    feedback = summary.config.feedback
    assert feedback is not None
    assert (feedback.methods, feedback.negative_weight) == (("reweighting",), 0.5)
    assert feedback.snapshot_sha256[:12] in out
    frozen = load_snapshot(run_folder(library, "child").ratings, feedback.snapshot_sha256)
    assert len(frozen.ratings) == 8
    assert f"{len(frozen.held_out)} of them held out" in out
    assert summary.parent_run_id == "parent"
    # A snapshot is a table too, and keeps what it holds out.
    again = [*where[:-1], "grandchild"]
    path = str(run_folder(library, "child").ratings)
    assert main(["feedback", "parent", path, *again]) == 0
    other = read_summary(library, "grandchild").config.feedback
    assert other is not None
    assert other.snapshot_sha256 == feedback.snapshot_sha256


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"confidence": 7}, ["Row 1", "confidence"]),
        ({"key": "../../etc"}, ["Row 1", "key"]),
        ({"colour": "red"}, ["Row 1", "colour"]),
        ({"confidence": 6}, ["change nothing"]),
    ],
)
def test_a_table_that_does_not_fit_is_refused_with_the_place(
    library: Workspace,
    drawn: list[ImageRecord],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    words: list[str],
) -> None:
    ratings = written(tmp_path / "ratings.json", {"ratings": table(drawn, **changes)})
    assert main(["feedback", "parent", ratings, "-w", str(library.root)]) == 1
    told = capsys.readouterr().err
    assert all(word in told for word in words), told


@pytest.mark.parametrize("content", [{"labels": []}, {"ratings": {}}, 3])
def test_a_file_without_ratings_is_refused(
    library: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: Any
) -> None:
    path = written(tmp_path / "ratings.json", content)
    assert main(["feedback", "parent", path, "-w", str(library.root)]) == 1
    assert 'no table "ratings"' in capsys.readouterr().err
    missing = str(tmp_path / "missing.json")
    assert main(["feedback", "parent", missing, "-w", str(library.root)]) == 1
    assert "missing.json" in capsys.readouterr().err
