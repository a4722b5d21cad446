from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.manifest import all_records, merge_records, read_manifest, write_manifest
from engine.data.records import ImageRecord
from engine.errors import DataError
from engine.workspace import Workspace

texts = st.text(st.characters(codec="utf-8"), max_size=20)
records = st.builds(
    ImageRecord,
    record_id=st.text(st.characters(codec="utf-8"), min_size=1, max_size=40),
    key=st.text("0123456789abcdef", min_size=64, max_size=64),
    dataset=texts,
    source=st.sampled_from(["real", "generated"]),
    class_label=texts,
    width=st.integers(1, 4096),
    height=st.integers(1, 4096),
    channels=st.sampled_from([1, 3]),
    bit_depth=st.sampled_from([8, 16]),
    spacing_mm=st.none() | st.floats(0.01, 10),
    attributes=st.dictionaries(texts, texts, max_size=3),
)


def record(record_id: str, key: str = "a") -> ImageRecord:
    return ImageRecord(
        record_id=record_id,
        key=key * 64,
        dataset="demo",
        source="real",
        width=8,
        height=8,
        channels=1,
        bit_depth=8,
    )


@given(st.lists(records, max_size=6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_records_come_back_as_written(tmp_path: Path, written: list[ImageRecord]) -> None:
    path = tmp_path / "any.jsonl"
    write_manifest(path, written)
    assert read_manifest(path) == written


def test_a_missing_manifest_is_empty(tmp_path: Path) -> None:
    assert read_manifest(tmp_path / "none.jsonl") == []


def test_a_damaged_line_is_named_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "demo.jsonl"
    write_manifest(path, [record("one"), record("two")])
    path.write_text(path.read_text(encoding="utf-8") + '{"record_id": "thr', encoding="utf-8")
    with pytest.raises(DataError, match=r"demo\.jsonl.*line 3"):
        read_manifest(path)


def test_a_failing_write_leaves_the_old_manifest(tmp_path: Path) -> None:
    path = tmp_path / "demo.jsonl"
    write_manifest(path, [record("one")])

    def broken() -> Iterator[ImageRecord]:
        yield record("two")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write_manifest(path, broken())
    assert [kept.record_id for kept in read_manifest(path)] == ["one"]
    assert list(tmp_path.iterdir()) == [path]


def test_merging_replaces_by_id_and_counts_what_changed() -> None:
    old = [record("one"), record("two"), record("three")]
    merged = merge_records(old, [record("two", "b"), record("four"), record("one")])
    assert [kept.record_id for kept in merged.records] == ["one", "two", "three", "four"]
    assert merged.records[1].key == "b" * 64
    assert (merged.added, merged.unchanged) == (2, 1)


def test_all_records_are_those_of_data_sets_and_runs(workspace: Workspace) -> None:
    write_manifest(workspace.manifest_path("b"), [record("b/1")])
    write_manifest(workspace.manifest_path("a"), [record("a/1"), record("a/2")])
    write_manifest(workspace.run_path("run-1") / "generated.jsonl", [record("run-1/s0/0")])
    assert [found.record_id for found in all_records(workspace)] == [
        "a/1",
        "a/2",
        "b/1",
        "run-1/s0/0",
    ]
