"""The feedback experiment runs from phantoms to its table, and goes on where it was stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.experiments.feedback.__main__ import main, read_rows


def run(out: Path, *arms: str) -> list[dict[str, object]]:
    arguments = ["--quick", "--seeds", "3", "--labels", "40", "--arms", *arms]
    assert main([str(out), *arguments]) == 0
    return read_rows(out / "closed-ring-dcgan" / "results.jsonl")


def test_children_are_trained_rated_and_measured_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(tmp_path, "no feedback")
    assert [row["arm"] for row in first] == ["parent", "no feedback"]
    rows = run(tmp_path, "no feedback", "reweighting", "critic, a reader guessing")
    assert rows[:2] == first
    assert [row["arm"] for row in rows[2:]] == [
        "reweighting, 40 labels",
        "critic, a reader guessing, 40 labels",
    ]
    for row in rows[:3]:
        assert 0 <= row["fool_rate"] <= 1
        assert 0 <= row["recall"] <= 1
    # Forty ratings are too few for a critic, and it says so.
    assert "refused" in rows[3]
    printed = capsys.readouterr().out
    assert (tmp_path / "closed-ring-dcgan" / "table.md").read_text(encoding="utf-8") in printed
