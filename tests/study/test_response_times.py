from __future__ import annotations

from math import isfinite, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gmean, mannwhitneyu, ttest_1samp, ttest_ind

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.response_times import (
    TimeSummary,
    summarise_times,
    times_by_correctness,
)

times = st.lists(st.floats(1, 1e6), min_size=1, max_size=40)


def summary(values: list[float]) -> TimeSummary:
    found = summarise_times(values)
    assert isinstance(found, TimeSummary)
    return found


@given(times)
def test_a_summary_is_numpys_and_scipys(values: list[float]) -> None:
    found = summary(values)
    assert found.n == len(values)
    assert found.median_ms == pytest.approx(np.median(values))
    assert (found.lower_quartile_ms, found.upper_quartile_ms) == pytest.approx(
        tuple(np.percentile(values, [25, 75]))
    )
    assert found.geometric_mean_ms.value == pytest.approx(gmean(values))
    assert (found.geometric_mean_ms.interval is None) == (len(values) == 1)


def test_the_interval_is_that_of_the_logarithms() -> None:
    values = [812.0, 1430.0, 2210.0, 990.0, 3050.0]
    expected = ttest_1samp(np.log(values), 0).confidence_interval(0.95)
    assert summary(values).geometric_mean_ms.interval == pytest.approx(
        (np.exp(expected.low), np.exp(expected.high))
    )


def test_times_that_cannot_be_are_left_out() -> None:
    assert summary([1000.0, -5.0, 0.0, nan, 2000.0]).n == 2
    assert isinstance(summarise_times([-1.0]), NotEstimable)
    assert isinstance(summarise_times([]), NotEstimable)


def test_right_and_wrong_answers_are_compared_by_welch_and_mann_whitney() -> None:
    rng = np.random.default_rng(7)
    right, wrong = rng.lognormal(7.5, 0.5, 40), rng.lognormal(8.0, 0.7, 25)
    found = times_by_correctness([*right, *wrong], [True] * 40 + [False] * 25)
    expected = ttest_ind(np.log(wrong), np.log(right), equal_var=False).confidence_interval(0.95)
    assert isinstance(found.ratio, Estimate)
    assert found.ratio.value == pytest.approx(gmean(wrong) / gmean(right))
    assert found.ratio.interval == pytest.approx((np.exp(expected.low), np.exp(expected.high)))
    assert found.p_value == pytest.approx(float(mannwhitneyu(right, wrong).pvalue))
    assert found.right == summarise_times(right.tolist())
    assert found.wrong == summarise_times(wrong.tolist())


@given(st.lists(st.tuples(st.floats(1, 1e5), st.booleans()), max_size=25))
def test_swapping_right_and_wrong_inverts_the_ratio(answers: list[tuple[float, bool]]) -> None:
    values, correct = [t for t, _ in answers], [c for _, c in answers]
    one = times_by_correctness(values, correct)
    other = times_by_correctness(values, [not c for c in correct])
    if isinstance(one.ratio, NotEstimable):
        assert isinstance(other.ratio, NotEstimable)
        assert isinstance(one.p_value, NotEstimable)
        return
    assert isinstance(other.ratio, Estimate)
    assert one.ratio.value == pytest.approx(1 / other.ratio.value)
    assert isinstance(one.p_value, float)
    assert 0 <= one.p_value <= 1
    assert one.ratio.interval is None or all(map(isfinite, one.ratio.interval))


def test_a_reader_who_is_always_right_is_explained() -> None:
    found = times_by_correctness([900.0, 1100.0], [True, True])
    assert isinstance(found.right, TimeSummary)
    for result in (found.wrong, found.ratio, found.p_value):
        assert isinstance(result, NotEstimable)
    assert isinstance(found.ratio, NotEstimable)
    assert "no wrong answers" in found.ratio.reason
