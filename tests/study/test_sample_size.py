from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy.stats import binomtest

from reviewapp.study.statistics.equivalence import Equivalence, proportion_equivalence
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.proportions import wilson
from reviewapp.study.statistics.roc import auc, structural_components
from reviewapp.study.statistics.sample_size import (
    Plan,
    auc_power,
    auc_precision,
    hanley_mcneil_variance,
    proportion_equivalence_size,
    proportion_power,
    proportion_precision,
)


def planned(plan: Plan | NotEstimable) -> Plan:
    assert isinstance(plan, Plan), plan
    return plan


@pytest.mark.parametrize(("half_width", "expected"), [(0.05, 0.5), (0.03, 0.8), (0.1, 0.6)])
def test_a_planned_precision_is_just_reached(half_width: float, expected: float) -> None:
    plan = planned(proportion_precision(half_width, expected))

    def half(n: int) -> float:
        # The Wilson interval's half width does not need whole successes; take the closest.
        interval = wilson(round(expected * n), n)
        assert isinstance(interval, Estimate)
        assert interval.interval is not None
        return (interval.interval[1] - interval.interval[0]) / 2

    assert plan.achieved <= half_width
    assert half(plan.n_images) == pytest.approx(half_width, rel=0.01)


def test_a_textbook_precision() -> None:
    # ± 5 points at 50 %: z²/(4 h²) = 384.1 by Wald; Wilson's interval saves z² = 3.8 ratings.
    assert planned(proportion_precision(0.05)).n_images == 381


def test_planned_power_is_that_of_the_exact_test() -> None:
    plan = planned(proportion_power(0.6, 0.8))
    # The power of exactly this test, summed over all outcomes.
    n = plan.n_images
    rejected = [binomtest(k, n).pvalue <= 0.05 for k in range(n + 1)]
    drawn = np.random.default_rng(1).binomial(n, 0.6, 20_000)
    simulated = np.array(rejected)[drawn].mean()
    assert plan.achieved >= 0.8
    assert simulated == pytest.approx(plan.achieved, abs=0.01)
    assert 190 <= n <= 215  # 194 by the normal approximation


def test_planned_equivalence_is_that_of_the_exact_tests() -> None:
    plan = planned(proportion_equivalence_size(0.1, 0.8))
    n = plan.n_images
    shown = []
    for k in range(n + 1):
        result = proportion_equivalence(k, n, 0.1)
        assert isinstance(result, Equivalence)
        shown.append(result.shown)
    drawn = np.random.default_rng(2).binomial(n, 0.5, 20_000)
    assert plan.achieved >= 0.8
    assert np.array(shown)[drawn].mean() == pytest.approx(plan.achieved, abs=0.01)


@pytest.mark.parametrize(("area", "m", "n"), [(0.6, 30, 50), (0.893, 51, 58), (0.75, 40, 20)])
def test_the_variance_is_that_of_exponential_scores(area: float, m: int, n: int) -> None:
    """Hanley & McNeil's Q1 and Q2 are exact for these; X > Y with probability θ/(1 + θ)."""
    rng = np.random.default_rng(3)
    scale = area / (1 - area)
    v10, _ = structural_components(
        rng.exponential(scale, (20_000, m)), rng.exponential(1, (20_000, n))
    )
    areas = v10.mean(axis=1)
    assert areas.mean() == pytest.approx(area, abs=0.002)
    assert hanley_mcneil_variance(area, m, n) == pytest.approx(areas.var(), rel=0.04)


def test_a_published_standard_error() -> None:
    # Hanley & McNeil 1982: area 0.893 of 51 abnormal and 58 normal images, standard error 0.032
    assert sqrt(hanley_mcneil_variance(0.893, 51, 58)) == pytest.approx(0.032, abs=6e-4)


def test_planned_precision_and_power_of_an_area_hold_in_a_simulation() -> None:
    rng = np.random.default_rng(4)
    wide, powerful = planned(auc_precision(0.06, 0.6)), planned(auc_power(0.6, 0.8))
    halves, found = [], 0
    for _ in range(300):
        for plan in (wide, powerful):
            m = plan.n_images // 2
            estimate = auc(
                rng.exponential(1.5, m).tolist(), rng.exponential(1, plan.n_images - m).tolist()
            )
            assert isinstance(estimate, Estimate)
            assert estimate.interval is not None
            lower, upper = estimate.interval
            if plan is wide:
                halves.append((upper - lower) / 2)
            else:
                found += not lower <= 0.5 <= upper
    assert np.mean(halves) == pytest.approx(0.06, rel=0.05)
    assert found / 300 == pytest.approx(0.8, abs=0.07)


def test_more_is_asked_for_more() -> None:
    assert (
        planned(auc_precision(0.05, 0.6)).n_images
        < planned(auc_precision(0.04, 0.6)).n_images
        < planned(auc_precision(0.04, 0.6, share_generated=0.2)).n_images
    )
    assert planned(proportion_power(0.6)).n_images < planned(proportion_power(0.55)).n_images


def test_what_is_out_of_reach_is_said() -> None:
    for plan in (
        proportion_precision(0.001),
        proportion_power(0.501),
        proportion_equivalence_size(0.05, true=0.55),
        auc_power(0.5),
    ):
        assert isinstance(plan, NotEstimable)
        assert "20 000 images" in plan.reason
