from __future__ import annotations

from math import isfinite, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.proportions import binomial_p_value, wilson
from reviewapp.study.statistics.signal_detection import (
    DecisionCounts,
    accuracy,
    confusion,
    criterion,
    d_prime,
    fool_rate,
    forced_choice_d_prime,
    sensitivity,
    specificity,
)

count = st.integers(0, 300)


def test_decisions_are_counted_with_generated_as_positive() -> None:
    decisions = (
        [("generated", "generated")] * 7
        + [("generated", "real")] * 3
        + [("real", "generated")] * 2
        + [("real", "real")] * 8
    )
    counts = DecisionCounts.of(decisions)
    assert counts == DecisionCounts(7, 3, 2, 8)
    assert (counts.n_generated, counts.n_real, counts.n, counts.n_correct) == (10, 10, 20, 15)
    assert accuracy(counts) == wilson(15, 20)
    assert sensitivity(counts) == wilson(7, 10)
    assert specificity(counts) == wilson(8, 10)
    assert fool_rate(counts) == wilson(3, 10)


def test_d_prime_and_criterion_by_hand() -> None:
    # 20 of 25 hits, 10 of 25 false alarms: H = 20.5/26 = 0.78846, F = 10.5/26 = 0.40385
    counts = DecisionCounts(hits=20, misses=5, false_alarms=10, correct_rejections=15)
    z_hit, z_false_alarm = 0.801015, -0.243458
    sensitivity_index, bias = d_prime(counts), criterion(counts)
    assert isinstance(sensitivity_index, Estimate)
    assert isinstance(bias, Estimate)
    assert sensitivity_index.value == pytest.approx(z_hit - z_false_alarm, abs=2e-4)
    assert bias.value == pytest.approx(-(z_hit + z_false_alarm) / 2, abs=2e-4)


def test_the_interval_of_d_prime_is_that_of_gourevitch_and_galanter() -> None:
    counts = DecisionCounts(hits=30, misses=20, false_alarms=12, correct_rejections=28)
    hit, false_alarm = 30.5 / 51, 12.5 / 41
    variance = hit * (1 - hit) / (50 * norm.pdf(norm.ppf(hit)) ** 2) + false_alarm * (
        1 - false_alarm
    ) / (40 * norm.pdf(norm.ppf(false_alarm)) ** 2)
    half = norm.ppf(0.975) * sqrt(variance)
    value = norm.ppf(hit) - norm.ppf(false_alarm)
    estimate = d_prime(counts)
    assert isinstance(estimate, Estimate)
    assert estimate.interval == pytest.approx((value - half, value + half))


def test_a_guessing_reader_has_no_sensitivity_and_no_bias() -> None:
    counts = DecisionCounts(10, 10, 10, 10)
    for statistic in (d_prime, criterion):
        estimate = statistic(counts)
        assert isinstance(estimate, Estimate)
        assert estimate.value == pytest.approx(0, abs=1e-12)


def test_a_reader_who_leans_to_real_has_a_positive_criterion() -> None:
    estimate = criterion(DecisionCounts(hits=2, misses=18, false_alarms=1, correct_rejections=19))
    assert isinstance(estimate, Estimate)
    assert estimate.value > 0.5


@given(count, count, count, count)
def test_every_result_is_finite_or_explained(
    hits: int, misses: int, false_alarms: int, correct_rejections: int
) -> None:
    counts = DecisionCounts(hits, misses, false_alarms, correct_rejections)
    needs_both = counts.n_generated > 0 and counts.n_real > 0
    for statistic, estimable in (
        (accuracy, counts.n > 0),
        (sensitivity, counts.n_generated > 0),
        (specificity, counts.n_real > 0),
        (fool_rate, counts.n_generated > 0),
        (d_prime, needs_both),
        (criterion, needs_both),
    ):
        result = statistic(counts)
        assert result.estimable == estimable
        if isinstance(result, NotEstimable):
            assert result.reason.endswith(".")
        else:
            assert isfinite(result.value)
            assert result.interval is None or all(map(isfinite, result.interval))


@given(st.integers(1, 100), st.integers(1, 100), st.data())
def test_swapping_what_is_called_what_mirrors_d_prime(
    n_generated: int, n_real: int, data: st.DataObject
) -> None:
    hits = data.draw(st.integers(0, n_generated))
    false_alarms = data.draw(st.integers(0, n_real))
    counts = DecisionCounts(hits, n_generated - hits, false_alarms, n_real - false_alarms)
    mirrored = DecisionCounts(n_generated - hits, hits, n_real - false_alarms, false_alarms)
    one, other = d_prime(counts), d_prime(mirrored)
    assert isinstance(one, Estimate)
    assert isinstance(other, Estimate)
    assert one.value == pytest.approx(-other.value, abs=1e-9)


