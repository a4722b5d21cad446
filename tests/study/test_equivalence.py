from __future__ import annotations

from math import isfinite

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm
from statsmodels.stats.proportion import binom_tost
from statsmodels.stats.weightstats import DescrStatsW

from reviewapp.study.statistics.equivalence import (
    Equivalence,
    auc_equivalence,
    mean_equivalence,
    proportion_equivalence,
)
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.roc import auc, delong_variance

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts, st.sampled_from([0.02, 0.05, 0.1, 0.3]))
def test_proportions_are_tested_as_statsmodels_and_scipy_do(
    count: tuple[int, int], margin: float
) -> None:
    successes, n = count
    result = proportion_equivalence(successes, n, margin)
    assert isinstance(result, Equivalence)
    p_value, p_lower, p_upper = binom_tost(successes, n, 0.5 - margin, 0.5 + margin)
    assert (result.p_value, result.p_lower, result.p_upper) == pytest.approx(
        (p_value, p_lower, p_upper)
    )
    assert result.p_lower == pytest.approx(
        binomtest(successes, n, 0.5 - margin, alternative="greater").pvalue
    )


@given(counts, st.floats(0.01, 0.49), st.sampled_from([0.01, 0.05, 0.1]))
def test_the_interval_lies_inside_the_margins_just_when_shown(
    count: tuple[int, int], margin: float, alpha: float
) -> None:
    result = proportion_equivalence(*count, margin, alpha=alpha)
    assert isinstance(result, Equivalence)
    lower, upper = result.interval
    inside = 0.5 - margin < lower and upper < 0.5 + margin
    if min(abs(lower - 0.5 + margin), abs(upper - 0.5 - margin)) > 1e-9:
        assert result.shown == inside


def test_a_mean_is_tested_by_t_as_statsmodels_does() -> None:
    values = np.random.default_rng(5).normal(0.52, 0.05, 12)
    estimate = Estimate(float(values.mean()), None, 12, "")
    standard_error = float(values.std(ddof=1) / np.sqrt(12))
    result = mean_equivalence(estimate, standard_error, 11, 0.05)
    assert isinstance(result, Equivalence)
    p_value, lower, upper = DescrStatsW(values).ttost_mean(0.45, 0.55)
    assert result.p_value == pytest.approx(p_value)
    assert (result.p_lower, result.p_upper) == pytest.approx((lower[1], upper[1]))


def test_an_area_is_tested_by_delongs_standard_error() -> None:
    rng = np.random.default_rng(2)
    positives = rng.integers(1, 7, 300).tolist()
    negatives = rng.integers(1, 7, 300).tolist()
    result = auc_equivalence(positives, negatives, 0.1)
    area, variance = auc(positives, negatives), delong_variance(positives, negatives)
    assert isinstance(result, Equivalence)
    assert isinstance(area, Estimate)
    assert isinstance(variance, float)
    assert result.p_upper == pytest.approx(norm.cdf((area.value - 0.6) / variance**0.5))
    assert result.shown
    assert result.verdict == "shown to be equivalent to guessing within ±0.1"


def test_not_different_is_not_yet_equivalent() -> None:
    few = proportion_equivalence(10, 20, 0.05)
    many = proportion_equivalence(1000, 2000, 0.05)
    assert isinstance(few, Equivalence)
    assert isinstance(many, Equivalence)
    assert few.verdict == "not shown to be equivalent to guessing within ±5 points"
    assert many.verdict == "shown to be equivalent to guessing within ±5 points"
    elsewhere = proportion_equivalence(60, 100, 0.025, reference=0.6)
    assert isinstance(elsewhere, Equivalence)
    assert elsewhere.verdict == "not shown to be equivalent to 60 % within ±2.5 points"


def test_equivalence_is_rarely_shown_for_a_value_on_the_margin() -> None:
    drawn = np.random.default_rng(9).binomial(300, 0.6, 2000)
    counts, times = np.unique(drawn, return_counts=True)
    results = [proportion_equivalence(int(count), 300, 0.1) for count in counts]
    shown = [isinstance(result, Equivalence) and result.shown for result in results]
    assert 0 < (times * shown).sum() / 2000 <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


@given(counts)
def test_right_and_wrong_may_be_swapped(count: tuple[int, int]) -> None:
    successes, n = count
    one, other = (
        proportion_equivalence(successes, n, 0.1),
        proportion_equivalence(n - successes, n, 0.1),
    )
    assert isinstance(one, Equivalence)
    assert isinstance(other, Equivalence)
    assert one.p_lower == pytest.approx(other.p_upper, abs=1e-12)
    assert all(map(isfinite, (one.p_value, *one.interval)))


def test_nothing_to_test_is_explained() -> None:
    for result in (
        proportion_equivalence(0, 0, 0.1),
        auc_equivalence([], [1, 2], 0.1),
        auc_equivalence([6, 6], [1, 1], 0.1),
        mean_equivalence(Estimate(0.5, None, 4, ""), 0.0, 3, 0.1),
    ):
        assert isinstance(result, NotEstimable)
        assert result.reason.endswith(".")


@pytest.mark.parametrize("margin", [0.0, -0.1, 0.6])
def test_margins_that_cannot_be(margin: float) -> None:
    with pytest.raises(ValueError, match="margin"):
        proportion_equivalence(5, 10, margin)
