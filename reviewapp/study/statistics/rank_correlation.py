"""Spearman's rank correlation with an interval and a permutation test."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: with fewer pairs no order of the values can be told from chance at 5 %, two-sided
LEAST_PAIRS = 5
#: up to this many pairs all orders are tried
_EXACT = 7
_PERMUTATIONS = 9999


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """ρ of ``estimate``, and ``p_value`` of the two-sided test that the orders are unrelated."""

    estimate: Estimate
    p_value: float


def rank_correlation(
    x: Sequence[float], y: Sequence[float], *, seed: int = 0
) -> RankCorrelation | NotEstimable:
    """Spearman's ρ of pairs of finite numbers, ties by mean ranks.

    The interval is by Fisher's z with the standard error of Bonett & Wright 2000 (Psychometrika
    65:23); none where ρ is 1 or -1. The test tries all orders up to 7 pairs, else 9,999 drawn by
    ``seed``. Raises `ValueError` for lists of different length.
    """
    if len(x) != len(y):
        raise ValueError(f"{len(x)} and {len(y)} numbers are no pairs.")
    n = len(x)
    if n < LEAST_PAIRS:
        return NotEstimable(
            f"{_pairs(n)} cannot show agreement: with fewer than {LEAST_PAIRS} any order may be "
            "chance."
            if n
            else f"Agreement is told from {LEAST_PAIRS} pairs on."
        )
    if len(set(x)) == 1 or len(set(y)) == 1:
        return NotEstimable("All values on one side are the same, so they have no order.")
    from scipy.stats import rankdata

    first, second = (rankdata(values) - (n + 1) / 2 for values in (x, y))
    scale = math.sqrt(float(first @ first) * float(second @ second))
    rho = float(first @ second) / scale
    return RankCorrelation(_estimate(rho, n), _p_value(first / scale, second, rho, seed))


def _p_value(
    first: NDArray[np.float64], second: NDArray[np.float64], rho: float, seed: int
) -> float:
    """The share of orders, the one seen among them, whose ρ is as far from 0."""
    import numpy as np

    if len(first) <= _EXACT:
        orders = np.array(list(itertools.permutations(first)))
        drawn = 0
    else:
        rng = np.random.default_rng(seed)
        orders = rng.permuted(np.tile(first, (_PERMUTATIONS, 1)), axis=1)
        drawn = 1
    as_far = int((np.abs(orders @ second) >= abs(rho) - 1e-9).sum())
    return (as_far + drawn) / (len(orders) + drawn)


def _estimate(rho: float, n: int) -> Estimate:
    if abs(rho) >= 1 - 1e-12:
        return Estimate(rho, None, n, "Spearman's ρ; no interval where the orders are the same")
    half = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2) * math.sqrt((1 + rho**2 / 2) / (n - 3))
    centre = math.atanh(rho)
    return Estimate(
        rho,
        (math.tanh(centre - half), math.tanh(centre + half)),
        n,
        "Spearman's ρ; interval by Fisher's z (Bonett & Wright 2000)",
    )


def _pairs(n: int) -> str:
    return {0: "No pair", 1: "One pair"}.get(n, f"{n} pairs")
