from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.proportions import binomial_p_value, wilson

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("successes", "n", "lower", "upper"),
    # Newcombe 1998, Statistics in Medicine 17:857, table I, method 3
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(successes: int, n: int, lower: float, upper: float) -> None:
    estimate = wilson(successes, n)
    assert isinstance(estimate, Estimate)
    assert estimate.value == successes / n
    assert estimate.interval == pytest.approx((lower, upper), abs=5e-5)


@given(counts)
def test_the_interval_is_scipys_and_holds_the_value(count: tuple[int, int]) -> None:
    estimate = wilson(*count)
    assert isinstance(estimate, Estimate)
    assert estimate.interval is not None
    expected = binomtest(*count).proportion_ci(method="wilson")
    assert estimate.interval == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert 0 <= estimate.interval[0] <= estimate.value <= estimate.interval[1] <= 1


@given(counts)
def test_the_binomial_test_against_chance(count: tuple[int, int]) -> None:
    assert binomial_p_value(*count) == pytest.approx(binomtest(*count, 0.5).pvalue)


def test_a_known_p_value() -> None:
    # 9 of 10 heads: 2 (10 + 1) / 2^10
    assert binomial_p_value(9, 10) == pytest.approx(22 / 1024)


def test_nothing_observed_is_explained() -> None:
    for result in (wilson(0, 0), binomial_p_value(0, 0)):
        assert isinstance(result, NotEstimable)
        assert result.reason
        assert not result.estimable


@pytest.mark.parametrize(("successes", "n"), [(3, 2), (-1, 5), (1, 0)])
def test_impossible_counts_are_a_programming_error(successes: int, n: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        wilson(successes, n)
    with pytest.raises(ValueError, match="cannot be"):
        binomial_p_value(successes, n)
