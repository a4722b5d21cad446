"""The measures by which rounds are compared, against counts made by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from reviewapp.study.model import Mark, Reader, SessionInfo, Study, Trial
from reviewapp.study.protocol import Protocol
from reviewapp.study.round_measures import round_measures
from reviewapp.study.session import RatingSession
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.proportions import wilson
from reviewapp.study.statistics.signal_detection import DecisionCounts, d_prime
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

Rate = Callable[..., SessionInfo]


def test_nothing_is_told_while_the_study_is_blinded_or_unread(
    store: StudyStore, study: Study, reader: Reader, rate_all: Rate, passphrase: str
) -> None:
    store.open_session(study.study_id, reader.reader_id)
    unread = round_measures(store, study, "dcgan-a")
    assert isinstance(unread.fool_rate, NotEstimable)
    assert (unread.n_finished, unread.n_sessions) == (0, 1)
    rate_all(study, reader.reader_id)
    blinded = round_measures(store, study, "dcgan-a")
    for result in (blinded.fool_rate, blinded.d_prime, blinded.marks_per_image):
        assert result == NotEstimable("The study is still blinded.")
    assert (blinded.n_finished, blinded.n_sessions) == (1, 1)


def test_they_are_of_one_generators_images_and_all_real_ones(
    store: StudyStore, protocol: Protocol, reader: Reader, rate_all: Rate, passphrase: str
) -> None:
    more = protocol.model_copy(update={"n_real": 6, "n_generated": 6})
    study = store.create_study("Two generators", more, passphrase)
    said: dict[int, int] = {}

    def decide(trial: Trial) -> int:
        said[trial.trial_index] = 5 if trial.trial_index % 3 else 1
        return said[trial.trial_index]

    info = rate_all(study, reader.reader_id, decide)
    store.unblind(study.study_id, passphrase)
    truth = store.truth(study.study_id)
    scored = [
        (truth[t.image_id], said[t.trial_index] > 3)
        for t in store.trials(info.session_id)
        if not t.is_training and not t.is_repeat
    ]
    for run_id in ("dcgan-a", "lapgan-b"):
        drawn = [real for image, real in scored if image.run_id == run_id]
        real = [called for image, called in scored if image.source == "real"]
        counts = DecisionCounts(
            hits=drawn.count(False),
            misses=drawn.count(True),
            false_alarms=real.count(False),
            correct_rejections=real.count(True),
        )
        found = round_measures(store, store.study(study.study_id), run_id)
        assert found.fool_rate == wilson(counts.misses, len(drawn))
        assert found.d_prime == d_prime(counts)
    other = round_measures(store, store.study(study.study_id), "run-elsewhere")
    assert other.fool_rate == NotEstimable("No image of this generator was rated.")


@pytest.mark.parametrize("design", ["single_confidence6", "two_alternative"])
def test_marks_count_for_each_generated_image_shown(
    store: StudyStore, protocol: Protocol, reader: Reader, passphrase: str, design: str
) -> None:
    changed = protocol.model_copy(
        update={"design": design, "training_trials": 0, "runs": ("dcgan-a",)}
    )
    study = store.create_study("Marked", changed, passphrase)
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    paired = design == "two_alternative"
    trials = store.trials(session.session_id)
    while not session.finished:
        session.end_break()
        assert session.current is not None
        index = session.current.trial_index
        for side in ("left", "right") if paired else ("",):
            mark_id = f"{index}{side}"
            session.mark(
                Mark(mark_id, session.session_id, index, "ellipse", 1, 1, 4, 4, "noise", side)
            )
        session.answer(
            None if paired else 2, 500.0, utc_now(), utc_now(),
            response="left" if paired else None,
        )  # fmt: skip
        session.advance()
    store.unblind(study.study_id, passphrase)
    found = round_measures(store, store.study(study.study_id), "dcgan-a")
    shown = sum(not trial.is_repeat for trial in trials)
    assert found.marks_per_image == Estimate(
        1.0, None, 4 if not paired else shown, "Marked regions for each showing; no interval."
    )
    if paired:
        left = sum(
            store.truth(study.study_id)[trial.image_id].source == "generated"
            for trial in trials
            if not trial.is_repeat
        )
        assert found.fool_rate == wilson(shown - left, shown)
