"""What cross-validation says of a critic: can it tell which generated images readers believed?

Each fold's scores come from another network, so that they count by their rank in the fold. And
each network was tuned on the answers of the other folds: where answers are chance, two folds err
together, and the AUC's variance is twice that of scores which know no answer (in a sum of
independent signs over pairs i ≠ j each pair occurs twice). A bootstrap of finished scores does not
see that, so its interval is widened by √2. Compare Bengio, Grandvalet 2004, "No unbiased estimator
of the variance of k-fold cross-validation", and Bates, Hastie, Tibshirani 2023, "Cross-validation:
what does it estimate and how well does it do it?".
"""

from __future__ import annotations

import math
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
#: of the bootstrap's interval, because folds share answers
_WIDENING = math.sqrt(2)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of out-of-fold log-odds for rated generated images.

    ``auc`` of ranks within folds with its 95 % interval, by a bootstrap over groups and widened;
    ``slope`` and ``intercept`` calibrate
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


def ranks_within(scores: NDArray[np.float64], folds: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of its fold that scores lower than each, in (0, 1), both (N,)."""
    ranks = np.zeros(len(scores))
    for fold in np.unique(folds):
        there = folds == fold
        ranks[there] = (rankdata(scores[there]) - 0.5) / there.sum()
    return ranks


def weigh_evidence(
    log_odds: NDArray[np.float64],
    taken_for_real: NDArray[np.bool_],
    groups: NDArray[np.int64],
    folds: NDArray[np.int64],
) -> Evidence:
    """Sum up out-of-fold ``log_odds`` of ratings of generated images, all (N,), both answers there.

    ``folds`` keep groups together. Raises `FeedbackError` where all answers are alike.
    """
    n_real = int(taken_for_real.sum())
    if n_real in (0, len(taken_for_real)):
        raise FeedbackError(
            "All rated generated images were given the same answer, so there is nothing to learn "
            "from it. Rate images that readers disagree about."
        )
    ranks = ranks_within(log_odds, folds)
    found = auc(ranks, taken_for_real)
    low, high = _interval(ranks, taken_for_real, groups)
    slope, intercept = platt_scaling(log_odds, taken_for_real)
    calibrated = expit(slope * log_odds + intercept)
    rate = float(taken_for_real.mean())
    return Evidence(
        n_ratings=len(log_odds),
        n_taken_for_real=n_real,
        auc=found,
        auc_low=max(0.0, found - _WIDENING * (found - low)),
        auc_high=min(1.0, found + _WIDENING * (high - found)),
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
    scores: NDArray[np.float64],
    positive: NDArray[np.bool_],
    groups: NDArray[np.int64],
) -> tuple[float, float]:
    rng = np.random.default_rng(_SEED)
    names, group = np.unique(groups, return_inverse=True)
    chosen = rng.integers(len(names), size=(_RESAMPLES, len(names)))
    times = np.stack([np.bincount(row, minlength=len(names)) for row in chosen])[:, group]
    low, high = np.nanpercentile(_resampled_aucs(scores, positive, times), [2.5, 97.5])
    return float(low), float(high)


def _resampled_aucs(
    scores: NDArray[np.float64], positive: NDArray[np.bool_], times: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The AUC (R,) of each resample, in which image i occurs ``times`` (R, N) times."""
    order = np.argsort(scores)
    _, starts = np.unique(scores[order], return_index=True)
    there = times[:, order]
    above = np.add.reduceat(there * positive[order], starts, axis=1)
    below = np.add.reduceat(there * ~positive[order], starts, axis=1)
    won = (above * (below.cumsum(axis=1) - below / 2)).sum(axis=1)
    pairs = (above.sum(axis=1) * below.sum(axis=1)).astype(np.float64)
    aucs = np.full(len(won), np.nan)
    np.divide(won, pairs, out=aucs, where=pairs > 0)
    return aucs
