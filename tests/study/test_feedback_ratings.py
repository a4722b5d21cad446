"""Which ratings train a generator, and what they carry; readers and results stay blinded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.feedback.held_out import is_held_out
from engine.feedback.snapshot import freeze_snapshot, snapshot_path
from engine.workspace import Workspace
from reviewapp.study.errors import BlindingError, StudyError
from reviewapp.study.feedback_ratings import Permission, feedback_labels, feedback_ratings
from reviewapp.study.model import ImageFilter, Mark, Reader, SessionInfo, Study
from reviewapp.study.protocol import Protocol, Remedies
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

Rate = Callable[..., SessionInfo]


@pytest.fixture
def permitting(store: StudyStore, protocol: Protocol, passphrase: str) -> Study:
    """A blinded study whose protocol permits training."""
    changed = protocol.model_copy(update={"permits_feedback": True})
    return store.create_study("Permitting", changed, passphrase)


def agree(store: StudyStore, session: SessionInfo) -> None:
    store.record_consent(session.session_id, True)


def test_a_blinded_study_gives_its_ratings_only_if_its_protocol_permits_it(
    store: StudyStore, study: Study, reader: Reader, rate_all: Rate, passphrase: str
) -> None:
    agree(store, rate_all(study, reader.reader_id))
    for typed in (None, passphrase):
        with pytest.raises(BlindingError, match="unblind the study first"):
            feedback_ratings(store, study.study_id, typed)
    with pytest.raises(BlindingError, match="does not permit"):
        store.truth_for_training(study.study_id, passphrase)
    store.unblind(study.study_id, passphrase)
    assert len(feedback_ratings(store, study.study_id)) == 10


def test_a_study_that_nobody_finished_has_nothing_to_give(
    store: StudyStore, study: Study, reader: Reader, passphrase: str
) -> None:
    info = store.open_session(study.study_id, reader.reader_id)
    agree(store, info)
    RatingSession(store, info).answer(4, 500.0, utc_now(), utc_now())
    assert Permission.of(store.sessions(study.study_id)) == Permission(0, 0, 1)
    store.unblind(study.study_id, passphrase)
    with pytest.raises(StudyError, match="No reader has finished"):
        feedback_ratings(store, study.study_id)


def test_only_readers_who_agree_are_used(
    store: StudyStore, study: Study, reader: Reader, rate_all: Rate, passphrase: str
) -> None:
    sessions = {}
    for number, answer in ((1, None), (2, False), (3, True)):
        store.add_reader(Reader(f"R0{number}", "Ada", "Cardiology", 12) if number == 1 else
                         Reader(f"R0{number}"))  # fmt: skip
        sessions[number] = rate_all(study, f"R0{number}")
        if answer is not None:
            store.record_consent(sessions[number].session_id, answer)
    store.unblind(study.study_id, passphrase)
    assert Permission.of(store.sessions(study.study_id)) == Permission(3, 1, 0)
    assert {r.reader_id for r in feedback_ratings(store, study.study_id)} == {"R03"}
    store.record_consent(sessions[3].session_id, False)
    with pytest.raises(StudyError, match="None of the 3 readers"):
        feedback_ratings(store, study.study_id)


@pytest.mark.parametrize(("include_repeats", "count"), [(True, 10), (False, 8)])
def test_the_latest_scored_answers_are_tied_to_library_images(
    store: StudyStore,
    study: Study,
    reader: Reader,
    passphrase: str,
    include_repeats: bool,
    count: int,
) -> None:
    info = store.open_session(study.study_id, reader.reader_id)
    session = RatingSession(store, info)
    session.consent(True)
    while not session.finished:
        session.end_break()
        session.answer(2, 500.0, utc_now(), utc_now())
        if session.can_undo:
            session.undo()
            session.answer(5, 500.0, utc_now(), utc_now())
        session.advance()
    store.add_reader(Reader("R02"))
    unfinished = RatingSession(store, store.open_session(study.study_id, "R02"))
    unfinished.consent(True)
    unfinished.answer(1, 500.0, utc_now(), utc_now())
    store.unblind(study.study_id, passphrase)

    ratings = feedback_ratings(store, study.study_id, include_repeats=include_repeats)
    assert len(ratings) == count
    library = {image.record_id: image for image in store.images()}
    trained = {t.image_id for t in store.trials(info.session_id) if t.is_training}
    training_records = {store.truth(study.study_id)[image_id].record_id for image_id in trained}
    for rating in ratings:
        image = library[rating.record_id]
        assert (rating.key, rating.source) == (image.key, image.source)
        assert (rating.reader_id, rating.study_id) == ("R01", study.study_id)
        assert rating.confidence == 5
        assert rating.record_id not in training_records


def test_a_patients_images_are_one_group_and_held_out_together(
    store: StudyStore, library: Workspace, protocol: Protocol, reader: Reader, rate_all: Rate,
    passphrase: str,
) -> None:  # fmt: skip
    many = protocol.model_copy(update={"n_real": 20, "n_generated": 20})
    study = store.create_study("Many", many, passphrase)
    agree(store, rate_all(study, reader.reader_id))
    store.unblind(study.study_id, passphrase)
    ratings = feedback_ratings(store, study.study_id)
    patients = {image.record_id: image.patient for image in store.images()}
    for rating in ratings:
        patient = patients[rating.record_id]
        assert rating.group == (f"acdc/{patient}" if patient else rating.record_id)
        assert rating.held_out == is_held_out(rating.group)
    groups = [rating.group for rating in ratings if rating.source == "real"]
    assert len(set(groups)) < len(groups)
    frozen = freeze_snapshot(library, ratings)
    assert frozen.held_out
    assert {r.group for r in frozen.held_out}.isdisjoint(r.group for r in frozen.training)


@pytest.mark.parametrize(("crop", "left", "width"), [(0.0, 0.25, 0.5), (0.125, 0.3125, 0.375)])
def test_marks_are_fractions_of_the_central_square(
    store: StudyStore, protocol: Protocol, reader: Reader, passphrase: str,
    crop: float, left: float, width: float,
) -> None:  # fmt: skip
    remedies = Remedies(crop_border=crop)
    changed = protocol.model_copy(update={"remedies": remedies, "training_trials": 0})
    study = store.create_study("Marked", changed, passphrase)
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    session.consent(True)
    session.mark(
        Mark("m", session.session_id, 0, "brush", 16, 16, 32, 8, "vessel", "", ((16.0, 16.0),))
    )
    session.mark(Mark("gone", session.session_id, 0, "ellipse", 1, 1, 2, 2, "noise"))
    session.withdraw_mark("gone")
    while not session.finished:
        session.end_break()
        session.answer(2, 500.0, utc_now(), utc_now())
        session.advance()
    store.unblind(study.study_id, passphrase)
    (mark,) = [m for r in feedback_ratings(store, study.study_id) for m in r.marks]
    assert (mark.shape, mark.reason) == ("brush", "vessel")
    assert (mark.x, mark.y, mark.w, mark.h) == pytest.approx((left, left, width, width / 4))
    assert mark.points == (pytest.approx((left, left)),)


def test_training_leaves_a_permitting_study_blinded(
    store: StudyStore,
    library: Workspace,
    permitting: Study,
    reader: Reader,
    rate_all: Rate,
    passphrase: str,
) -> None:
    session = rate_all(permitting, reader.reader_id)
    agree(store, session)
    with pytest.raises(BlindingError, match="passphrase"):
        feedback_ratings(store, permitting.study_id)
    with pytest.raises(BlindingError, match="does not open"):
        feedback_ratings(store, permitting.study_id, "wrong phrase")
    assert "truth_read_for_training" not in [e.kind for e in store.events(permitting.study_id)]
    ratings = feedback_ratings(store, permitting.study_id, passphrase)
    assert len(ratings) == 10
    assert store.study(permitting.study_id).blinded
    with pytest.raises(BlindingError):
        store.truth(permitting.study_id)
    logged = [e for e in store.events(permitting.study_id) if e.kind == "truth_read_for_training"]
    assert len(logged) == 1
    # Others may read on.
    store.add_reader(Reader("R02"))
    assert store.open_session(permitting.study_id, "R02").n_answered == 0


def test_what_a_blinded_round_leaves_on_the_disk_names_neither_readers_nor_presented_images(
    store: StudyStore,
    library: Workspace,
    permitting: Study,
    reader: Reader,
    rate_all: Rate,
    passphrase: str,
) -> None:
    session = rate_all(permitting, reader.reader_id, lambda t: 1 + t.trial_index % 6)
    agree(store, session)
    ratings = feedback_ratings(store, permitting.study_id, passphrase)
    path = snapshot_path(library, freeze_snapshot(library, ratings).sha256)
    told = path.read_text(encoding="utf-8")
    trials = store.trials(session.session_id)
    for word in (
        *(trial.image_id for trial in trials),
        *(trial.presented_key for trial in trials),
        *(session.session_id, '"R01"', "Ada", "answered_at"),
    ):
        assert word not in told
    assert len({rating.reader_id for rating in ratings}) == 1
    # Their order is the library's, not that of the trials.
    by_record = sorted(ratings, key=lambda r: (r.reader_id, r.record_id, r.confidence))
    again = freeze_snapshot(library, reversed(by_record))
    assert snapshot_path(library, again.sha256) == path


def test_a_specialists_class_is_kept_with_who_gave_it_and_can_be_taken_back(
    store: StudyStore,
) -> None:
    first, second = store.images(ImageFilter(dataset="acdc", source="generated"))[:2]
    store.give_class(first, "DCM", "Ada")
    store.give_class(first, "HCM", "Grace")
    store.give_class(second, "NOR", "Ada")
    store.give_class(second, "", "Ada")
    labels = store.class_labels("acdc")
    assert {r: (label.class_name, label.reader) for r, label in labels.items()} == {
        first.record_id: ("HCM", "Grace")
    }
    (label,) = feedback_labels(store, "acdc")
    assert (label.record_id, label.key, label.class_name, label.reader_id) == (
        *(first.record_id, first.key),
        *("HCM", "Grace"),
    )
    assert feedback_labels(store, "idrid") == []
    with pytest.raises(StudyError, match="who gives"):
        store.give_class(first, "DCM", " ")
    with pytest.raises(StudyError, match="longer"):
        store.give_class(first, "x" * 81, "Ada")
