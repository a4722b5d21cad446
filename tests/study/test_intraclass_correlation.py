from __future__ import annotations

from math import isfinite, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.intraclass_correlation import icc_agreement, icc_consistency

# Shrout & Fleiss 1979, table 2: 6 targets, 4 judges. Their text gives ICC(2,1) = .29 and
# ICC(3,1) = .71; the intervals are those of R's psych::ICC and of pingouin.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]

tables = st.tuples(st.integers(2, 8), st.integers(2, 5)).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.integers(1, 6))
)


def test_the_published_example() -> None:
    agreement, consistency = icc_agreement(SHROUT_FLEISS), icc_consistency(SHROUT_FLEISS)
    assert isinstance(agreement, Estimate)
    assert isinstance(consistency, Estimate)
    assert agreement.value == pytest.approx(0.29, abs=5e-3)
    assert agreement.interval == pytest.approx((0.02, 0.76), abs=5e-3)
    assert consistency.value == pytest.approx(0.71, abs=5e-3)
    assert consistency.interval == pytest.approx((0.34, 0.95), abs=5e-3)


def test_the_intervals_cover_the_truth() -> None:
    rng = np.random.default_rng(12)
    # Variances: images 1, readers 0.25, error 0.75, so ICC(2,1) = 0.5 and ICC(3,1) = 4/7.
    covered = np.zeros(2)
    for _ in range(400):
        ratings = (
            rng.normal(0, 1, (40, 1)) + rng.normal(0, 0.5, 6) + rng.normal(0, 0.75**0.5, (40, 6))
        )
        for i, (icc, truth) in enumerate(((icc_agreement, 0.5), (icc_consistency, 4 / 7))):
            result = icc(ratings)
            assert isinstance(result, Estimate)
            assert result.interval is not None
            covered[i] += result.interval[0] <= truth <= result.interval[1]
    assert np.all(np.abs(covered / 400 - 0.95) < 0.04)


@given(tables)
def test_order_and_offset_of_readers(ratings: NDArray[np.int64]) -> None:
    for icc in (icc_agreement, icc_consistency):
        one, other = icc(ratings), icc(ratings[::-1, ::-1])
        if isinstance(one, NotEstimable):
            assert one == other
        else:
            assert isinstance(other, Estimate)
            assert one.value == pytest.approx(other.value)
            assert one.interval is None or all(map(isfinite, one.interval))
    one, other = icc_consistency(ratings), icc_consistency(ratings + np.arange(ratings.shape[1]))
    if isinstance(one, Estimate) and isinstance(other, Estimate):
        assert one.value == pytest.approx(other.value)


def test_readers_who_differ_by_a_constant_are_consistent_but_do_not_agree() -> None:
    ratings = [[1, 2], [3, 4], [5, 6]]
    agreement, consistency = icc_agreement(ratings), icc_consistency(ratings)
    assert isinstance(agreement, Estimate)
    assert isinstance(consistency, Estimate)
    assert consistency.value == pytest.approx(1)
    assert agreement.value < 1
    assert (agreement.interval, consistency.interval) == (None, None)


@pytest.mark.parametrize("ratings", [[[3, 2], [3, 2], [2, 3]], [[2, 2, 1], [2, 2, 1], [2, 1, 2]]])
def test_images_that_differ_too_little_have_no_interval(ratings: list[list[int]]) -> None:
    result = icc_agreement(ratings)
    assert isinstance(result, Estimate)
    assert result.interval is None
    assert result.method.endswith("the images differ too little")


@pytest.mark.parametrize(
    "ratings", [[], [[1, 2]], [[1], [2]], [[1, nan], [2, 3]], [[3, 3], [3, 3]]]
)
def test_what_cannot_be_estimated_is_explained(ratings: list[list[float]]) -> None:
    for icc in (icc_agreement, icc_consistency):
        result = icc(ratings)
        assert isinstance(result, NotEstimable)
        assert result.reason.endswith(".")
