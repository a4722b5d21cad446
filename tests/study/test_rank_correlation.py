"""Spearman's ρ against scipy, its permutation test, and when there is none."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.rank_correlation import RankCorrelation, rank_correlation


def found(x: list[float], y: list[float]) -> RankCorrelation:
    result = rank_correlation(x, y)
    assert isinstance(result, RankCorrelation)
    return result


def test_a_published_example() -> None:
    # Ten persons' IQ and hours of television a week: ρ = -29/165.
    iq = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 0, 27, 50, 28, 29, 20, 12, 6, 17]
    result = found([*map(float, iq)], [*map(float, hours)])
    assert result.estimate.value == pytest.approx(-29 / 165)
    assert result.estimate.n == 10
    assert 0.55 < result.p_value < 0.7
    assert result.estimate.interval is not None
    lower, upper = result.estimate.interval
    assert lower < -29 / 165 < upper


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=5, max_size=6))
def test_it_is_scipys_also_with_ties(pairs: list[tuple[int, int]]) -> None:
    x, y = [float(a) for a, _ in pairs], [float(b) for _, b in pairs]
    result = rank_correlation(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert isinstance(result, NotEstimable)
        return
    assert isinstance(result, RankCorrelation)
    assert result.estimate.value == pytest.approx(float(spearmanr(x, y).statistic))


def test_the_smallest_p_of_five_pairs_is_two_orders_of_120() -> None:
    result = found([1, 2, 3, 4, 5], [10, 20, 30, 40, 50])
    assert result.p_value == pytest.approx(2 / 120)
    assert (result.estimate.value, result.estimate.interval) == (pytest.approx(1.0), None)


def test_unrelated_orders_are_rejected_in_five_of_a_hundred() -> None:
    rng = np.random.default_rng(3)
    p = [found(list(rng.normal(size=9)), list(rng.normal(size=9))).p_value for _ in range(200)]
    assert 0.01 <= float(np.mean(np.array(p) < 0.05)) <= 0.1


def test_too_few_or_equal_values_say_why() -> None:
    few = rank_correlation([1, 2, 3, 4], [1, 2, 3, 4])
    assert isinstance(few, NotEstimable)
    assert "4 pairs cannot show agreement" in few.reason
    equal = rank_correlation([1, 1, 1, 1, 1], [1, 2, 3, 4, 5])
    assert isinstance(equal, NotEstimable)
    assert "no order" in equal.reason
    with pytest.raises(ValueError, match="no pairs"):
        rank_correlation([1.0], [])


def test_the_exact_test_counts_both_tails() -> None:
    x, y = [1.0, 2, 3, 4, 5, 6], [2.0, 1, 4, 3, 6, 5]
    result = found(x, y)
    others = [abs(float(spearmanr(order, y).statistic)) for order in itertools.permutations(x)]
    wanted = np.mean(np.array(others) >= abs(result.estimate.value) - 1e-9)
    assert result.p_value == pytest.approx(float(wanted))
