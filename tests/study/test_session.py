from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from reviewapp.study.errors import SessionError
from reviewapp.study.model import Mark, Reader, SessionInfo, Study, new_answer_id
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now


@pytest.fixture
def session(store: StudyStore, study: Study, reader: Reader) -> RatingSession:
    return RatingSession(store, store.open_session(study.study_id, reader.reader_id))


def give(session: RatingSession, confidence: int = 4, **fields: object) -> object:
    return session.answer(confidence, 800.0, utc_now(), utc_now(), **fields)


def step(session: RatingSession, confidence: int = 4) -> None:
    session.end_break()
    give(session, confidence)
    session.advance()


def walk_to(session: RatingSession, trial_index: int) -> None:
    while session.current.trial_index < trial_index:
        step(session)
    session.end_break()


def test_a_whole_session(store: StudyStore, session: RatingSession) -> None:
    breaks, views = [], []
    while not session.finished:
        if session.at_break:
            breaks.append(session.current.trial_index)
            session.end_break()
        view = session.current
        views.append(view)
        assert Image.open(view.path).size == (64, 64)
        assert session.progress.answered == view.trial_index
        give(session)
        session.advance()
    assert [view.trial_index for view in views] == list(range(14))
    assert breaks == [4, 9]
    assert [v.number_in_block for v in views] == [1, 2, 3, 4, *range(1, 6), *range(1, 6)]
    assert [v.block_length for v in views] == [4] * 4 + [5] * 10
    assert [v.is_training for v in views] == [True] * 4 + [False] * 10
    assert session.current is None
    assert session.progress.remaining == 0
    assert store.session(session.session_id).finished_at is not None
    for call in (session.advance, session.undo, lambda: give(session)):
        with pytest.raises(SessionError):
            call()


def test_training_gives_the_truth_after_the_answer_and_scored_trials_never_do(
    store: StudyStore, study: Study, session: RatingSession, passphrase: str
) -> None:
    told = {}
    while not session.finished:
        session.end_break()
        view = session.current
        assert session.feedback is None
        feedback = give(session, 5)
        assert session.feedback == feedback
        assert (feedback is not None) == view.is_training
        if feedback is not None:
            assert feedback.correct == (feedback.truth == "real")
            told[view.image_id] = feedback.truth
        session.advance()
    store.unblind(study.study_id, passphrase)
    truth = store.truth(study.study_id)
    assert told == {image_id: truth[image_id].source for image_id in told}
    assert sorted(told.values()) == ["generated", "generated", "real", "real"]


def test_training_images_are_not_scored_and_scored_trials_hold_no_truth(
    store: StudyStore, session: RatingSession
) -> None:
    trials = store.trials(session.session_id)
    training = {t.image_id for t in trials if t.is_training}
    assert training.isdisjoint(t.image_id for t in trials if not t.is_training)
    assert all((t.training_truth is not None) == t.is_training for t in trials)


def test_the_answer_is_stored_before_the_session_moves_on(
    store: StudyStore, session: RatingSession
) -> None:
    with pytest.raises(SessionError, match="Rate this image"):
        session.advance()
    give(session, 2)
    assert store.latest_answers(session.session_id)[0].confidence == 2
    assert session.answered
    assert session.current.trial_index == 0
    with pytest.raises(SessionError, match="has its answer"):
        give(session, 3)
    session.advance()
    assert not session.answered


def test_a_doubled_key_press_with_one_id_counts_once(
    store: StudyStore, session: RatingSession
) -> None:
    answer_id = new_answer_id()
    give(session, 2, answer_id=answer_id)
    give(session, 2, answer_id=answer_id)
    session.advance()
    assert session.current.trial_index == 1
    assert store.latest_answers(session.session_id)[0].revision == 1


def test_undo_changes_an_answer_and_goes_on_where_the_session_was(
    store: StudyStore, session: RatingSession
) -> None:
    walk_to(session, 7)
    session.undo()
    session.undo()
    assert session.current.trial_index == 5
    assert session.previous_answer.confidence == 4
    give(session, 1)
    session.advance()
    assert session.current.trial_index == 7
    answers = store.latest_answers(session.session_id)
    assert (answers[5].confidence, answers[5].revision, answers[6].revision) == (1, 2, 1)


