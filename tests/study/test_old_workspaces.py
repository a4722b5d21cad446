"""A workspace of each earlier version opens, and means what it meant to the app that made it."""

from __future__ import annotations

import csv
import importlib.util
import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.backups import list_backups
from reviewapp.study.errors import BlindingError
from reviewapp.study.export import export_ratings
from reviewapp.study.model import AnswerDraft, ImageFilter, Mark, Reader
from reviewapp.study.pack_opening import open_pack
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

SCRIPT = Path(__file__).parent / "old_workspaces" / "make_old_workspace.py"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """The script that made the workspaces."""
    spec = importlib.util.spec_from_file_location("make_old_workspace", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def expected(old: Workspace) -> dict[str, Any]:
    """What the earlier app said of its workspace."""
    return json.loads((old.root / "expected.json").read_text(encoding="utf-8"))


def as_then(now: Any, then: Any) -> Any:
    """``now`` without the fields that the earlier version did not have."""
    if isinstance(then, dict) and isinstance(now, dict):
        return {key: as_then(now.get(key), value) for key, value in then.items()}
    if isinstance(then, list) and isinstance(now, list):
        return [as_then(*pair) for pair in zip(now, then, strict=True)]
    return now


def contents(database: Path) -> list[str]:
    """Every table and row as SQL."""
    connection = sqlite3.connect(database)
    dump = list(connection.iterdump())
    connection.close()
    return dump


def test_everything_means_what_it_meant(
    old: Workspace, expected: dict[str, Any], maker: ModuleType, tmp_path: Path
) -> None:
    store = StudyStore.open(old)
    plain = maker.plain
    assert as_then(plain(store.readers()), expected["readers"]) == expected["readers"]
    if "classes" in expected:
        assert plain(store.class_labels("acdc")) == expected["classes"]
    studies = store.studies()
    assert [study.name for study in studies] == [study["name"] for study in expected["studies"]]
    for study, then in zip(studies, expected["studies"], strict=True):
        assert study.protocol_sha256 == then["protocol_sha256"]
        for info, was in zip(store.sessions(study.study_id), then["sessions"], strict=True):
            now = {
                "info": info,
                "trials": store.trials(info.session_id),
                "answers": store.latest_answers(info.session_id),
                "marks": store.marks(info.session_id),
            }
            assert as_then(plain(now), was) == was
            for trial in store.trials(info.session_id):
                assert old.image_path(trial.presented_key).is_file()
        events = plain(store.events(study.study_id))
        assert events[: len(then["events"])] == then["events"]
        assert as_then(plain(store.packs(study.study_id)), then["packs"]) == then["packs"]
        with pytest.raises(BlindingError):
            store.unblind(study.study_id, "not the passphrase")
        store.unblind(study.study_id, maker.PASSPHRASE)
        truth = plain(store.truth(study.study_id))
        assert as_then(truth, then["truth"]) == then["truth"]
        written, *_ = export_ratings(store, study.study_id, tmp_path)
        with written.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == sum(len(was["answers"]) for was in then["sessions"])
    store.close()


def test_what_an_earlier_version_did_not_record_is_blank(
    old: Workspace, old_version: int, tmp_path: Path
) -> None:
    store = StudyStore.open(old)
    (written, *_) = export_ratings(store, store.studies()[0].study_id, tmp_path)
    with written.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for name, since in (("frame_interval_ms", 3), ("n_showings", 3), ("training_consent", 4)):
        assert {row[name] == "" for row in rows} == {old_version < since}
    assert {row["response"] for row in rows} == {"real", "generated"}
    # The tenth real image is a frame of a sequence.
    assert store.count_images() == 18
    assert store.count_images(ImageFilter(source="generated")) == 9
    store.close()


def test_the_backup_from_before_is_the_old_database(
    old: Workspace, old_version: int, tmp_path: Path
) -> None:
    was = contents(old.database)
    StudyStore.open(old).close()
    (backup,) = list_backups(old.database)
    assert backup.schema_version == old_version
    assert contents(backup.path) == was
    assert contents(old.database) != was
    # And it can take the place of the database: nothing but the file is needed.
    again = Workspace.create(tmp_path / "again")
    backup.path.replace(again.database)
    StudyStore.open(again).close()
    # The order of constraints within a table is not always the same, and the audit trail tells when
    # it took rows over.
    made_twice = [
        [
            line
            for line in contents(path)
            if line.startswith("INSERT") and '"audit_trail"' not in line
        ]
        for path in (again.database, old.database)
    ]
    assert made_twice[0] == made_twice[1]


def test_an_interrupted_session_goes_on_where_it_was(
    old: Workspace, make_draft: Callable[..., AnswerDraft]
) -> None:
    store = StudyStore.open(old)
    info = store.open_session(store.studies()[0].study_id, "R02")
    session = RatingSession(store, info)
    assert session.current is not None
    assert session.current.trial_index == 5
    before = {mark.mark_id for mark in store.marks(session.session_id)}
    session.mark(Mark("new", session.session_id, 5, "brush", 1, 1, 2, 2, "noise"))
    draft = replace(make_draft(2), frame_interval_ms=16.625, n_showings=2)
    store.record_answer(session.session_id, 5, draft)
    store.record_consent(session.session_id, True)
    added = store.add_reader(Reader(role="resident", specialty="Radiology"))
    store.close()
    reopened = StudyStore.open(old)
    answer = reopened.latest_answers(session.session_id)[5]
    assert (answer.confidence, answer.frame_interval_ms, answer.n_showings) == (2, 16.625, 2)
    assert {mark.mark_id for mark in reopened.marks(session.session_id)} == {*before, "new"}
    assert reopened.session(session.session_id).consented
    assert added in reopened.readers()
    reopened.close()


def test_an_old_pack_is_opened_and_merged(old: Workspace, old_version: int, tmp_path: Path) -> None:
    if old_version < 2:
        pytest.skip("version 1 had no packs")
    store = StudyStore.open(old)
    study = store.studies()[1]
    (pack,) = store.packs(study.study_id)
    away = StudyStore.open(open_pack(old.exports / "pack.mrpack", pack.code, tmp_path / "away"))
    opened = away.opened_pack()
    assert opened is not None
    session = RatingSession(away, away.open_session(study.study_id, "R02"))
    while not session.finished:
        session.end_break()
        session.answer(None, 1000.0, utc_now(), utc_now(), response="left")
        session.advance()
    away.write_pack_results(tmp_path / "results")
    away.close()
    store.merge_pack_results(tmp_path / "results")
    answers = store.latest_answers(opened.session_id)
    assert [answers[index].response for index in range(4)] == ["left"] * 4
    store.close()


def test_the_schema_is_noted_once(old: Workspace) -> None:
    StudyStore.open(old).close()
    StudyStore.open(old).close()
    connection = sqlite3.connect(old.database)
    noted = connection.execute("SELECT version, version_num FROM schema_info, alembic_version")
    version = schema.SCHEMA_VERSION
    assert noted.fetchall() == [(version, f"{version:04d}")]
    connection.close()
    assert len(list_backups(old.database)) == 1
