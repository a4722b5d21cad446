"""Readers killed while they rate: nothing acknowledged is lost, nothing is there twice."""

from __future__ import annotations

import random
from typing import Any

from engine.workspace import Workspace
from reviewapp.study.model import Reader, Study
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now
from tests.faults.app_start import start_app
from tests.faults.killer import Killer, Outcome, Series


def kill_readers(
    killer: Killer, workspace: Workspace, study: Study, kills: int, seed: int
) -> Series:
    """Kill readers at any moment of their sessions; one in three is killed again and again."""
    rng = random.Random(seed)
    series = Series("rating", seed)
    arguments = {"root": workspace.root, "study_id": study.study_id}
    extent = killer.measure("rate", reader_id=_add_reader(workspace), **arguments)
    reader_id = ""
    acknowledged: dict[str, dict[str, Any]] = {}
    while series.kills < kills:
        if not reader_id:
            reader_id, acknowledged = _add_reader(workspace), {}
        outcome = killer.kill(rng, extent, "rate", reader_id=reader_id, **arguments)
        series.count(outcome)
        remember(outcome, acknowledged)
        if series.tries % 8 == 0:
            start_app(workspace)
        store = StudyStore.open(workspace)
        try:
            answered, n_trials = check_session(store, study, reader_id, acknowledged)
            series.note(f"{'finished' if answered == n_trials else 'unfinished'} sessions")
            if answered == n_trials:
                reader_id = ""
            elif rng.random() < 2 / 3:
                finish_session(store, study, reader_id)
                reader_id = ""
        finally:
            store.close()
    store = StudyStore.open(workspace)
    with store._database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert not connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    store.close()
    return series


def _add_reader(workspace: Workspace) -> str:
    store = StudyStore.open(workspace)
    reader = store.add_reader(Reader(f"K{len(store.readers()):04d}"))
    store.close()
    return reader.reader_id


def remember(outcome: Outcome, acknowledged: dict[str, dict[str, Any]]) -> None:
    """Add what an operation told before its end; nothing is told twice."""
    for line in outcome.told:
        key = line.get("answer_id") or line.get("mark_id") or line["event"]
        if line["event"] in ("answered", "marked"):
            assert key not in acknowledged, "the same was acknowledged twice"
        acknowledged[key] = line


def check_session(
    store: StudyStore, study: Study, reader_id: str, acknowledged: dict[str, dict[str, Any]]
) -> tuple[int, int]:
    """What was acknowledged is there once; returns answered trials and all of the session."""
    mine = [s for s in store.sessions(study.study_id) if s.reader_id == reader_id]
    if not mine:
        assert not any(line["event"] in ("began", "answered") for line in acknowledged.values())
        return 0, -1
    (session,) = mine
    with store._database.read() as connection:
        query = "SELECT * FROM {} WHERE session_id = ?"
        rows = connection.exec_driver_sql(query.format("answers"), (session.session_id,)).all()
        marks = connection.exec_driver_sql(query.format("marks"), (session.session_id,)).all()
        consents = connection.exec_driver_sql(query.format("consents"), (session.session_id,)).all()
    told = {key: line for key, line in acknowledged.items() if line["event"] == "answered"}
    stored = {row.answer_id: row for row in rows}
    assert len(stored) == len(rows)
    for key, line in told.items():
        assert stored[key].trial_index == line["index"]
    assert all(row.confidence == 1 + row.trial_index % 6 for row in rows)
    answered = sorted({row.trial_index for row in rows})
    assert answered == list(range(len(answered)))
    for index in answered:
        revisions = sorted(row.revision for row in rows if row.trial_index == index)
        assert revisions == list(range(1, len(revisions) + 1))
    told_marks = {key for key, line in acknowledged.items() if line["event"] == "marked"}
    assert told_marks <= {mark.mark_id for mark in marks}
    assert len(consents) <= 1
    assert len(consents) == 1 or "consented" not in acknowledged
    if "closed" in acknowledged:
        assert session.finished_at is not None
    assert session.n_answered == len(answered)
    return len(answered), session.n_trials


def finish_session(store: StudyStore, study: Study, reader_id: str) -> None:
    """Resume at the first trial without an answer, and rate to the end."""
    info = store.open_session(study.study_id, reader_id)
    session = RatingSession(store, info)
    assert session.current is not None
    assert session.current.trial_index == info.n_answered
    while not session.finished:
        session.end_break()
        session.answer(6, 1.0, utc_now(), utc_now())
        session.advance()
    done = store.session(info.session_id)
    assert (done.n_answered, done.finished_at is not None) == (info.n_trials, True)
