"""The empirical ROC: area under the curve with DeLong's interval, and the curve itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result


def auc(
    positives: Sequence[float], negatives: Sequence[float], confidence: float = CONFIDENCE
) -> Result:
    """Area under the empirical ROC curve: P(positive > negative) + ½ P(equal).

    ``positives`` and ``negatives`` are scores, higher meaning more positive. Interval: value ± z·s
    cut to [0, 1], with the variance from the structural components of DeLong, DeLong &
    Clarke-Pearson 1988 (Biometrics 44:837), by mid-ranks as Sun & Xu 2014. There is no interval
    where one side has a single score or no pair disagrees (the variance would be 0).
    """
    import numpy as np
    from scipy.stats import rankdata

    m, n = len(positives), len(negatives)
    if m == 0 or n == 0:
        return NotEstimable("Scores of both real and generated images are needed.")
    x = np.asarray(positives, dtype=np.float64)
    y = np.asarray(negatives, dtype=np.float64)
    pooled_ranks = rankdata(np.concatenate([x, y]))
    # V10(x_i): share of negatives below x_i; V01(y_j): share of positives above y_j.
    v10 = (pooled_ranks[:m] - rankdata(x)) / n
    v01 = 1 - (pooled_ranks[m:] - rankdata(y)) / m
    value = float(v10.mean())
    if m < 2 or n < 2:
        return Estimate(value, None, m + n, "no interval: too few images of one kind")
    variance = float(v10.var(ddof=1) / m + v01.var(ddof=1) / n)
    if variance == 0:
        return Estimate(value, None, m + n, "no interval: the scores do not vary enough")
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * sqrt(variance)
    return Estimate(
        value, (max(0.0, value - half), min(1.0, value + half)), m + n, "DeLong interval"
    )


def roc_points(positives: Sequence[float], negatives: Sequence[float]) -> list[tuple[float, float]]:
    """(false positive rate, true positive rate) from (0, 0) to (1, 1), one point a threshold.

    Empty when one side has no scores.
    """
    if not positives or not negatives:
        return []
    thresholds = sorted({*positives, *negatives}, reverse=True)
    return [
        (0.0, 0.0),
        *(
            (
                sum(score >= threshold for score in negatives) / len(negatives),
                sum(score >= threshold for score in positives) / len(positives),
            )
            for threshold in thresholds
        ),
    ]
