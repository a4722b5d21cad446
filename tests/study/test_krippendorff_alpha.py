from __future__ import annotations

from math import isfinite, nan

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.krippendorff_alpha import Level, krippendorff_alpha

_ = None
# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section D: 4 observers, 12 units
PUBLISHED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]

tables = st.tuples(st.integers(2, 4), st.integers(1, 12)).flatmap(
    lambda shape: st.lists(
        st.lists(st.one_of(st.none(), st.integers(1, 6)), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)
levels = st.sampled_from(["nominal", "ordinal", "interval"])


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_the_published_alphas(level: Level, alpha: float) -> None:
    result = krippendorff_alpha(PUBLISHED, level)
    assert isinstance(result, Estimate)
    assert result.value == pytest.approx(alpha, abs=5e-4)
    assert result.n == 11  # one unit has a single rating
    assert result.interval is not None
    assert result.interval[0] < result.value < result.interval[1] <= 1
    assert krippendorff_alpha(PUBLISHED, level) == result


@settings(max_examples=80, deadline=None)
@given(tables, levels)
def test_alpha_is_the_librarys(table: list[list[int | None]], level: Level) -> None:
    result = krippendorff_alpha(table, level, resamples=20)
    pairable = [
        [v for v in column if v is not None]
        for column in zip(*table, strict=True)
        if sum(v is not None for v in column) > 1
    ]
    if len({v for values in pairable for v in values}) < 2:
        assert isinstance(result, NotEstimable)
        return
    assert isinstance(result, Estimate)
    data = np.array([[nan if v is None else v for v in row] for row in table], dtype=float)
    expected = krippendorff.alpha(reliability_data=data, level_of_measurement=level)
    assert result.value == pytest.approx(expected)
    assert result.interval is None or all(map(isfinite, result.interval))


@settings(max_examples=40, deadline=None)
@given(tables, levels)
def test_the_order_of_readers_does_not_matter(table: list[list[int | None]], level: Level) -> None:
    one = krippendorff_alpha(table, level, resamples=5)
    other = krippendorff_alpha(table[::-1], level, resamples=5)
    if isinstance(one, NotEstimable):
        assert one == other
    else:
        assert isinstance(other, Estimate)
        assert one.value == pytest.approx(other.value)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_a_monotone_change_of_the_scale_does_not_matter_for_ranks(
    table: list[list[int | None]],
) -> None:
    stretched = [[None if v is None else v**3 - 50 for v in row] for row in table]
    one = krippendorff_alpha(table, "ordinal", resamples=5)
    other = krippendorff_alpha(stretched, "ordinal", resamples=5)
    assert one == other


def test_what_cannot_be_estimated_is_explained() -> None:
    for table in ([], [[1, 2]], [[1, None], [None, 2]], [[2, 2], [2, 2]]):
        result = krippendorff_alpha(table, "nominal")
        assert isinstance(result, NotEstimable)
        assert result.reason.endswith(".")
    single = krippendorff_alpha([[1, None], [2, None]], "ordinal")
    assert isinstance(single, Estimate)
    assert single.interval is None


def test_rows_of_unequal_length_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="every image"):
        krippendorff_alpha([[1, 2], [1]], "nominal")
