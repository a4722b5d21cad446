"""Damaged files end in the readers' own errors, or are read; they do nothing else.

The examples are always the same; `benchmarks/fuzz.py` looks for new ones, for as long as asked.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.hostile.readers import OWN_ERRORS, TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_a_good_file_is_read(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    if name in ("evaluation", "critic", "reading pack"):
        with suppress(*OWN_ERRORS):
            target.read(target.good, tmp_path)
    else:
        target.read(target.good, tmp_path)


@pytest.mark.parametrize("name", TARGETS)
def test_a_damaged_file_ends_in_a_message(name: str, tmp_path: Path) -> None:
    target = TARGETS[name]
    outside = tmp_path / "outside.txt"
    outside.write_text("precious")

    @given(st.data())
    @settings(
        max_examples=target.examples,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def damage(data: st.DataObject) -> None:
        content = data.draw(target.damage(target.good))
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            try:
                target.read(content, Path(folder))
            except OWN_ERRORS as error:
                assert 0 < len(str(error)) < 20_000
        assert sorted(path.name for path in tmp_path.iterdir()) == ["outside.txt"]
        assert outside.read_text() == "precious"

    damage()
