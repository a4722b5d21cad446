"""Sample size for one reader, or for ratings that are independent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

from reviewapp.study.statistics.equivalence import CHANCE
from reviewapp.study.statistics.estimate import CONFIDENCE, NotEstimable

_NORMAL = NormalDist()
#: no plan asks for more images than this
LARGEST = 20_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Images (real and generated together, for each variant) and readers that reach a goal.

    ``achieved`` is the power, or half the width of the interval, at just these numbers.
    """

    n_images: int
    n_readers: int
    achieved: float
    method: str


def proportion_precision(
    half_width: float, expected: float = CHANCE, confidence: float = CONFIDENCE
) -> Plan | NotEstimable:
    """Ratings for a Wilson interval of ± ``half_width`` around an ``expected`` proportion."""
    z = _NORMAL.inv_cdf(0.5 + confidence / 2)

    def half(n: int) -> float:
        return z / (1 + z * z / n) * sqrt(expected * (1 - expected) / n + z * z / (4 * n * n))

    return plan(
        half, lambda width: width <= half_width, 1, f"Wilson interval at {100 * expected:.4g} %"
    )


def proportion_power(true: float, power: float = 0.8, alpha: float = 0.05) -> Plan | NotEstimable:
    """Ratings so that the exact binomial test finds a proportion ``true`` different from ½.

    From this number on the power never falls below the target again (it saws, as the test is
    discrete).
    """
    import numpy as np
    from scipy.stats import binom

    n = np.arange(1, LARGEST + 1)
    least = binom.isf(alpha / 2, n, 0.5) + 1
    reached = binom.sf(least - 1, n, true) + binom.cdf(n - least, n, true)
    return _from_last_shortfall(reached, power, f"exact binomial test, two-sided, α = {alpha:g}")


def proportion_equivalence_size(
    margin: float, power: float = 0.8, true: float = CHANCE, alpha: float = 0.05
) -> Plan | NotEstimable:
    """Ratings so that two one-sided exact tests show a proportion within ± ``margin`` of ½."""
    import numpy as np
    from scipy.stats import binom

    n = np.arange(1, LARGEST + 1)
    least = binom.isf(alpha, n, CHANCE - margin) + 1
    reached = np.maximum(0, binom.cdf(n - least, n, true) - binom.cdf(least - 1, n, true))
    return _from_last_shortfall(
        reached, power, f"two one-sided exact binomial tests, ±{100 * margin:g} points"
    )


def hanley_mcneil_variance(auc: float, n_positive: int, n_negative: int) -> float:
    """Variance of an empirical area: Hanley & McNeil 1982 (Radiology 143:29), with their Q1 and Q2
    of exponential scores.
    """
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    return (
        auc * (1 - auc) + (n_positive - 1) * (q1 - auc**2) + (n_negative - 1) * (q2 - auc**2)
    ) / (n_positive * n_negative)


def auc_precision(
    half_width: float,
    auc: float,
    share_generated: float = 0.5,
    confidence: float = CONFIDENCE,
) -> Plan | NotEstimable:
    """Images for an interval of ± ``half_width`` around one reader's area."""
    z = _NORMAL.inv_cdf(0.5 + confidence / 2)
    return plan(
        lambda n: z * _standard_error(auc, n, share_generated),
        lambda width: width <= half_width,
        1,
        "Hanley–McNeil variance",
    )


def auc_power(
    auc: float, power: float = 0.8, share_generated: float = 0.5, alpha: float = 0.05
) -> Plan | NotEstimable:
    """Images so that one reader's area is found to differ from 0.5 by DeLong's interval."""
    z = _NORMAL.inv_cdf(1 - alpha / 2)
    return plan(
        lambda n: _NORMAL.cdf(abs(auc - CHANCE) / _standard_error(auc, n, share_generated) - z),
        lambda reached: reached >= power,
        1,
        "z test with Hanley–McNeil variance",
    )


def plan(
    achieved: Callable[[int], float],
    enough: Callable[[float], bool],
    n_readers: int,
    method: str,
    least: int = 4,
) -> Plan | NotEstimable:
    """The smallest number of images that is ``enough``, which must hold for all larger numbers."""
    low, high = least - 1, least
    while not enough(achieved(high)):
        if high >= LARGEST:
            return out_of_reach()
        low, high = high, min(2 * high, LARGEST)
    while high - low > 1:
        middle = (low + high) // 2
        if enough(achieved(middle)):
            high = middle
        else:
            low = middle
    return Plan(high, n_readers, achieved(high), method)


def out_of_reach() -> NotEstimable:
    """The answer when no feasible number of images suffices."""
    return NotEstimable(
        f"Not even {LARGEST:,} images would be enough; widen the goal or ask more readers.".replace(
            ",", " "
        )
    )


def _from_last_shortfall(reached: object, power: float, method: str) -> Plan | NotEstimable:
    import numpy as np

    values = np.asarray(reached)
    short = np.flatnonzero(values < power)
    first = int(short[-1]) + 1 if len(short) else 0
    if first >= len(values):
        return out_of_reach()
    return Plan(first + 1, 1, float(values[first]), method)


def _standard_error(auc: float, n: int, share_generated: float) -> float:
    n_generated = min(max(ceil(n * share_generated), 1), n - 1)
    return sqrt(hanley_mcneil_variance(auc, n_generated, n - n_generated))
