"""Readers in processes of their own rate at once while one analyses, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.many_readers import measure


@pytest.mark.both_databases
def test_nothing_is_lost_doubled_or_seen_by_another_reader(
    tmp_path: Path, database_kind: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgresql_url") if database_kind == "postgresql" else None
    found = measure(tmp_path / "workspace", url, readers=4, seconds=4, n_images=40)
    assert found.problems == ()
    assert found.n_answers >= 4
    assert found.n_analyses >= 1
