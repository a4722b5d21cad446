"""Proportions: the Wilson score interval and the exact binomial test."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result


def wilson(successes: int, n: int, confidence: float = CONFIDENCE) -> Result:
    """A proportion with its Wilson score interval without continuity correction.

    Wilson 1927; method 3 of Newcombe 1998 (Statistics in Medicine 17:857). Raises `ValueError`
    unless 0 ≤ successes ≤ n.
    """
    _check_counts(successes, n)
    if n == 0:
        return NotEstimable("There are no ratings of this kind.")
    lower, upper = wilson_bounds(successes / n, n, confidence)
    # At 0 and n the bound is exactly 0 and 1; rounding would leave it a hair inside.
    lower = 0.0 if successes == 0 else lower
    upper = 1.0 if successes == n else upper
    return Estimate(successes / n, (lower, upper), n, "Wilson score interval")


def wilson_bounds(
    proportion: float, n: float, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """The Wilson interval around ``proportion`` of ``n`` > 0 ratings, which need not be whole."""
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    centre = (proportion + z * z / (2 * n)) / (1 + z * z / n)
    spread = proportion * (1 - proportion) / n + z * z / (4 * n * n)
    half = z / (1 + z * z / n) * sqrt(spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def binomial_p_value(successes: int, n: int, chance: float = 0.5) -> float | NotEstimable:
    """Two-sided exact binomial test of ``successes`` in ``n`` against ``chance``.

    Two-sided by the method of small p-values, as `scipy.stats.binomtest`. Raises `ValueError`
    unless 0 ≤ successes ≤ n.
    """
    from scipy.stats import binomtest

    _check_counts(successes, n)
    if n == 0:
        return NotEstimable("There are no ratings to test.")
    return float(binomtest(successes, n, chance).pvalue)


def _check_counts(successes: int, n: int) -> None:
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes in {n} trials cannot be.")
