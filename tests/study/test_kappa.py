from __future__ import annotations

from math import isfinite

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats import inter_rater

from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.statistics.kappa import Weights, agreement_matrix, cohen_kappa, fleiss_kappa

SCALE = (1, 2, 3, 4, 5, 6)
pairs = st.integers(2, 40).flatmap(
    lambda n: st.tuples(*[st.lists(st.sampled_from(SCALE), min_size=n, max_size=n)] * 2)
)
weightings = st.sampled_from([None, "linear", "quadratic"])


def estimated(result: Result) -> Estimate:
    assert isinstance(result, Estimate), result
    return result


@settings(max_examples=60, deadline=None)
@given(pairs, weightings)
def test_cohens_kappa_and_its_interval_are_the_libraries(
    ratings: tuple[list[int], list[int]], weights: Weights | None
) -> None:
    first, second = ratings
    result = cohen_kappa(first, second, weights, SCALE)
    if len({*first, *second}) == 1:
        assert isinstance(result, NotEstimable)
        return
    expected = cohen_kappa_score(first, second, labels=list(SCALE), weights=weights)
    assert estimated(result).value == pytest.approx(expected)
    table = np.zeros((6, 6))
    np.add.at(table, (np.array(first) - 1, np.array(second) - 1), 1)
    with np.errstate(all="ignore"):  # where statsmodels has no interval either
        reference = inter_rater.cohens_kappa(table, wt=weights)
    assert estimated(result).value == pytest.approx(reference.kappa)
    if estimated(result).interval is not None:
        half = norm.ppf(0.975) * reference.std_kappa
        assert estimated(result).interval == pytest.approx(
            (max(-1, expected - half), min(1, expected + half)), abs=1e-6
        )


@settings(max_examples=40, deadline=None)
@given(pairs, weightings)
def test_the_order_of_the_two_raters_does_not_matter(
    ratings: tuple[list[int], list[int]], weights: Weights | None
) -> None:
    first, second = ratings
    one, other = (cohen_kappa(a, b, weights, SCALE) for a, b in ((first, second), (second, first)))
    if isinstance(one, NotEstimable):
        assert one == other
    else:
        assert one.value == pytest.approx(estimated(other).value)


@settings(max_examples=40, deadline=None)
@given(pairs)
def test_names_of_categories_do_not_matter(ratings: tuple[list[int], list[int]]) -> None:
    first, second = ratings
    one = cohen_kappa(first, second)
    other = cohen_kappa(["abcdef"[-a] for a in first], ["abcdef"[-b] for b in second])
    if isinstance(one, NotEstimable):
        assert one == other
    else:
        assert one.value == pytest.approx(estimated(other).value)


def test_the_interval_of_kappa_covers_the_truth() -> None:
    rng = np.random.default_rng(3)
    # Each rater copies the image's class with probability 0.8, else guesses: κ = 0.64 for two.
    covered = 0
    for _ in range(400):
        truth = rng.integers(0, 2, 150)
        raters = [
            np.where(rng.random(150) < 0.8, truth, rng.integers(0, 2, 150)).tolist()
            for _ in range(2)
        ]
        interval = estimated(cohen_kappa(*raters)).interval
        assert interval is not None
        covered += interval[0] <= 0.64 <= interval[1]
    assert 365 <= covered <= 395


def test_full_agreement_has_no_interval() -> None:
    result = estimated(cohen_kappa([1, 2, 1, 2], [1, 2, 1, 2]))
    assert (result.value, result.interval) == (1.0, None)


def test_nothing_and_one_answer_only_are_explained() -> None:
    for result in (
        cohen_kappa([], []),
        cohen_kappa([1, 1], [1, 1]),
        fleiss_kappa([]),
        fleiss_kappa([["a"], ["b"]]),
        fleiss_kappa([["a", "a"], ["a", "a"]]),
    ):
        assert isinstance(result, NotEstimable)
        assert result.reason.endswith(".")


def test_lists_that_do_not_pair_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="same images"):
        cohen_kappa([1], [1, 2])
    with pytest.raises(ValueError, match="same number"):
        fleiss_kappa([["a", "b"], ["a"]])


# The worked example of Wikipedia, "Fleiss' kappa": 10 subjects, 14 raters, 5 categories.
FLEISS_COUNTS = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
]


def test_the_known_fleiss_kappa() -> None:
    ratings = [[c for c, n in enumerate(row) for _ in range(n)] for row in FLEISS_COUNTS]
    result = estimated(fleiss_kappa(ratings))
    assert result.value == pytest.approx(0.210, abs=5e-4)
    assert result.interval is not None
    assert result.interval[0] < result.value < result.interval[1]
    assert fleiss_kappa(ratings) == result
    assert fleiss_kappa(ratings, seed=1) != result


@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda k: st.lists(
            st.lists(st.sampled_from("ab"), min_size=k, max_size=k), min_size=1, max_size=20
        )
    )
)
def test_fleiss_kappa_is_statsmodels_in_any_order_of_readers(ratings: list[list[str]]) -> None:
    result = fleiss_kappa(ratings, resamples=50)
    if len({label for row in ratings for label in row}) == 1:
        assert isinstance(result, NotEstimable)
        return
    counts = np.array([[row.count("a"), row.count("b")] for row in ratings])
    assert estimated(result).value == pytest.approx(inter_rater.fleiss_kappa(counts))
    shuffled = [list(reversed(row)) for row in ratings]
    assert estimated(fleiss_kappa(shuffled, resamples=50)).value == estimated(result).value
    interval = estimated(result).interval
    assert interval is None or all(map(isfinite, interval))


def test_the_agreement_matrix_pairs_the_images_that_both_rated() -> None:
    answers = {
        "R1": {"a": "real", "b": "generated", "c": "real", "d": "generated"},
        "R2": {"b": "generated", "c": "real", "d": "real", "e": "real"},
        "R3": {"z": "real"},
        "R4": {},
    }
    matrix = agreement_matrix(answers)
    assert matrix.readers == ("R1", "R2", "R3", "R4")
    assert matrix.values[0][1] == cohen_kappa(
        ["generated", "real", "generated"], ["generated", "real", "real"]
    )
    assert matrix.values[1][0] is matrix.values[0][1]
    assert estimated(matrix.values[2][2]).value == 1
    assert isinstance(matrix.values[0][2], NotEstimable)
    assert isinstance(matrix.values[3][3], NotEstimable)
