from __future__ import annotations

from collections.abc import Callable

import pytest

from reviewapp.study.model import Reader, SessionInfo, Study, Trial
from reviewapp.study.session import RatingSession
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.proportions import wilson
from reviewapp.study.statistics.signal_detection import DecisionCounts
from reviewapp.study.store import StudyStore
from reviewapp.study.summary import summarise_study
from reviewapp.study.timestamps import utc_now

Rate = Callable[..., SessionInfo]


@pytest.fixture
def known(store: StudyStore, study: Study, passphrase: str) -> dict[str, str]:
    """The truth as only the test knows it, without unblinding."""
    from sqlalchemy import select

    from reviewapp.study import schema
    from reviewapp.study.blinding import StudySecrets, unseal

    with store._database.read() as connection:
        sealed = connection.execute(select(schema.studies.c.sealed_truth)).scalar_one()
    truths = StudySecrets.from_bytes(unseal(sealed, passphrase, study.study_id)).truths
    return {truth.image_id: truth.source for truth in truths}


def test_a_blinded_study_shows_counts_and_times_only(
    store: StudyStore, study: Study, reader: Reader, rate_all: Rate
) -> None:
    assert "No reader has begun" in summarise_study(store, study.study_id).sentence
    rate_all(study, reader.reader_id)
    summary = summarise_study(store, study.study_id)
    assert (summary.blinded, summary.n_finished, summary.n_answers) == (True, 1, 10)
    assert summary.median_response_time_ms == 1000.0
    assert summary.performance is None
    assert summary.fool_rates == ()
    assert summary.repeat_agreement is None
    (row,) = summary.readers
    assert (row.performance, row.repeat_agreement, row.finished) == (None, None, True)
    assert (row.n_answered, row.n_trials) == (14, 14)


def test_a_perfect_reader(
    store: StudyStore,
    study: Study,
    reader: Reader,
    rate_all: Rate,
    known: dict[str, str],
    passphrase: str,
) -> None:
    rate_all(study, reader.reader_id, lambda t: 6 if known[t.image_id] == "real" else 1)
    store.unblind(study.study_id, passphrase)
    summary = summarise_study(store, study.study_id)
    performance = summary.performance
    assert performance is not None
    # Eight images, each once: neither repeats nor training count.
    assert performance.counts == DecisionCounts(4, 0, 0, 4)
    assert performance.accuracy == wilson(8, 8)
    assert performance.chance_p_value == pytest.approx(2 / 2**8)
    assert performance.fool_rate == wilson(0, 4)
    assert isinstance(performance.auc, Estimate)
    assert performance.auc.value == 1.0
    assert summary.repeat_agreement == wilson(2, 2)
    assert summary.sentence.startswith("One reader was right in 8 of 8 ratings (100 %")
    assert "better than guessing (p = 0.008)" in summary.sentence
    assert "0 % were taken for real" in summary.sentence
    assert summary.caveat == ""


def test_a_reversed_reader_has_an_area_of_zero(
    store: StudyStore,
    study: Study,
    reader: Reader,
    rate_all: Rate,
    known: dict[str, str],
    passphrase: str,
) -> None:
    rate_all(study, reader.reader_id, lambda t: 1 if known[t.image_id] == "real" else 6)
    store.unblind(study.study_id, passphrase)
    summary = summarise_study(store, study.study_id)
    assert summary.performance is not None
    assert isinstance(summary.performance.auc, Estimate)
    assert summary.performance.auc.value == 0.0
    assert "worse than guessing" in summary.sentence
    assert "100 % were taken for real" in summary.sentence


def test_two_readers_are_pooled_and_listed(
    store: StudyStore, study: Study, rate_all: Rate, known: dict[str, str], passphrase: str
) -> None:
    for reader_id in ("R1", "R2"):
        store.add_reader(Reader(reader_id))
    rate_all(study, "R1", lambda t: 6 if known[t.image_id] == "real" else 1)
    rate_all(study, "R2", lambda t: 5)
    store.unblind(study.study_id, passphrase)
    summary = summarise_study(store, study.study_id)
    assert summary.performance is not None
    assert summary.performance.counts == DecisionCounts(4, 4, 0, 8)
    one, two = summary.readers
    assert one.performance is not None
    assert two.performance is not None
    assert one.performance.counts == DecisionCounts(4, 0, 0, 4)
    assert two.performance.counts == DecisionCounts(0, 4, 0, 4)
    assert "2 readers were right in 12 of 16" in summary.sentence
    assert "too narrow" in summary.caveat
    assert [(f.variant, f.run_id) for f in summary.fool_rates] == [
        ("dcgan", "dcgan-a"),
        ("lapgan", "lapgan-b"),
    ]
    assert {f.fool_rate for f in summary.fool_rates} == {wilson(2, 4)}


def test_an_undecided_outcome_does_not_claim_that_images_are_alike(
    store: StudyStore, study: Study, reader: Reader, rate_all: Rate, passphrase: str
) -> None:
    rate_all(study, reader.reader_id, lambda t: 4)
    store.unblind(study.study_id, passphrase)
    assert "does not prove" in summarise_study(store, study.study_id).sentence


def test_a_reader_who_changes_between_showings_is_not_steady(
    store: StudyStore, study: Study, reader: Reader, rate_all: Rate, passphrase: str
) -> None:
    def decide(trial: Trial) -> int:
        return 1 if trial.is_repeat else 6

    rate_all(study, reader.reader_id, decide)
    store.unblind(study.study_id, passphrase)
    assert summarise_study(store, study.study_id).repeat_agreement == wilson(0, 2)


def test_unfinished_sessions_do_not_count_but_are_mentioned(
    store: StudyStore, study: Study, reader: Reader, passphrase: str
) -> None:
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    for _ in range(8):
        session.end_break()
        session.answer(4, 500.0, utc_now(), utc_now())
        session.advance()
    store.unblind(study.study_id, passphrase)
    summary = summarise_study(store, study.study_id)
    assert summary.performance is not None
    assert isinstance(summary.performance.accuracy, NotEstimable)
    assert isinstance(summary.performance.auc, NotEstimable)
    assert "no results" in summary.sentence
    assert "Unfinished sessions (1)" in summary.caveat
    assert summary.fool_rates == ()
