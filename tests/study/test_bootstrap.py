from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import bootstrap, norm

from reviewapp.study.statistics.bootstrap import bootstrap_interval
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result

Scores = NDArray[np.float64]


def mean(scores: Scores) -> Scores:
    found: Scores = np.nanmean(scores, axis=(1, 2))
    return found


def width(result: Result) -> float:
    assert isinstance(result, Estimate)
    assert result.interval is not None
    return result.interval[1] - result.interval[0]


def test_the_interval_over_cases_is_scipys() -> None:
    scores = np.random.default_rng(0).normal(3, 1, (1, 60))
    found = bootstrap_interval(mean, scores, resample="cases", resamples=20_000, seed=1)
    expected = bootstrap(
        (scores[0],), np.mean, n_resamples=20_000, method="percentile", rng=2
    ).confidence_interval
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(scores.mean())
    assert found.interval == pytest.approx((expected.low, expected.high), abs=0.01)


def test_the_same_seed_gives_the_same_interval() -> None:
    scores = np.random.default_rng(0).integers(0, 2, (4, 30)).astype(float)
    assert bootstrap_interval(mean, scores) == bootstrap_interval(mean, scores)
    assert bootstrap_interval(mean, scores, seed=1) != bootstrap_interval(mean, scores)


def test_readers_add_their_scatter_to_that_of_cases() -> None:
    rng = np.random.default_rng(5)
    scores = rng.normal(0, 1, 50) + rng.normal(0, 1, (10, 1)) + rng.normal(0, 0.5, (10, 50))
    cases = width(bootstrap_interval(mean, scores, resample="cases"))
    readers = width(bootstrap_interval(mean, scores, resample="readers"))
    both = width(bootstrap_interval(mean, scores, resample="both"))
    # Widths by theory: cases 2 z √(1/50 + …), readers 2 z √(1/10 + …), the sum of the variances.
    assert cases == pytest.approx(2 * 1.96 * scores.mean(axis=0).std(ddof=1) / 50**0.5, rel=0.1)
    assert both == pytest.approx((cases**2 + readers**2) ** 0.5, rel=0.12)


def test_strata_keep_their_sizes() -> None:
    strata = ["generated"] * 3 + ["real"] * 7
    scores = np.array([[1.0] * 3 + [0.0] * 7])
    found = bootstrap_interval(mean, scores, resample="cases", strata=strata)
    assert isinstance(found, Estimate)
    assert found.interval == pytest.approx((0.3, 0.3))


def test_large_tables_are_resampled_in_pieces() -> None:
    scores = np.random.default_rng(3).integers(0, 2, (20, 2000)).astype(float)
    found = bootstrap_interval(mean, scores, resample="cases", resamples=250)
    expected = 2 * norm.ppf(0.975) * scores.mean(axis=0).std(ddof=1) / 2000**0.5
    assert width(found) == pytest.approx(expected, rel=0.2)


def test_missing_scores_are_left_out() -> None:
    scores = np.array([[1.0, np.nan, 0.0, 1.0], [np.nan, 1.0, 1.0, 0.0]])
    found = bootstrap_interval(mean, scores, resample="cases")
    assert isinstance(found, Estimate)
    assert (found.value, found.n) == (pytest.approx(4 / 6), 6)
    assert found.interval is not None


def test_too_little_to_resample_is_explained() -> None:
    one_case = bootstrap_interval(mean, np.array([[1.0], [0.0]]), resample="cases")
    assert isinstance(one_case, Estimate)
    assert one_case.method == "no interval: at least two images are needed"
    one_reader = bootstrap_interval(mean, np.array([[1.0, 0.0]]))
    assert isinstance(one_reader, Estimate)
    assert one_reader.method == "no interval: at least two readers are needed"
    assert isinstance(bootstrap_interval(mean, np.empty((0, 0))), NotEstimable)

    def undefined(scores: Scores) -> Scores:
        return np.full(len(scores), np.nan)

    assert isinstance(bootstrap_interval(undefined, np.ones((2, 2))), NotEstimable)

    def often_undefined(scores: Scores) -> Scores:
        spread: Scores = scores.std(axis=(1, 2))
        return np.where(spread > 0.4, spread, np.nan)

    found = bootstrap_interval(often_undefined, np.array([[0.0, 1.0], [0.0, 1.0]]))
    assert isinstance(found, Estimate)
    assert found.interval is None


def test_strata_that_do_not_fit_are_a_programming_error() -> None:
    with pytest.raises(ValueError, match="strata"):
        bootstrap_interval(mean, np.ones((2, 3)), strata=["a"])
