from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reviewapp.study.errors import SessionError
from reviewapp.study.model import AnswerDraft, Mark, Reader, SessionInfo, Study
from reviewapp.study.store import StudyStore

Draft = Callable[..., AnswerDraft]


@pytest.fixture
def session(store: StudyStore, study: Study, reader: Reader) -> SessionInfo:
    return store.open_session(study.study_id, reader.reader_id)


@pytest.mark.both_databases
def test_an_answer_comes_back_as_it_was_given(
    store: StudyStore, session: SessionInfo, make_draft: Draft
) -> None:
    shown = datetime(2026, 1, 31, 13, 45, 10, 123000, tzinfo=UTC)
    draft = make_draft(
        2, shown_at=shown, answered_at=shown + timedelta(seconds=3), window_center=-10.5,
        window_width=300.25, zoom=2.0, exposure_ms=500, n_showings=2, frame_interval_ms=16.625,
        comment="=édge, \"quoted\"\nline",
    )  # fmt: skip
    recorded = store.record_answer(session.session_id, 0, draft)
    assert recorded.revision == 1
    assert recorded.response == "generated"
    for name in AnswerDraft.__dataclass_fields__.keys() - {"response"}:
        assert getattr(recorded, name) == getattr(draft, name)
    assert store.latest_answers(session.session_id) == {0: recorded}


@pytest.mark.both_databases
def test_a_changed_answer_is_a_further_revision_and_the_last_counts(
    store: StudyStore, session: SessionInfo, make_draft: Draft
) -> None:
    for confidence in (1, 6, 3):
        store.record_answer(session.session_id, 0, make_draft(confidence))
    latest = store.latest_answers(session.session_id)[0]
    assert (latest.revision, latest.confidence) == (3, 3)
    with store._database.read() as connection:
        rows = connection.exec_driver_sql("SELECT revision, confidence FROM answers").all()
    assert sorted(map(tuple, rows)) == [(1, 1), (2, 6), (3, 3)]


@pytest.mark.both_databases
def test_the_same_answer_submitted_twice_is_recorded_once(
    store: StudyStore, session: SessionInfo, make_draft: Draft
) -> None:
    draft = make_draft(5)
    first = store.record_answer(session.session_id, 0, draft)
    assert store.record_answer(session.session_id, 0, draft) == first
    assert store.session(session.session_id).n_answered == 1
    store.record_answer(session.session_id, 1, make_draft())
    with pytest.raises(SessionError, match="another trial"):
        store.record_answer(session.session_id, 1, draft)


@pytest.mark.both_databases
def test_no_trial_can_be_skipped(
    store: StudyStore, session: SessionInfo, make_draft: Draft
) -> None:
    for trial_index in (1, 13, 14, -1):
        with pytest.raises(SessionError, match="session is at trial 1 of 14"):
            store.record_answer(session.session_id, trial_index, make_draft())
    assert store.latest_answers(session.session_id) == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"confidence": 0},
        {"confidence": 7},
        {"response_time_ms": -1.0},
        {"response_time_ms": math.nan},
        {"response_time_ms": math.inf},
        {"zoom": math.nan},
        {"comment": "c" * 4001},
        {"shown_at": datetime(2026, 1, 1)},
        {"answered_at": datetime(2026, 1, 1)},
        {"answer_id": ""},
        {"answer_id": "a" * 65},
    ],
    ids=str,
)
def test_values_out_of_range_are_refused(
    store: StudyStore, session: SessionInfo, make_draft: Draft, fields: dict[str, object]
) -> None:
    with pytest.raises(SessionError):
        store.record_answer(session.session_id, 0, replace(make_draft(), **fields))
    assert store.latest_answers(session.session_id) == {}


@pytest.mark.both_databases
def test_a_clock_set_back_between_showing_and_answer_does_not_matter(
    store: StudyStore, session: SessionInfo, make_draft: Draft
) -> None:
    now = datetime.now(UTC)
    draft = make_draft(shown_at=now, answered_at=now - timedelta(hours=1), response_time_ms=900.0)
    assert store.record_answer(session.session_id, 0, draft).response_time_ms == 900.0


@pytest.mark.both_databases
def test_a_session_is_finished_only_when_all_is_answered_and_then_closed(
    store: StudyStore, session: SessionInfo, make_draft: Draft
) -> None:
    for trial_index in range(13):
        store.record_answer(session.session_id, trial_index, make_draft())
    with pytest.raises(SessionError, match="1 of 14 images have no answer"):
        store.finish_session(session.session_id)
    last = make_draft()
    store.record_answer(session.session_id, 13, last)
    finished = store.finish_session(session.session_id)
    assert finished.finished_at is not None
    assert store.finish_session(session.session_id) == finished
    with pytest.raises(SessionError, match="finished"):
        store.record_answer(session.session_id, 13, make_draft())
    assert store.record_answer(session.session_id, 13, last).answer_id == last.answer_id


@pytest.mark.both_databases
def test_unblinding_ends_a_running_session(
    store: StudyStore, study: Study, session: SessionInfo, make_draft: Draft, passphrase: str
) -> None:
    store.record_answer(session.session_id, 0, make_draft())
    store.unblind(study.study_id, passphrase)
    with pytest.raises(SessionError, match="unblinded"):
        store.record_answer(session.session_id, 1, make_draft())
    assert len(store.latest_answers(session.session_id)) == 1


@pytest.mark.both_databases
def test_marks_are_added_once_and_checked(store: StudyStore, session: SessionInfo) -> None:
    mark = Mark("m1", session.session_id, 0, "ellipse", 3.5, 4, 10, 12, "vessel")
    store.record_mark(mark)
    store.record_mark(mark)
    assert store.marks(session.session_id) == [mark]
    for wrong in (
        replace(mark, mark_id="m2", reason="ugly"),
        replace(mark, mark_id="m3", w=0),
        replace(mark, mark_id="m4", x=math.nan),
        replace(mark, mark_id="m5", trial_index=1),
    ):
        with pytest.raises(SessionError):
            store.record_mark(wrong)
    assert store.marks(session.session_id) == [mark]
