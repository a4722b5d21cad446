"""A study from its ratings to its results: values by hand, every gap explained."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from math import isfinite

import numpy as np
import pytest

from engine.errors import Cancelled
from reviewapp.study.analysis.study_analysis import StudyAnalysis, analyse_study
from reviewapp.study.model import Mark, Reader, ReaderRole, SessionInfo, Study, Trial
from reviewapp.study.session import RatingSession
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.mrmc import MrmcResult
from reviewapp.study.statistics.proportions import wilson
from reviewapp.study.statistics.roc import auc
from reviewapp.study.statistics.signal_detection import DecisionCounts, d_prime
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

Rate = Callable[..., SessionInfo]


def numbers(value: object) -> Iterator[float]:
    """Every float anywhere in a result."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, np.ndarray):
        yield from value.astype(float).ravel().tolist()
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from numbers(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from numbers(item)


def unblinded(store: StudyStore, study: Study, passphrase: str) -> StudyAnalysis:
    store.unblind(study.study_id, passphrase)
    analysis = analyse_study(store, study.study_id)
    assert all(isfinite(number) for number in numbers(analysis))
    return analysis


def test_a_blinded_study_shows_counts_and_times_only(
    store: StudyStore, study: Study, reader: Reader, rate_all: Rate
) -> None:
    assert "No reader has begun" in analyse_study(store, study.study_id).sentence
    rate_all(study, reader.reader_id)
    analysis = analyse_study(store, study.study_id)
    assert analysis.results is None
    assert analysis.caveats == ()
    assert "1 of 1 sessions is finished, with 10 ratings" in analysis.sentence
    (row,) = analysis.progress.readers
    assert (row.finished, row.n_answered, row.n_trials) == (True, 14, 14)
    assert not isinstance(row.times, NotEstimable)
    assert row.times.median_ms == 1000.0


def test_the_analysis_of_a_blinded_study_does_not_depend_on_the_truth(
    store: StudyStore, study: Study, reader: Reader, rate_all: Rate, passphrase: str
) -> None:
    from reviewapp.study import schema
    from reviewapp.study.blinding import StudySecrets, seal
    from reviewapp.study.study_rows import unseal_study

    rate_all(study, reader.reader_id, lambda trial: 1 + trial.trial_index % 6)
    before = analyse_study(store, study.study_id)
    secrets = unseal_study(store._database, study.study_id, passphrase)
    swapped = tuple(
        dataclasses.replace(t, source="real" if t.source == "generated" else "generated")
        for t in secrets.truths
    )
    sealed = seal(StudySecrets(secrets.study_key, swapped).to_bytes(), passphrase, study.study_id)
    with store._database.write() as connection:
        connection.execute(schema.studies.update().values(sealed_truth=sealed))
    assert analyse_study(store, study.study_id) == before
    store.unblind(study.study_id, passphrase)
    assert analyse_study(store, study.study_id).results is not None


def test_a_perfect_reader(
    store: StudyStore,
    study: Study,
    reader: Reader,
    rate_all: Rate,
    known: dict[str, str],
    passphrase: str,
) -> None:
    rate_all(study, reader.reader_id, lambda t: 6 if known[t.image_id] == "real" else 1)
    analysis = unblinded(store, study, passphrase)
    results = analysis.results
    assert results is not None
    overall = results.overall
    # Eight images, each once: neither repeats nor training count.
    assert (results.n_readers, results.n_images, results.n_ratings) == (1, 8, 8)
    assert overall.counts == DecisionCounts(4, 0, 0, 4)
    assert overall.accuracy.value == wilson(8, 8)
    assert overall.accuracy.p_value == pytest.approx(2 / 2**8)
    assert overall.fool_rate == wilson(0, 4)
    assert overall.d_prime == d_prime(overall.counts)
    assert isinstance(overall.auc.value, Estimate)
    assert overall.auc.value.value == 1.0
    assert results.repeatability.same_answer == wilson(2, 2)
    assert analysis.sentence.startswith("One reader told generated from real 100 % of the time")
    assert "better than guessing (p = 0.008)" in analysis.sentence
    assert "not shown to be equivalent to guessing within ±5 points" in analysis.sentence
    assert any("this reader only" in caveat for caveat in analysis.caveats)
    assert results.gallery.convincing_fakes == ()


def test_a_reversed_reader_is_worse_than_guessing(
    store: StudyStore,
    study: Study,
    reader: Reader,
    rate_all: Rate,
    known: dict[str, str],
    passphrase: str,
) -> None:
    rate_all(study, reader.reader_id, lambda t: 1 if known[t.image_id] == "real" else 6)
    analysis = unblinded(store, study, passphrase)
    assert analysis.results is not None
    area = analysis.results.overall.auc.value
    assert isinstance(area, Estimate)
    assert area.value == 0.0
    assert "worse than guessing" in analysis.sentence
    assert "100 % were taken for real" in analysis.sentence
    fakes = analysis.results.gallery.convincing_fakes
    assert [(image.n_wrong, image.n_ratings) for image in fakes] == [(1, 1)] * 4
    assert {image.mean_confidence for image in fakes} == {6.0}
    for image in fakes:
        assert known[image.image_id] == "generated"
        assert store.workspace.image_path(image.presented_key).is_file()


@pytest.fixture
def confidences(known: dict[str, str]) -> dict[str, dict[str, int]]:
    """Three readers' confidences by image; see the values by hand below."""
    generated = sorted(i for i in known if known[i] == "generated")
    real = sorted(i for i in known if known[i] == "real")
    given: dict[str, dict[str, int]] = {}
    for name, on_generated, on_real in (
        ("R1", [1, 2, 5, 3], [6, 4, 3, 5]),
        ("R2", [4, 1, 5, 2], [6, 5, 2, 4]),
        ("R3", [5, 3, 6, 1], [5, 2, 1, 6]),
    ):
        own = dict.fromkeys(known, 4)
        own |= {image: on_generated[i % 4] for i, image in enumerate(generated)}
        own |= {image: on_real[i % 4] for i, image in enumerate(real)}
        given[name] = own
    return given


def rate_as(
    store: StudyStore, study: Study, rate_all: Rate, confidences: dict[str, dict[str, int]]
) -> None:
    roles: tuple[ReaderRole, ...] = ("specialist", "", "specialist")
    for years, (reader_id, own) in enumerate(confidences.items()):
        specialty = ("Cardiology", "")[years % 2]
        store.add_reader(
            Reader(reader_id, f"Name {reader_id}", specialty, 6.0 * years, roles[years])
        )
        rate_all(study, reader_id, lambda t, own=own: own[t.image_id])


def test_several_readers_against_values_by_hand(
    store: StudyStore,
    study: Study,
    rate_all: Rate,
    known: dict[str, str],
    confidences: dict[str, dict[str, int]],
    passphrase: str,
) -> None:
    rate_as(store, study, rate_all, confidences)
    analysis = unblinded(store, study, passphrase)
    results = analysis.results
    assert results is not None
    truth = store.truth(study.study_id)
    scored = sorted(
        {
            t.image_id
            for s in store.sessions(study.study_id)
            for t in store.trials(s.session_id)
            if not t.is_training
        }
    )
    right = {
        reader: [(own[i] >= 4) == (known[i] == "real") for i in scored]
        for reader, own in confidences.items()
    }
    share = [sum(r) / 8 for r in right.values()]
    accuracy = results.overall.accuracy.value
    assert isinstance(accuracy, Estimate)
    assert accuracy.value == pytest.approx(sum(share) / 3)
    assert accuracy.n == 24
    assert "readers and images random" in accuracy.method
    for group, own in zip(results.readers, right.values(), strict=True):
        assert group.performance.accuracy.value == wilson(sum(own), 8)
    areas = [
        auc(
            [7 - own[i] for i in scored if known[i] == "generated"],
            [7 - own[i] for i in scored if known[i] == "real"],
        )
        for own in confidences.values()
    ]
    assert [curve.auc for curve in results.roc if curve.kind == "reader"] == areas
    assert isinstance(results.overall.auc.value, Estimate)
    assert results.overall.auc.value.value == pytest.approx(
        np.mean([a.value for a in areas if isinstance(a, Estimate)])
    )
    for group in results.of_kind("variant"):
        own_images = [i for i in scored if truth[i].variant == group.name]
        fooled = [confidences[r][i] >= 4 for r in confidences for i in own_images]
        assert isinstance(group.performance.fool_rate, Estimate)
        assert group.performance.fool_rate.value == pytest.approx(np.mean(fooled))
        assert group.n_images == len(own_images)
        assert isinstance(group.performance.accuracy.value, NotEstimable)
    assert [g.name for g in results.of_kind("checkpoint")] == [
        "dcgan-a, step 500",
        "lapgan-b, step 500",
    ]
    assert [g.name for g in results.of_kind("class")] == ["DCM", "NOR"]
    assert [(g.name, g.n_readers) for g in results.of_kind("role")] == [
        ("not stated", 1),
        ("specialist", 2),
    ]
    assert [(g.name, g.n_readers) for g in results.of_kind("specialty")] == [
        ("Cardiology", 2),
        ("not stated", 1),
    ]
    assert [g.name for g in results.of_kind("experience")] == [
        "under 5 years",
        "5 to under 10 years",
        "10 to under 20 years",
    ]
    assert isinstance(results.variants.auc, MrmcResult)
    (difference,) = results.variants.auc.differences
    assert (difference.first, difference.second) == ("dcgan", "lapgan")
    histogram = results.confidence
    assert not isinstance(histogram, NotEstimable)
    assert sum(histogram.real) == sum(histogram.generated) == 12
    assert sum(bin_.last_trial - bin_.first_trial + 1 for bin_ in results.learning.bins) == 8
    assert "3 readers told generated from real" in analysis.sentence
    assert any("poorly known" in caveat for caveat in analysis.caveats)


def test_answers_all_alike_are_explained(
    store: StudyStore, study: Study, rate_all: Rate, passphrase: str
) -> None:
    for reader_id in ("R1", "R2"):
        store.add_reader(Reader(reader_id))
        rate_all(study, reader_id, lambda t: 6)
    analysis = unblinded(store, study, passphrase)
    results = analysis.results
    assert results is not None
    accuracy = results.overall.accuracy.value
    assert isinstance(accuracy, Estimate)
    assert (accuracy.value, isinstance(accuracy.interval, tuple)) in ((0.5, True), (0.5, False))
    fool_rate = results.overall.fool_rate
    assert isinstance(fool_rate, Estimate)
    assert fool_rate.value == 1.0
    assert fool_rate.interval is None
    assert "do not vary" in fool_rate.method
    assert isinstance(results.agreement.fleiss_kappa, NotEstimable)
    assert isinstance(results.learning.odds_ratio, NotEstimable) or results.learning.bins


def test_an_unblinded_study_without_ratings_explains_everything(
    store: StudyStore, study: Study, passphrase: str
) -> None:
    analysis = unblinded(store, study, passphrase)
    results = analysis.results
    assert results is not None
    assert "no results" in analysis.sentence
    for result in (results.overall.accuracy.value, results.overall.auc.value,
                   results.agreement.fleiss_kappa, results.repeatability.same_answer):  # fmt: skip
        assert isinstance(result, NotEstimable)
    assert results.groups == ()
    assert results.roc == ()


def test_unfinished_sessions_do_not_count_but_are_mentioned(
    store: StudyStore, study: Study, reader: Reader, passphrase: str
) -> None:
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    for _ in range(8):
        session.end_break()
        session.answer(4, 500.0, utc_now(), utc_now())
        session.advance()
    analysis = unblinded(store, study, passphrase)
    assert "Unfinished sessions (1)" in " ".join(analysis.caveats)
    assert analysis.results is not None
    assert analysis.results.n_ratings == 0


def test_a_single_trial_is_explained(
    store: StudyStore, protocol: object, reader: Reader, rate_all: Rate, passphrase: str
) -> None:
    tiny = store.create_study(
        "Tiny",
        protocol.model_copy(  # type: ignore[attr-defined]
            update={"n_real": 1, "n_generated": 1, "repeats_fraction": 0.0, "training_trials": 0}
        ),
        passphrase,
    )
    rate_all(tiny, reader.reader_id, lambda t: 6)
    store.add_reader(Reader("R02"))
    rate_all(tiny, "R02", lambda t: 1)
    analysis = unblinded(store, tiny, passphrase)
    assert analysis.results is not None
    assert "50 % of the time" in analysis.sentence
    assert isinstance(analysis.results.overall.auc.value, NotEstimable)


def test_marks_are_counted_and_laid_over_the_mean_image(
    store: StudyStore, study: Study, reader: Reader, known: dict[str, str], passphrase: str
) -> None:
    info = store.open_session(study.study_id, reader.reader_id)
    trials: list[Trial] = store.trials(info.session_id)
    session = RatingSession(store, info)
    marked = 0
    while not session.finished:
        session.end_break()
        trial = trials[session.current.trial_index]
        if not trial.is_training and known[trial.image_id] == "generated":
            session.mark(
                Mark(f"m{trial.trial_index}", info.session_id, trial.trial_index, "ellipse",
                     0, 0, 32, 32, "texture")
            )  # fmt: skip
            marked += 1
        session.answer(2, 800.0, utc_now(), utc_now())
        session.advance()
    analysis = unblinded(store, study, passphrase)
    assert analysis.results is not None
    marks = analysis.results.marks
    assert [(c.reason, c.on_generated, c.on_real) for c in marks.counts] == [("texture", marked, 0)]
    whole, texture = marks.maps
    assert (whole.reason, texture.reason, texture.n_marks) == ("all", "texture", marked)
    # The presented side is 64 px, as many as the map's cells: a circle of 32 px top left.
    assert texture.density[16, 16] == 1
    assert texture.density[0, 0] == 0
    assert texture.density[40:].max() == 0
    assert texture.density.sum() == pytest.approx(np.pi * 16**2, rel=0.03)
    (mean,) = marks.mean_images
    assert mean.pixels.dtype == np.uint8
    assert mean.n_images == 8


def test_a_cancelled_analysis_stops(
    store: StudyStore, study: Study, reader: Reader, rate_all: Rate, passphrase: str
) -> None:
    rate_all(study, reader.reader_id)
    store.unblind(study.study_id, passphrase)
    with pytest.raises(Cancelled):
        analyse_study(store, study.study_id, cancelled=lambda: True)
