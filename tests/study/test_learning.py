from __future__ import annotations

from math import isfinite

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.discrete.discrete_model import Logit

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.learning import accuracy_by_bin, learning_slope
from reviewapp.study.statistics.proportions import wilson


def test_the_slope_is_that_of_a_logistic_regression() -> None:
    rng = np.random.default_rng(1)
    position = np.arange(300.0)
    correct = rng.random(300) < 1 / (1 + np.exp(-(-0.2 + 0.006 * position)))
    found = learning_slope(position.tolist(), correct.tolist())
    design = np.column_stack([np.ones(300), position / 100])
    reference = Logit(correct.astype(float), design).fit(disp=False)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(np.exp(reference.params[1]), rel=1e-6)
    assert found.interval == pytest.approx(tuple(np.exp(reference.conf_int()[1])), rel=1e-5)
    assert found.value > 1


@settings(deadline=None)
@given(st.lists(st.booleans(), max_size=40), st.floats(-1e4, 1e4), st.floats(0.01, 1e3))
def test_no_slope_is_ever_infinite_and_the_unit_does_not_matter(
    correct: list[bool], offset: float, unit: float
) -> None:
    positions = [float(i) for i in range(len(correct))]
    found = learning_slope(positions, correct)
    if isinstance(found, NotEstimable):
        assert found.reason.endswith(".")
        return
    assert isfinite(found.value)
    assert found.interval is not None
    assert all(map(isfinite, found.interval))
    same = learning_slope([offset + unit * p for p in positions], correct, per=100 * unit)
    assert isinstance(same, Estimate)
    assert same.value == pytest.approx(found.value, rel=1e-4)


@pytest.mark.parametrize(
    ("correct", "reason"),
    [
        ([], "no ratings"),
        ([True, True, True], "All answers were right"),
        ([False, False, True, True], "separate parts"),
        ([True], "All answers were right"),
    ],
)
def test_what_has_no_slope_is_explained(correct: list[bool], reason: str) -> None:
    found = learning_slope(list(range(len(correct))), correct)
    assert isinstance(found, NotEstimable)
    assert reason in found.reason


def test_answers_at_one_position_have_no_slope() -> None:
    found = learning_slope([5, 5, 5], [True, False, True])
    assert isinstance(found, NotEstimable)
    with pytest.raises(ValueError, match="position"):
        learning_slope([1], [True, False])


def test_bins_cover_all_trials_in_order() -> None:
    correct = [False] * 4 + [True] * 6
    bins = accuracy_by_bin(correct, 3)
    assert [(b.first_trial, b.last_trial) for b in bins] == [(1, 3), (4, 6), (7, 10)]
    assert [b.accuracy for b in bins] == [wilson(0, 3), wilson(2, 3), wilson(4, 4)]


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 12))
def test_bins_are_nearly_equal_and_never_empty(correct: list[bool], n_bins: int) -> None:
    bins = accuracy_by_bin(correct, n_bins)
    sizes = [b.last_trial - b.first_trial + 1 for b in bins]
    assert sum(sizes) == len(correct)
    assert len(sizes) == min(n_bins, len(correct))
    assert not sizes or max(sizes) - min(sizes) <= 1


def test_less_than_one_bin_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="one bin"):
        accuracy_by_bin([True], 0)
