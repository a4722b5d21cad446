from __future__ import annotations

from collections.abc import Callable

import pytest

from reviewapp.study.errors import BlindingError, StudyError
from reviewapp.study.feedback_ratings import feedback_ratings
from reviewapp.study.model import Reader, SessionInfo, Study
from reviewapp.study.session import RatingSession
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now


def test_ratings_are_given_out_only_after_unblinding(
    store: StudyStore, study: Study, reader: Reader, rate_all: Callable[..., SessionInfo]
) -> None:
    rate_all(study, reader.reader_id)
    with pytest.raises(BlindingError, match="unblind the study first"):
        feedback_ratings(store, study.study_id)


def test_a_study_that_nobody_finished_has_nothing_to_give(
    store: StudyStore, study: Study, reader: Reader, passphrase: str
) -> None:
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    session.answer(4, 500.0, utc_now(), utc_now())
    store.unblind(study.study_id, passphrase)
    with pytest.raises(StudyError, match="No reader has finished"):
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
    while not session.finished:
        session.end_break()
        session.answer(2, 500.0, utc_now(), utc_now())
        if session.can_undo:
            session.undo()
            session.answer(5, 500.0, utc_now(), utc_now())
        session.advance()
    store.add_reader(Reader("R02"))
    unfinished = RatingSession(store, store.open_session(study.study_id, "R02"))
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
