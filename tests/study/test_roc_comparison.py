"""DeLong's tests of two areas against another implementation's values and the definition."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.roc import (
    AucComparison,
    auc,
    compare_paired_aucs,
    compare_unpaired_aucs,
    delong_variance,
    structural_components,
)

# The data of DeLong, DeLong & Clarke-Pearson 1988: ovarian cancer patients with three scores
# (albumin, total protein, K-G score turned round) and whether surgery helped, as listed in the
# SAS/STAT user's guide, PROC LOGISTIC, "Comparing receiver operating characteristic curves".
# Expected values by MLstatkit 0.1.91, an independent implementation.
OVARIAN_TEXT = """
3.0 5.8 10 0  3.2 6.3  5 1  3.9 6.8  3 1  2.8 4.8  6 0  3.2 5.8  3 1  0.9 4.0  5 0
2.5 5.7  8 0  1.6 5.6  5 1  3.8 5.7  5 1  3.7 6.7  6 1  3.2 5.4  4 1  3.8 6.6  6 1
4.1 6.6  5 1  3.6 5.7  5 1  4.3 7.0  4 1  3.6 6.7  4 0  2.3 4.4  6 1  4.2 7.6  4 0
4.0 6.6  6 0  3.5 5.8  6 1  3.8 6.8  7 1  3.0 4.7  8 0  4.5 7.4  5 1  3.7 7.4  5 1
3.1 6.6  6 1  4.1 8.2  6 1  4.3 7.0  5 1  4.3 6.5  4 1  3.2 5.1  5 1  2.6 4.7  6 1
3.3 6.8  6 0  1.7 4.0  7 0  3.7 6.1  5 1  3.3 6.3  7 1  4.2 7.7  6 1  3.5 6.2  5 1
2.9 5.7  9 0  2.1 4.8  7 1  2.8 6.2  8 0  4.0 7.0  7 1  3.3 5.7  6 1  3.7 6.9  5 1
3.6 6.6  5 1
"""
OVARIAN = np.array(OVARIAN_TEXT.split(), dtype=float).reshape(-1, 4)
SCORES = {"albumin": OVARIAN[:, 0], "protein": OVARIAN[:, 1], "kg": 10 - OVARIAN[:, 2]}
HELPED = OVARIAN[:, 3] == 1

rating_lists = st.integers(2, 12).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(1, 6), min_size=n, max_size=n)] * 2)
)


def sides(name: str) -> tuple[list[float], list[float]]:
    return SCORES[name][HELPED].tolist(), SCORES[name][~HELPED].tolist()


@pytest.mark.parametrize(
    ("name", "area", "standard_error"),
    [("kg", 0.7258, 0.1028), ("albumin", 0.7366, 0.0927), ("protein", 0.6478, 0.1000)],
)
def test_known_areas_and_standard_errors(name: str, area: float, standard_error: float) -> None:
    estimate, variance = auc(*sides(name)), delong_variance(*sides(name))
    assert isinstance(estimate, Estimate)
    assert isinstance(variance, float)
    assert estimate.value == pytest.approx(area, abs=5e-5)
    assert sqrt(variance) == pytest.approx(standard_error, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "difference", "standard_error", "p_value"),
    [("albumin", 0.0108, 0.0953, 0.9102), ("protein", -0.0780, 0.1046, 0.4561)],
)
def test_known_paired_comparisons_with_the_kg_score(
    name: str, difference: float, standard_error: float, p_value: float
) -> None:
    comparison = compare_paired_aucs(*sides(name), *sides("kg"))
    assert isinstance(comparison, AucComparison)
    assert comparison.difference.value == pytest.approx(difference, abs=5e-5)
    assert comparison.difference.value / comparison.z == pytest.approx(standard_error, abs=5e-5)
    assert comparison.p_value == pytest.approx(p_value, abs=5e-5)


@given(rating_lists, rating_lists)
def test_the_paired_variance_is_delongs_covariance_formula(
    positives: tuple[list[int], list[int]], negatives: tuple[list[int], list[int]]
) -> None:
    v10, v01 = [], []
    for x, y in zip(positives, negatives, strict=True):
        psi = np.array([[(a > b) + (a == b) / 2 for b in y] for a in x])
        v10.append(psi.mean(axis=1))
        v01.append(psi.mean(axis=0))
    covariance = np.cov(v10) / len(positives[0]) + np.cov(v01) / len(negatives[0])
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    comparison = compare_paired_aucs(positives[0], negatives[0], positives[1], negatives[1])
    if variance < 1e-12:
        assert isinstance(comparison, NotEstimable)
        return
    assert isinstance(comparison, AucComparison)
    expected = (v10[0].mean() - v10[1].mean()) / sqrt(variance)
    assert comparison.z == pytest.approx(expected)
    assert comparison.p_value == pytest.approx(2 * norm.sf(abs(expected)))


@given(rating_lists, rating_lists)
def test_unpaired_variances_add_up(
    positives: tuple[list[int], list[int]], negatives: tuple[list[int], list[int]]
) -> None:
    parts = [delong_variance(p, n) for p, n in zip(positives, negatives, strict=True)]
    comparison = compare_unpaired_aucs(positives[0], negatives[0], positives[1], negatives[1])
    variance = sum(part for part in parts if isinstance(part, float))
    if variance == 0:
        assert isinstance(comparison, NotEstimable)
        return
    assert isinstance(comparison, AucComparison)
    assert comparison.difference.interval is not None
    half = (comparison.difference.interval[1] - comparison.difference.interval[0]) / 2
    assert half == pytest.approx(norm.ppf(0.975) * sqrt(variance))


@given(rating_lists, rating_lists)
def test_swapping_the_two_mirrors_the_comparison(
    positives: tuple[list[int], list[int]], negatives: tuple[list[int], list[int]]
) -> None:
    one = compare_paired_aucs(positives[0], negatives[0], positives[1], negatives[1])
    other = compare_paired_aucs(positives[1], negatives[1], positives[0], negatives[0])
    if isinstance(one, NotEstimable):
        assert one == other
        return
    assert isinstance(other, AucComparison)
    assert one.z == pytest.approx(-other.z)
    assert one.p_value == pytest.approx(other.p_value)


def test_many_readers_at_once_are_each_reader_alone() -> None:
    rng = np.random.default_rng(0)
    positives, negatives = rng.integers(1, 7, (3, 2, 9)), rng.integers(1, 7, (3, 2, 7))
    v10, v01 = structural_components(positives, negatives)
    assert (v10.shape, v01.shape) == ((3, 2, 9), (3, 2, 7))
    for t in range(3):
        for r in range(2):
            own = structural_components(positives[t, r], negatives[t, r])
            assert np.array_equal(v10[t, r], own[0])
            assert np.array_equal(v01[t, r], own[1])


def test_too_few_images_are_explained() -> None:
    for compare in (compare_paired_aucs, compare_unpaired_aucs):
        refused = compare([1], [2, 3], [4], [1, 2])
        assert isinstance(refused, NotEstimable)
        assert "At least two" in refused.reason
    assert isinstance(delong_variance([6, 6], [1, 1]), NotEstimable)


def test_lists_that_do_not_pair_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="same images"):
        compare_paired_aucs([1, 2], [3, 4], [1, 2, 3], [3, 4])