def test_undo_without_a_new_answer_keeps_the_old_one(
    store: StudyStore, session: RatingSession
) -> None:
    walk_to(session, 6)
    session.undo()
    session.advance()
    assert session.current.trial_index == 6
    assert store.latest_answers(session.session_id)[5].revision == 1


def test_undo_right_after_an_answer_takes_this_one_back(session: RatingSession) -> None:
    walk_to(session, 6)
    give(session, 2)
    session.undo()
    assert session.current.trial_index == 6
    give(session, 5)
    session.advance()
    assert session.current.trial_index == 7


def test_undo_stops_at_the_start_of_a_block_and_never_touches_training(
    session: RatingSession,
) -> None:
    step(session)
    assert not session.can_undo
    walk_to(session, 4)
    assert not session.can_undo
    with pytest.raises(SessionError, match="block"):
        session.undo()
    walk_to(session, 8)
    step(session)
    assert session.at_break
    assert session.can_undo
    session.undo()
    assert (session.current.trial_index, session.at_break) == (8, False)
    session.advance()
    assert session.at_break
    session.end_break()
    assert not session.can_undo


def test_nothing_is_answered_during_a_break(session: RatingSession) -> None:
    for _ in range(4):
        give(session)
        session.advance()
    assert session.at_break
    with pytest.raises(SessionError, match="break"):
        give(session)
    with pytest.raises(SessionError, match="break"):
        session.advance()


@pytest.mark.parametrize("stop", [0, 3, 4, 8, 9, 13])
def test_a_session_left_anywhere_resumes_at_the_same_trial(
    store: StudyStore, study: Study, reader: Reader, session: RatingSession, stop: int
) -> None:
    walk_to(session, stop)
    shown = session.current
    again = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    assert again.session_id == session.session_id
    assert again.current == shown


def test_a_session_cut_off_between_the_last_answer_and_its_end_is_finished_on_return(
    store: StudyStore, study: Study, reader: Reader, session: RatingSession
) -> None:
    walk_to(session, 13)
    give(session)
    info: SessionInfo = store.open_session(study.study_id, reader.reader_id)
    assert info.finished_at is None
    assert RatingSession(store, info).finished
    assert store.session(session.session_id).finished_at is not None


def test_upcoming_files_are_those_shown_next(session: RatingSession) -> None:
    expected = session.upcoming(3)
    shown = []
    for _ in range(3):
        step(session)
        shown.append(session.current.path)
    assert shown == expected
    walk_to(session, 12)
    assert len(session.upcoming(5)) == 1


def test_a_mark_belongs_to_the_image_shown(store: StudyStore, session: RatingSession) -> None:
    session.mark(Mark("m1", session.session_id, 0, "ellipse", 1, 1, 5, 5, "noise"))
    with pytest.raises(SessionError, match="another image"):
        session.mark(Mark("m2", session.session_id, 1, "ellipse", 1, 1, 5, 5, "noise"))
    assert len(store.marks(session.session_id)) == 1


def test_a_view_says_nothing_of_source_or_repetition(session: RatingSession) -> None:
    fields = set(type(session.current).__dataclass_fields__)
    assert fields.isdisjoint({"is_repeat", "source", "truth", "training_truth", "class_label"})


def test_a_reader_rates_a_study_once(
    store: StudyStore, study: Study, reader: Reader, rate_all: Callable[..., SessionInfo]
) -> None:
    rate_all(study, reader.reader_id)
    with pytest.raises(SessionError, match="finished this study"):
        store.open_session(study.study_id, reader.reader_id)
    assert len(store.sessions(study.study_id)) == 1


def test_a_comment_without_an_answer_is_kept_for_the_same_image(
    store: StudyStore, study: Study, reader: Reader, session: RatingSession
) -> None:
    walk_to(session, 5)
    session.pause("= odd border, 100 %")
    again = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    assert again.current.trial_index == 5
    assert again.kept_comment() == "= odd border, 100 %"
    again.pause("")
    cleared = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    assert cleared.kept_comment() == ""
    give(cleared)
    cleared.advance()
    assert cleared.kept_comment() == ""
    kinds = [event.kind for event in store.events(study.study_id)]
    assert kinds.count("comment_draft") == 2