@given(st.integers(1, 100), st.integers(1, 100), st.data())
def test_the_criterion_has_half_the_width_of_d_prime(
    n_generated: int, n_real: int, data: st.DataObject
) -> None:
    hits = data.draw(st.integers(0, n_generated))
    false_alarms = data.draw(st.integers(0, n_real))
    counts = DecisionCounts(hits, n_generated - hits, false_alarms, n_real - false_alarms)
    bias, sensitivity_index = criterion(counts), d_prime(counts)
    assert isinstance(bias, Estimate)
    assert isinstance(sensitivity_index, Estimate)
    assert bias.interval is not None
    assert sensitivity_index.interval is not None
    assert 2 * (bias.interval[1] - bias.interval[0]) == pytest.approx(
        sensitivity_index.interval[1] - sensitivity_index.interval[0]
    )


def test_intervals_cover_the_truth_in_a_simulation() -> None:
    # d' = 1, c = 0.2: hit rate Φ(0.5 − 0.2), false alarm rate Φ(−0.5 − 0.2)
    rng = np.random.default_rng(4)
    hits, false_alarms = (
        rng.binomial(120, norm.cdf(0.3), 1000),
        rng.binomial(120, norm.cdf(-0.7), 1000),
    )
    covered = np.zeros(2)
    for h, f in zip(hits.tolist(), false_alarms.tolist(), strict=True):
        counts = DecisionCounts(h, 120 - h, f, 120 - f)
        for i, (statistic, truth) in enumerate(((d_prime, 1.0), (criterion, 0.2))):
            estimate = statistic(counts)
            assert isinstance(estimate, Estimate)
            assert estimate.interval is not None
            covered[i] += estimate.interval[0] <= truth <= estimate.interval[1]
    assert np.all(np.abs(covered / 1000 - 0.95) < 0.025)


@pytest.mark.parametrize(
    ("share", "expected"),
    # √2 z(p) from a table of the normal distribution; 76 % right is the classic d′ = 1
    [(0.60, 0.36), (0.70, 0.74), (0.76, 1.00), (0.90, 1.81), (0.95, 2.33)],
)
def test_d_prime_of_a_forced_choice(share: float, expected: float) -> None:
    n = 1_000_000  # so that the correction does not show
    estimate = forced_choice_d_prime(round(share * n), n)
    assert isinstance(estimate, Estimate)
    assert estimate.value == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("n", [80, 300])
def test_the_interval_of_a_forced_choice_covers_the_truth(n: int) -> None:
    share = norm.cdf(1 / sqrt(2))  # d′ = 1
    covered = 0.0
    for right, probability in enumerate(binom.pmf(range(n + 1), n, share)):
        estimate = forced_choice_d_prime(right, n)
        assert isinstance(estimate, Estimate)
        assert estimate.interval is not None
        covered += probability * (estimate.interval[0] <= 1 <= estimate.interval[1])
    assert covered == pytest.approx(0.95, abs=0.02)


@given(st.integers(1, 300), st.data())
def test_a_forced_choice_is_finite_and_symmetric(n: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, n))
    estimate, mirrored = forced_choice_d_prime(right, n), forced_choice_d_prime(n - right, n)
    assert isinstance(estimate, Estimate)
    assert isinstance(mirrored, Estimate)
    assert estimate.value == pytest.approx(-mirrored.value, abs=1e-9)
    assert estimate.interval is not None
    assert all(map(isfinite, estimate.interval))


def test_no_forced_choices_are_explained() -> None:
    assert isinstance(forced_choice_d_prime(0, 0), NotEstimable)
    with pytest.raises(ValueError, match="cannot be"):
        forced_choice_d_prime(3, 2)


def test_a_confusion_table_holds_all_statistics() -> None:
    counts = DecisionCounts(hits=12, misses=8, false_alarms=5, correct_rejections=15)
    table = confusion(counts)
    assert table.accuracy == wilson(27, 40)
    assert table.sensitivity == wilson(12, 20)
    assert table.specificity == wilson(15, 20)
    assert table.fool_rate == wilson(8, 20)
    assert table.d_prime == d_prime(counts)
    assert table.criterion == criterion(counts)
    assert table.chance_p_value == binomial_p_value(27, 40)
    one_sided = confusion(DecisionCounts(hits=3, misses=1, false_alarms=0, correct_rejections=0))
    assert isinstance(one_sided.specificity, NotEstimable)
    assert isinstance(one_sided.d_prime, NotEstimable)
    assert isinstance(one_sided.accuracy, Estimate)
