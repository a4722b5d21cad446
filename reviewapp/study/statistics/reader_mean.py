"""The mean of several readers' own values, with an interval that counts their scatter alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import exp, log, sqrt
from statistics import fmean, stdev

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result

#: logarithms beyond this have no ratio that could be shown
_LARGEST_LOG = 500
_METHOD = "mean of the readers' values, t interval (readers random, images fixed)"


def reader_mean(values: Sequence[float], confidence: float = CONFIDENCE) -> Result:
    """Arithmetic mean; ``n`` is the number of readers. No interval for a single one."""
    from scipy.stats import t

    n = len(values)
    if n == 0:
        return NotEstimable("No reader's value can be estimated.")
    if n == 1:
        return Estimate(values[0], None, 1, "no interval: a single reader's value")
    spread = stdev(values)
    if spread == 0:
        return Estimate(fmean(values), None, n, "no interval: the readers' values do not vary")
    half = float(t.isf((1 - confidence) / 2, n - 1)) * spread / sqrt(n)
    return Estimate(fmean(values), (fmean(values) - half, fmean(values) + half), n, _METHOD)


def reader_ratio(values: Sequence[float], confidence: float = CONFIDENCE) -> Result:
    """Geometric mean of ratios above 0, by `reader_mean` of their logarithms."""
    mean = reader_mean([log(value) for value in values], confidence)
    if isinstance(mean, NotEstimable):
        return mean
    if mean.interval is None:
        return replace(mean, value=exp(mean.value))
    if max(abs(bound) for bound in mean.interval) > _LARGEST_LOG:
        return Estimate(exp(mean.value), None, mean.n, "no interval: the readers differ too much")
    lower, upper = (exp(bound) for bound in mean.interval)
    return Estimate(exp(mean.value), (lower, upper), mean.n, f"geometric {_METHOD}")


def within_bounds(share: Result) -> Result:
    """The same share with its interval cut to 0 to 1."""
    if isinstance(share, NotEstimable) or share.interval is None:
        return share
    lower, upper = share.interval
    return replace(share, interval=(max(0.0, lower), min(1.0, upper)))
