"""Learning over trials: does a reader get better while reading?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, isfinite, sqrt
from statistics import NormalDist

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result
from reviewapp.study.statistics.proportions import wilson

_ITERATIONS = 50


@dataclass(frozen=True, slots=True)
class AccuracyBin:
    """Accuracy over trials ``first_trial`` to ``last_trial``, counted from 1 in reading order."""

    first_trial: int
    last_trial: int
    accuracy: Result


def accuracy_by_bin(correct: Sequence[bool], n_bins: int = 5) -> tuple[AccuracyBin, ...]:
    """Cut the trials, in reading order, into runs of nearly equal length; fewer when there are
    fewer trials. Raises `ValueError` for less than one bin.
    """
    if n_bins < 1:
        raise ValueError("At least one bin is needed.")
    n_bins = min(n_bins, len(correct))
    edges = [len(correct) * i // n_bins for i in range(n_bins + 1)] if n_bins else [0]
    return tuple(
        AccuracyBin(start + 1, stop, wilson(sum(correct[start:stop]), stop - start))
        for start, stop in pairwise(edges)
    )


def learning_slope(
    positions: Sequence[float],
    correct: Sequence[bool],
    per: float = 100,
    confidence: float = CONFIDENCE,
) -> Result:
    """Odds ratio of a right answer per ``per`` trials, by logistic regression on the position.

    Above 1 the reader improves. Maximum likelihood by Newton's method, Wald interval. Several
    readers may be pooled, each with positions of its own; their answers count as independent.
    Raises `ValueError` when the lists do not pair.
    """
    import numpy as np

    if len(positions) != len(correct):
        raise ValueError("Every answer needs its position.")
    n, n_right = len(correct), sum(correct)
    if n_right in (0, n):
        return NotEstimable(
            "All answers were right or all were wrong, so there is no course to estimate."
            if n
            else "There are no ratings."
        )
    x = np.asarray(positions, dtype=np.float64)
    y = np.asarray(correct, dtype=np.float64)
    scale = float(x.std())
    if scale == 0:
        return NotEstimable("All answers have the same position, so there is no course.")
    design = np.column_stack([np.ones(n), (x - x.mean()) / scale])
    beta = np.zeros(2)
    for _ in range(_ITERATIONS):
        right = 1 / (1 + np.exp(-design @ beta))
        information = (design * (right * (1 - right))[:, None]).T @ design
        if abs(np.linalg.det(information)) < 1e-9:
            return _separated()
        step = np.linalg.solve(information, design.T @ (y - right))
        beta += step
        if np.abs(beta).max() > 30:
            return _separated()
        if np.abs(step).max() < 1e-10:
            break
    slope = float(beta[1]) * per / scale
    standard_error = sqrt(float(np.linalg.inv(information)[1, 1])) * per / scale
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * standard_error
    if max(abs(slope - half), abs(slope + half)) > 500 or not isfinite(half):
        return NotEstimable("There are too few trials to estimate how the accuracy changes.")
    return Estimate(
        exp(slope),
        (exp(slope - half), exp(slope + half)),
        n,
        f"odds ratio per {per:g} trials, logistic regression; Wald interval",
    )


def _separated() -> NotEstimable:
    return NotEstimable(
        "Right and wrong answers lie in separate parts of the session, so no slope can be given."
    )
