"""Test–retest: does a reader answer the same when an image is shown a second time?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result
from reviewapp.study.statistics.kappa import cohen_kappa
from reviewapp.study.statistics.proportions import wilson

#: confidence 1–6 runs from definitely generated to definitely real; from here on it means *real*
_REAL_FROM = 4
_SCALE = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Repeatability:
    """Agreement of first and second answers to the same images.

    ``same_answer``: share called the same, Wilson interval; ``kappa`` of these answers;
    ``weighted_kappa``: quadratically weighted κ of the confidence; ``confidence_shift``: mean
    second less first confidence, t interval.
    """

    same_answer: Result
    kappa: Result
    weighted_kappa: Result
    confidence_shift: Result


def repeatability(
    first: Sequence[int], second: Sequence[int], confidence: float = CONFIDENCE
) -> Repeatability:
    """From paired confidences 1–6 of the same reader(s) and images, in the same order.

    Raises `ValueError` when the lists do not pair or leave the scale.
    """
    if len(first) != len(second):
        raise ValueError("First and second answers must belong to the same images.")
    if any(c not in _SCALE for c in (*first, *second)):
        raise ValueError("Confidences lie between 1 and 6.")
    called = [c >= _REAL_FROM for c in first]
    again = [c >= _REAL_FROM for c in second]
    same = sum(a == b for a, b in zip(called, again, strict=True))
    return Repeatability(
        same_answer=wilson(same, len(first), confidence),
        kappa=cohen_kappa(called, again, confidence=confidence),
        weighted_kappa=cohen_kappa(first, second, "quadratic", _SCALE, confidence),
        confidence_shift=_mean_shift(first, second, confidence),
    )


def _mean_shift(first: Sequence[int], second: Sequence[int], confidence: float) -> Result:
    from statistics import fmean, stdev

    from scipy.stats import t

    shifts = [b - a for a, b in zip(first, second, strict=True)]
    n = len(shifts)
    if n == 0:
        return NotEstimable("No image has been shown twice.")
    value = fmean(shifts)
    if n < 2 or stdev(shifts) == 0:
        return Estimate(value, None, n, "no interval: the shifts do not vary enough")
    half = float(t.isf((1 - confidence) / 2, n - 1)) * stdev(shifts) / n**0.5
    return Estimate(value, (value - half, value + half), n, "t interval")
