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
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    p = successes / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # At 0 and n the bound is exactly 0 and 1; rounding would leave it a hair inside.
    lower = 0.0 if successes == 0 else max(0.0, centre - half)
    upper = 1.0 if successes == n else min(1.0, centre + half)
    return Estimate(p, (lower, upper), n, "Wilson score interval")


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
