from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score, roc_curve

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.roc import auc, roc_points

scores = st.lists(st.integers(1, 6), min_size=2, max_size=40)

# Hanley & McNeil 1982, Radiology 143:29, table I: CT images of 58 normal and 51 abnormal cases,
# rated 1 (definitely normal) to 5; area 0.893.
NORMAL = np.repeat([1, 2, 3, 4, 5], [33, 6, 6, 11, 2]).tolist()
ABNORMAL = np.repeat([1, 2, 3, 4, 5], [3, 2, 2, 11, 33]).tolist()


def brute_force(positives: list[int], negatives: list[int]) -> tuple[float, float]:
    """Area and variance by DeLong's definition, pair by pair."""
    psi = [[1.0 if p > n else 0.5 if p == n else 0.0 for n in negatives] for p in positives]
    v10 = [sum(row) / len(negatives) for row in psi]
    v01 = [sum(column) / len(positives) for column in zip(*psi, strict=True)]
    area = sum(v10) / len(positives)
    s10 = sum((v - area) ** 2 for v in v10) / (len(positives) - 1)
    s01 = sum((v - area) ** 2 for v in v01) / (len(negatives) - 1)
    return area, s10 / len(positives) + s01 / len(negatives)


@given(scores, scores)
def test_area_and_interval_are_delongs(positives: list[int], negatives: list[int]) -> None:
    area, variance = brute_force(positives, negatives)
    estimate = auc(positives, negatives)
    assert isinstance(estimate, Estimate)
    assert estimate.value == pytest.approx(area)
    truth = [1] * len(positives) + [0] * len(negatives)
    assert estimate.value == pytest.approx(roc_auc_score(truth, positives + negatives))
    if variance < 1e-12:
        assert estimate.interval is None
    else:
        half = norm.ppf(0.975) * sqrt(variance)
        expected = (max(0, area - half), min(1, area + half))
        assert estimate.interval == pytest.approx(expected)


def test_the_published_area_of_hanley_and_mcneil() -> None:
    estimate = auc(ABNORMAL, NORMAL)
    assert isinstance(estimate, Estimate)
    assert estimate.value == pytest.approx(0.893, abs=5e-4)
    assert estimate.interval is not None
    # DeLong's standard error of these data is close to their 0.032.
    standard_error = (estimate.interval[1] - estimate.value) / norm.ppf(0.975)
    assert standard_error == pytest.approx(0.032, abs=0.002)


def test_perfect_separation_has_a_value_but_no_interval() -> None:
    estimate = auc([6, 5, 6], [1, 2, 1])
    assert isinstance(estimate, Estimate)
    assert (estimate.value, estimate.interval) == (1.0, None)
    assert estimate.method.startswith("no interval")


@pytest.mark.parametrize(("positives", "negatives"), [([], []), ([], [3]), ([3], [])])
def test_one_sided_scores_are_explained(positives: list[int], negatives: list[int]) -> None:
    assert isinstance(auc(positives, negatives), NotEstimable)
    assert roc_points(positives, negatives) == []


def test_a_single_score_of_one_kind_has_no_interval() -> None:
    estimate = auc([4], [1, 5, 3])
    assert isinstance(estimate, Estimate)
    assert estimate.value == pytest.approx(2 / 3)
    assert estimate.interval is None


@given(scores, scores)
def test_the_curve_is_sklearns_and_its_area_is_the_auc(
    positives: list[int], negatives: list[int]
) -> None:
    points = roc_points(positives, negatives)
    truth = [1] * len(positives) + [0] * len(negatives)
    false_rate, true_rate, _ = roc_curve(truth, positives + negatives, drop_intermediate=False)
    assert points == [pytest.approx(point) for point in zip(false_rate, true_rate, strict=True)]
    estimate = auc(positives, negatives)
    assert isinstance(estimate, Estimate)
    x, y = np.array(points).T
    assert np.trapezoid(y, x) == pytest.approx(estimate.value)
