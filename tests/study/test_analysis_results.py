"""Results from ratings that never were in a database: invariances, and never a NaN."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgba
from matplotlib.text import Text

from engine.progress import ignore_progress, never_cancelled
from engine.workspace import Workspace
from reviewapp.study.analysis.performance import Performance, performance
from reviewapp.study.analysis.progress import study_progress
from reviewapp.study.analysis.reading_table import scored_table
from reviewapp.study.analysis.results import StudyResults, study_results
from reviewapp.study.analysis.sentences import outcome_sentence
from reviewapp.study.analysis.study_analysis import StudyAnalysis
from reviewapp.study.analysis.table import table_bytes
from reviewapp.study.analysis.tables import tables
from reviewapp.study.figures.catalogue import figures, png_bytes
from reviewapp.study.figures.theme import PAPER, SCREEN, FigureTheme
from reviewapp.study.model import (
    Answer,
    Mark,
    Reader,
    SessionInfo,
    Study,
    Trial,
    Truth,
    response_of,
)
from reviewapp.study.protocol import Protocol
from reviewapp.study.ratings import Rating
from reviewapp.study.report.methods import methods_text
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.mrmc import MeanTest, MrmcResult, analyse
from reviewapp.study.statistics.reader_covariance import FigureOfMerit
from reviewapp.study.statistics.readings import CaseRating, Readings, arrange

NOW = datetime(2026, 1, 5, tzinfo=UTC)
NOWHERE = Workspace(Path("/nonexistent"))

#: confidence by reader and image; images that begin with g are generated
Given = Mapping[str, Mapping[str, int]]


def image_truth(image_id: str, swapped: bool = False) -> Truth:
    generated = image_id.startswith("g") != swapped
    variant = ("dcgan", "upgan")[int(image_id[1:]) % 2] if generated else ""
    return Truth(
        image_id=image_id,
        record_id=image_id,
        key="a" * 64,
        source="generated" if generated else "real",
        dataset="acdc",
        class_label="NOR",
        variant=variant,
        run_id=f"run-{variant}" if generated else "",
        checkpoint_step=100 if generated else None,
    )


def rating(
    reader_id: str,
    position: int,
    image_id: str,
    confidence: int | None,
    *,
    swapped: bool = False,
    partner: str | None = None,
    is_repeat: bool = False,
) -> Rating:
    """One rating; ``swapped`` turns truth and answer round; with ``partner`` *left* is answered."""
    session = SessionInfo(f"s-{reader_id}", "study", reader_id, NOW, NOW, 99, 99)
    trial = Trial(
        position, 0, False, is_repeat, image_id, "b" * 64, "acdc", "NOR", None, partner,
        None if partner is None else "c" * 64,
    )  # fmt: skip
    if swapped and confidence is not None:
        confidence = 7 - confidence
    response = "left" if confidence is None else response_of(confidence)
    answer = Answer(
        f"{reader_id}-{position}", session.session_id, position, 1, confidence, response,
        1000.0 + 10 * position, NOW, NOW, None, None, None, None, None, "", "test",
    )  # fmt: skip
    return Rating(
        session,
        Reader(reader_id, "", "Cardiology", 3.0),
        trial,
        answer,
        image_truth(image_id, swapped),
        (),
        None if partner is None else image_truth(partner, swapped),
    )


def ratings(given: Given, *, swapped: bool = False) -> list[Rating]:
    return [
        rating(reader, position, image, confidence, swapped=swapped)
        for reader, own in given.items()
        for position, (image, confidence) in enumerate(own.items())
    ]


def results_of(given: list[Rating]) -> StudyResults:
    return study_results(given, NOWHERE, 64, 0.05, ignore_progress, never_cancelled)


def numbers(value: object) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, np.ndarray):
        yield from value.astype(float).ravel().tolist()
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from numbers(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from numbers(item)


images = st.lists(
    st.sampled_from([f"{kind}{n}" for kind in "gr" for n in range(5)]), unique=True, max_size=8
)
complete = images.flatmap(
    lambda ids: st.dictionaries(
        st.sampled_from(["R1", "R2", "R3"]),
        st.fixed_dictionaries({i: st.integers(1, 6) for i in ids}),
        max_size=3,
    )
)
with_gaps = st.dictionaries(
    st.sampled_from(["R1", "R2", "R3"]),
    st.dictionaries(
        st.sampled_from([f"{kind}{n}" for kind in "gr" for n in range(4)]), st.integers(1, 6)
    ),
    max_size=3,
)


@settings(max_examples=25, deadline=None)
@given(complete | with_gaps)
def test_whatever_is_missing_no_number_is_nan_or_infinite(given_: Given) -> None:
    results = results_of(ratings(given_))
    assert all(isfinite(number) for number in numbers(results))
    assert results.n_ratings == sum(len(own) for own in given_.values())


def values(found: Performance) -> dict[str, float | None]:
    results = {
        "accuracy": found.accuracy.value,
        "sensitivity": found.sensitivity,
        "specificity": found.specificity,
        "d_prime": found.d_prime,
        "criterion": found.criterion,
        "auc": found.auc.value,
    }
    return {
        name: None if isinstance(result, NotEstimable) else result.value
        for name, result in results.items()
    }


@settings(max_examples=25, deadline=None)
@given(complete)
def test_with_both_labels_swapped_sensitivity_and_specificity_change_places(given_: Given) -> None:
    one = values(performance(scored_table(ratings(given_)), 0.05))
    other = values(performance(scored_table(ratings(given_, swapped=True)), 0.05))
    for name, counterpart, sign in (
        ("accuracy", "accuracy", 1),
        ("sensitivity", "specificity", 1),
        ("specificity", "sensitivity", 1),
        ("d_prime", "d_prime", 1),
        ("criterion", "criterion", -1),
        ("auc", "auc", 1),
    ):
        first, second = one[name], other[counterpart]
        assert (first is None) == (second is None)
        if first is not None and second is not None:
            assert first == pytest.approx(sign * second, abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(complete)
def test_the_order_of_readers_and_ratings_does_not_matter(given_: Given) -> None:
    forwards = ratings(given_)
    assert performance(scored_table(forwards), 0.05) == performance(
        scored_table(list(reversed(forwards))), 0.05
    )


def test_a_reader_who_misses_images_leaves_a_share_without_interval() -> None:
    given_ = {"R1": {"g0": 1, "r0": 6, "g1": 5}, "R2": {"g0": 2, "r0": 2}}
    accuracy = performance(scored_table(ratings(given_)), 0.05).accuracy
    assert isinstance(accuracy.value, Estimate)
    assert accuracy.value.value == pytest.approx(3 / 5)
    assert accuracy.value.interval is None
    assert "reader R2 misses 1 of 3 images" in accuracy.value.method
    assert isinstance(accuracy.p_value, NotEstimable)


def test_one_sided_studies_explain_what_both_kinds_are_needed_for() -> None:
    only_generated = {r: {f"g{n}": 1 + n for n in range(4)} for r in ("R1", "R2")}
    overall = results_of(ratings(only_generated)).overall
    assert overall.specificity == NotEstimable("No real images have been rated.")
    for result in (overall.d_prime, overall.criterion, overall.auc.value):
        assert isinstance(result, NotEstimable)
    assert isinstance(overall.fool_rate, Estimate)


def test_pairs_give_a_share_and_say_why_there_is_no_curve() -> None:
    # Each reader chooses the left one; the generated image lies left in two of three pairs.
    trials = [("g0", "r0"), ("g1", "r1"), ("r2", "g2")]
    given_ = [
        rating(reader, position, left, None, partner=right)
        for reader in ("R1", "R2")
        for position, (left, right) in enumerate(trials)
    ]
    results = results_of(given_)
    assert results.paired
    assert results.n_images == 3
    assert isinstance(results.overall.accuracy.value, Estimate)
    assert results.overall.accuracy.value.value == pytest.approx(2 / 3)
    assert isinstance(results.overall.d_prime, Estimate)
    assert isinstance(results.overall.auc.value, NotEstimable)
    assert "side by side" in results.overall.auc.value.reason
    assert results.roc == ()
    (fake,) = results.gallery.convincing_fakes
    (real,) = results.gallery.suspected_reals
    assert (fake.image_id, real.image_id) == ("g2", "r2")
    assert (fake.presented_key, real.presented_key) == ("c" * 64, "b" * 64)
    assert all(isfinite(number) for number in numbers(results))


def test_several_readers_agree_with_the_analysis_of_rows_arranged_by_name() -> None:
    results = results_of(MIXED)

    def rows(score: Callable[[Rating], float], by_variant: bool) -> Iterator[CaseRating]:
        for r in MIXED:
            generated = r.trial.image_id.startswith("g")
            variants = [r.truth.variant] if generated and r.truth else ["dcgan", "upgan"]
            for variant in variants if by_variant else ["all"]:
                yield CaseRating(variant, r.reader.reader_id, r.trial.image_id, generated, score(r))

    def analysed(
        score: Callable[[Rating], float], figure: FigureOfMerit, by_variant: bool
    ) -> MrmcResult:
        readings = arrange(rows(score, by_variant))
        assert isinstance(readings, Readings)
        found = analyse(readings, figure=figure)
        assert isinstance(found, MrmcResult)
        return found

    right = analysed(lambda r: float(bool(r.correct)), "proportion", False).means[0]
    assert results.overall.accuracy.value == right.estimate
    assert isinstance(right.test, MeanTest)
    assert results.overall.accuracy.p_value == right.test.p_value
    assert results.overall.accuracy.equivalence == right.equivalence(0.05)
    area = analysed(lambda r: 7.0 - (r.answer.confidence or 0), "auc", True)
    assert isinstance(results.variants.auc, MrmcResult)
    for one, other in zip(area.means, results.variants.auc.means, strict=True):
        assert one.treatment == other.treatment
        assert other.estimate.value == pytest.approx(one.estimate.value)
        assert other.estimate.interval == pytest.approx(one.estimate.interval)
    (one_difference,), (difference,) = area.differences, results.variants.auc.differences
    assert difference.estimate.interval == pytest.approx(one_difference.estimate.interval)
    assert difference.p_holm == pytest.approx(one_difference.p_holm)


def test_second_showings_count_for_repeatability_alone() -> None:
    first = ratings({r: {"g0": 1, "r0": 6, "g1": 2, "r1": 5} for r in ("R1", "R2")})
    again = [
        rating("R1", 4, "g0", 2, is_repeat=True),
        rating("R1", 5, "r0", 1, is_repeat=True),
        rating("R2", 4, "g0", 1, is_repeat=True),
        rating("R2", 5, "r0", 6, is_repeat=True),
    ]
    results = results_of(first + again)
    assert results.n_ratings == 8
    assert isinstance(results.repeatability.same_answer, Estimate)
    assert results.repeatability.same_answer.value == pytest.approx(3 / 4)
    assert isinstance(results.repeatability.confidence_shift, Estimate)
    assert results.repeatability.confidence_shift.value == pytest.approx((1 - 5 + 0 + 0) / 4)
    assert isinstance(results.repeatability.kappa, Estimate)
    assert results.repeatability.kappa.interval is None


def test_a_mark_on_the_right_image_belongs_to_that_image() -> None:
    mark = Mark("m", "s-R1", 0, "ellipse", 10, 10, 8, 8, "noise", "right")
    marked = dataclasses.replace(rating("R1", 0, "r0", None, partner="g0"), marks=(mark,))
    (count,) = results_of([marked]).marks.counts
    assert (count.reason, count.on_generated, count.on_real) == ("noise", 1, 0)


def analysis_of(given: list[Rating]) -> StudyAnalysis:
    protocol = Protocol(
        protocol_id="invented",
        title="Invented",
        datasets=("acdc",),
        n_real=4,
        n_generated=4,
        seed=1,
    )
    study = Study("study", "Invented", protocol, "f" * 64, NOW, NOW, NOW, 8, 0)
    readers = {r.reader.reader_id: r.reader for r in given}
    sessions = {r.session.session_id: r.session for r in given}
    counted = study_progress(list(sessions.values()), readers.values(), given)
    results = results_of(given)
    return StudyAnalysis(study, 0.05, outcome_sentence(results), (), counted, results)


ALIKE = ratings({r: {f"{k}{n}": 6 for k in "gr" for n in range(4)} for r in ("R1", "R2")})
MIXED = ratings(
    {
        r: {f"{k}{n}": 1 + (3 * n + i) % 6 for k in "gr" for n in range(4)}
        for i, r in enumerate(("R1", "R2", "R3"))
    }
)
PAIRS = [rating(r, n, f"g{n}", None, partner=f"r{n}") for r in ("R1", "R2") for n in range(3)]


@pytest.mark.parametrize("theme", [SCREEN, PAPER], ids=["screen", "paper"])
@pytest.mark.parametrize(
    "given_",
    [ratings({"R1": {"g0": 2}}), ALIKE, PAIRS, MIXED],
    ids=["one rating", "all alike", "pairs", "mixed"],
)
def test_every_figure_can_be_drawn(given_: list[Rating], theme: FigureTheme) -> None:
    specs = figures(analysis_of(given_))
    assert specs
    assert len({spec.name for spec in specs}) == len(specs)
    for spec in specs:
        figure = spec.draw(theme)
        written = " ".join(text.get_text() for text in figure.findobj(Text))
        assert "nan" not in written.lower().split()
        assert figure.get_facecolor() == to_rgba(theme.background)


def test_figures_drawn_at_once_in_several_threads_are_those_drawn_alone() -> None:
    specs = figures(analysis_of(MIXED)) * 3
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda spec: png_bytes(spec, SCREEN, 50), specs))
    assert together == [png_bytes(spec, SCREEN, 50) for spec in specs]


@pytest.mark.parametrize("given_", [[], ALIKE, PAIRS, MIXED])
def test_tables_have_a_cell_for_each_column_and_no_nan(given_: list[Rating]) -> None:
    for table in tables(analysis_of(given_)):
        assert table.rows
        for row in table.rows:
            assert len(row) == len(table.columns)
            assert not any(isinstance(cell, float) and not isfinite(cell) for cell in row)
        assert table_bytes(table).count(b"\r\n") == len(table.rows) + 1


def test_the_methods_name_only_what_was_used() -> None:
    one = " ".join(methods_text(analysis_of(ratings({"R1": {"g0": 2, "r0": 5, "g1": 1, "r1": 2}}))))
    assert "exact binomial" in one
    assert "Obuchowski" not in one
    assert "Fleiss" not in one
    several = " ".join(methods_text(analysis_of(MIXED)))
    assert "Obuchowski" in several
    assert "exact binomial" not in several
    pairs = " ".join(methods_text(analysis_of(PAIRS)))
    assert "ROC" not in pairs
    assert methods_text(analysis_of([])) == ()
