"""The empirical ROC: area under the curve with DeLong's interval and tests, and the curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_NORMAL = NormalDist()
#: variances below this are rounding, not scatter
_NO_VARIANCE = 1e-15


@dataclass(frozen=True, slots=True)
class AucComparison:
    """Two areas under ROC curves and DeLong's test that they are the same.

    ``difference`` is first − second; ``p_value`` is two-sided from ``z``.
    """

    first: float
    second: float
    difference: Estimate
    z: float
    p_value: float


def structural_components(
    positives: ArrayLike, negatives: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """DeLong's V10 (one a positive) and V01 (one a negative), by mid-ranks.

    Arrays (..., m) and (..., n) of scores with m, n ≥ 1, any leading axes, in one go; returns the
    same shapes. V10(x) is the share of negatives below x, V01(y) the share of positives above y,
    ties by half; the mean of either is the area. DeLong, DeLong & Clarke-Pearson 1988 (Biometrics
    44:837); ranks as Sun & Xu 2014 (IEEE Signal Processing Letters 21:1389).
    """
    import numpy as np
    from scipy.stats import rankdata

    x = np.asarray(positives, dtype=np.float64)
    y = np.asarray(negatives, dtype=np.float64)
    m, n = x.shape[-1], y.shape[-1]
    pooled_ranks = rankdata(np.concatenate([x, y], axis=-1), axis=-1)
    v10 = (pooled_ranks[..., :m] - rankdata(x, axis=-1)) / n
    v01 = 1 - (pooled_ranks[..., m:] - rankdata(y, axis=-1)) / m
    return v10, v01


def auc(
    positives: Sequence[float], negatives: Sequence[float], confidence: float = CONFIDENCE
) -> Result:
    """Area under the empirical ROC curve: P(positive > negative) + ½ P(equal).

    ``positives`` and ``negatives`` are scores, higher meaning more positive. Interval: value ± z·s
    cut to [0, 1], with DeLong's variance. There is no interval where one side has a single score or
    no pair disagrees (the variance would be 0).
    """
    m, n = len(positives), len(negatives)
    if m == 0 or n == 0:
        return NotEstimable("Scores of both real and generated images are needed.")
    value = float(structural_components(positives, negatives)[0].mean())
    variance = delong_variance(positives, negatives)
    if isinstance(variance, NotEstimable):
        short = "too few images of one kind" if min(m, n) < 2 else "the scores do not vary enough"
        return Estimate(value, None, m + n, f"no interval: {short}")
    half = _NORMAL.inv_cdf(0.5 + confidence / 2) * sqrt(variance)
    return Estimate(
        value, (max(0.0, value - half), min(1.0, value + half)), m + n, "DeLong interval"
    )


def delong_variance(positives: Sequence[float], negatives: Sequence[float]) -> float | NotEstimable:
    """DeLong's variance of the area under one curve."""
    m, n = len(positives), len(negatives)
    if m < 2 or n < 2:
        return NotEstimable(
            "At least two real and two generated images are needed to judge the uncertainty."
        )
    _, variance = _area_and_variance(positives, negatives)
    if variance < _NO_VARIANCE:
        return NotEstimable("The scores do not vary enough to judge the uncertainty of the area.")
    return variance


def compare_paired_aucs(
    positives_a: Sequence[float],
    negatives_a: Sequence[float],
    positives_b: Sequence[float],
    negatives_b: Sequence[float],
    confidence: float = CONFIDENCE,
) -> AucComparison | NotEstimable:
    """Paired DeLong test: the same images in the same order, scored twice (a and b).

    Two readers of the same images, or one reader under two conditions. Raises `ValueError` when the
    lists do not pair.
    """
    if len(positives_a) != len(positives_b) or len(negatives_a) != len(negatives_b):
        raise ValueError("Paired scores must belong to the same images.")
    if (short := _too_few(positives_a, negatives_a)) is not None:
        return short
    v10_a, v01_a = structural_components(positives_a, negatives_a)
    v10_b, v01_b = structural_components(positives_b, negatives_b)
    variance = float(
        (v10_a - v10_b).var(ddof=1) / len(v10_a) + (v01_a - v01_b).var(ddof=1) / len(v01_a)
    )
    return _comparison(
        float(v10_a.mean()),
        float(v10_b.mean()),
        variance,
        len(v10_a) + len(v01_a),
        "paired DeLong test",
        confidence,
    )


def compare_unpaired_aucs(
    positives_a: Sequence[float],
    negatives_a: Sequence[float],
    positives_b: Sequence[float],
    negatives_b: Sequence[float],
    confidence: float = CONFIDENCE,
) -> AucComparison | NotEstimable:
    """DeLong test of two areas that share neither images nor readers."""
    for positives, negatives in ((positives_a, negatives_a), (positives_b, negatives_b)):
        if (short := _too_few(positives, negatives)) is not None:
            return short
    first, variance_a = _area_and_variance(positives_a, negatives_a)
    second, variance_b = _area_and_variance(positives_b, negatives_b)
    n = len(positives_a) + len(negatives_a) + len(positives_b) + len(negatives_b)
    return _comparison(
        first, second, variance_a + variance_b, n, "unpaired DeLong test", confidence
    )


def roc_points(positives: Sequence[float], negatives: Sequence[float]) -> list[tuple[float, float]]:
    """(false positive rate, true positive rate) from (0, 0) to (1, 1), one point a threshold.

    Empty when one side has no scores.
    """
    if not positives or not negatives:
        return []
    import numpy as np

    x, y = np.sort(positives), np.sort(negatives)
    thresholds = np.unique(np.concatenate([x, y]))[::-1]
    true_rate = 1 - np.searchsorted(x, thresholds, side="left") / len(x)
    false_rate = 1 - np.searchsorted(y, thresholds, side="left") / len(y)
    return [(0.0, 0.0), *zip(false_rate.tolist(), true_rate.tolist(), strict=True)]


def _area_and_variance(
    positives: Sequence[float], negatives: Sequence[float]
) -> tuple[float, float]:
    v10, v01 = structural_components(positives, negatives)
    variance = v10.var(ddof=1) / len(v10) + v01.var(ddof=1) / len(v01)
    return float(v10.mean()), float(variance)


def _too_few(positives: Sequence[float], negatives: Sequence[float]) -> NotEstimable | None:
    if len(positives) < 2 or len(negatives) < 2:
        return NotEstimable("At least two real and two generated images are needed on each side.")
    return None


def _comparison(
    first: float, second: float, variance: float, n: int, method: str, confidence: float
) -> AucComparison | NotEstimable:
    if variance < _NO_VARIANCE:
        return NotEstimable("The scores do not vary enough to compare the two areas.")
    difference, standard_error = first - second, sqrt(variance)
    z = difference / standard_error
    half = _NORMAL.inv_cdf(0.5 + confidence / 2) * standard_error
    return AucComparison(
        first=first,
        second=second,
        difference=Estimate(difference, (difference - half, difference + half), n, method),
        z=z,
        p_value=2 * _NORMAL.cdf(-abs(z)),
    )
