from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.reader_mean import reader_mean, reader_ratio, within_bounds

VALUES = [0.52, 0.61, 0.58, 0.7]


def test_the_interval_is_that_of_a_one_sample_t_test() -> None:
    found = reader_mean(VALUES)
    expected = stats.ttest_1samp(VALUES, 0).confidence_interval(0.95)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(np.mean(VALUES))
    assert found.interval == pytest.approx((expected.low, expected.high))
    assert found.n == 4


def test_ratios_are_averaged_by_their_logarithms() -> None:
    found, logs = reader_ratio(VALUES), reader_mean([log(v) for v in VALUES])
    assert isinstance(found, Estimate)
    assert isinstance(logs, Estimate)
    assert found.value == pytest.approx(stats.gmean(VALUES))
    assert logs.interval is not None
    assert found.interval == pytest.approx(tuple(exp(bound) for bound in logs.interval))
    assert "geometric mean" in found.method


def test_what_cannot_be_estimated_is_explained() -> None:
    assert isinstance(reader_mean([]), NotEstimable)
    assert isinstance(reader_ratio([]), NotEstimable)
    for values in ([0.6], [0.6, 0.6]):
        for found in (reader_mean(values), reader_ratio(values)):
            assert isinstance(found, Estimate)
            assert found.value == pytest.approx(0.6)
            assert found.interval is None
            assert "no interval" in found.method
    apart = reader_ratio([1e-30, 1e30])
    assert isinstance(apart, Estimate)
    assert apart.interval is None


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8))
def test_a_share_keeps_within_its_bounds(shares: list[float]) -> None:
    found = within_bounds(reader_mean(shares))
    assert isinstance(found, Estimate)
    if found.interval is not None:
        assert 0 <= found.interval[0] <= found.value <= found.interval[1] <= 1
