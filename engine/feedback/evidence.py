"""What cross-validation says of a critic: can it tell which generated images readers believed?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import rankdata

from engine.errors import FeedbackError

_RESAMPLES = 1000
_SEED = 0
#: Newton steps of the two-parameter logistic fit
_ITERATIONS = 50
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of out-of-fold log-odds for rated generated images.

    ``auc`` with its 95 % interval by a bootstrap over groups; ``slope`` and ``intercept`` calibrate
    log-odds (Platt 2000); ``brier`` is the mean squared error of the calibrated probabilities and
    ``brier_without`` that of the rate alone.
    """

    n_ratings: int
    n_taken_for_real: int
    auc: float
    auc_low: float
    auc_high: float
    slope: float
    intercept: float
    brier: float
    brier_without: float


def auc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve: the chance that a positive scores higher, ties count half."""
    n_positive = int(positive.sum())
    n_negative = len(positive) - n_positive
    ranks = rankdata(scores)
    above = float(ranks[positive].sum()) - n_positive * (n_positive + 1) / 2
    return above / (n_positive * n_negative)


def weigh_evidence(
    log_odds: NDArray[np.float64],
    taken_for_real: NDArray[np.bool_],
    groups: NDArray[np.int64],
) -> Evidence:
    """Sum up out-of-fold ``log_odds`` of ratings of generated images, all (N,), both answers there.

    Raises `FeedbackError` where all answers are alike.
    """
    n_real = int(taken_for_real.sum())
    if n_real in (0, len(taken_for_real)):
        raise FeedbackError(
            "All rated generated images were given the same answer, so there is nothing to learn "
            "from it. Rate images that readers disagree about."
        )
    low, high = _interval(log_odds, taken_for_real, groups)
    slope, intercept = platt_scaling(log_odds, taken_for_real)
    calibrated = expit(slope * log_odds + intercept)
    rate = float(taken_for_real.mean())
    return Evidence(
        n_ratings=len(log_odds),
        n_taken_for_real=n_real,
        auc=auc(log_odds, taken_for_real),
        auc_low=low,
        auc_high=high,
        slope=slope,
        intercept=intercept,
        brier=float(((calibrated - taken_for_real) ** 2).mean()),
        brier_without=rate * (1 - rate),
    )


def platt_scaling(
    log_odds: NDArray[np.float64], positive: NDArray[np.bool_]
) -> tuple[float, float]:
    """Slope and intercept of a logistic regression on ``log_odds``, slightly ridged, by Newton."""
    design = np.column_stack([log_odds, np.ones(len(log_odds))])
    weights = np.zeros(2)
    penalty = _RIDGE * np.diag([1.0, 0.0])
    for _ in range(_ITERATIONS):
        expected = expit(design @ weights)
        gradient = design.T @ (expected - positive) + penalty @ weights
        spread = expected * (1 - expected)
        hessian = (design * spread[:, None]).T @ design + penalty + 1e-9 * np.eye(2)
        change = np.linalg.solve(hessian, gradient)
        # A long step would leave the region in which the quadratic model holds.
        weights = weights - change / max(1.0, float(np.abs(change).max()) / 5)
        if float(np.abs(change).max()) < 1e-9:
            break
    return float(weights[0]), float(weights[1])


def _interval(
    log_odds: NDArray[np.float64],
    positive: NDArray[np.bool_],
    groups: NDArray[np.int64],
) -> tuple[float, float]:
    rng = np.random.default_rng(_SEED)
    names = np.unique(groups)
    members = [np.flatnonzero(groups == name) for name in names]
    values = []
    for _ in range(_RESAMPLES):
        chosen = rng.integers(len(names), size=len(names))
        rows = np.concatenate([members[number] for number in chosen])
        if 0 < int(positive[rows].sum()) < len(rows):
            values.append(auc(log_odds[rows], positive[rows]))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
