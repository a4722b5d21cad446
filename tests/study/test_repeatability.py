from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_rel

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.kappa import cohen_kappa
from reviewapp.study.statistics.proportions import wilson
from reviewapp.study.statistics.repeatability import repeatability

FIRST = [1, 2, 3, 4, 5, 6, 3, 4]
SECOND = [1, 3, 4, 4, 6, 6, 2, 3]


def test_first_and_second_answers_are_compared() -> None:
    found = repeatability(FIRST, SECOND)
    assert found.same_answer == wilson(6, 8)
    assert found.kappa == cohen_kappa([c > 3 for c in FIRST], [c > 3 for c in SECOND])
    assert found.weighted_kappa == cohen_kappa(FIRST, SECOND, "quadratic", range(1, 7))
    shift = found.confidence_shift
    assert isinstance(shift, Estimate)
    assert shift.value == pytest.approx(np.mean(np.subtract(SECOND, FIRST)))
    expected = ttest_rel(SECOND, FIRST).confidence_interval(0.95)
    assert shift.interval == pytest.approx((expected.low, expected.high))


def test_a_single_repeat_has_values_without_a_shift_interval() -> None:
    found = repeatability([2], [5])
    assert found.same_answer == wilson(0, 1)
    assert isinstance(found.confidence_shift, Estimate)
    assert (found.confidence_shift.value, found.confidence_shift.interval) == (3.0, None)


def test_no_repeats_are_explained() -> None:
    found = repeatability([], [])
    for result in (
        found.same_answer,
        found.kappa,
        found.weighted_kappa,
        found.confidence_shift,
    ):
        assert isinstance(result, NotEstimable)


def test_a_reader_who_only_says_real_has_no_kappa() -> None:
    found = repeatability([6, 6], [6, 6])
    assert isinstance(found.same_answer, Estimate)
    assert found.same_answer.value == 1
    assert isinstance(found.kappa, NotEstimable)
    assert isinstance(found.weighted_kappa, NotEstimable)


@pytest.mark.parametrize(("first", "second"), [([1], [1, 2]), ([0], [1]), ([1], [7])])
def test_wrong_input_is_a_programming_error(first: list[int], second: list[int]) -> None:
    with pytest.raises(ValueError, match=r"same images|between 1 and 6"):
        repeatability(first, second)
