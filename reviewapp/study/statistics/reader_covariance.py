"""Figures of merit of every reader, and their covariances from reading the same cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal

from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.readings import Readings
from reviewapp.study.statistics.roc import structural_components

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: *auc*: area under the empirical ROC curve; *proportion*: mean of 0/1 scores over all cases
FigureOfMerit = Literal["auc", "proportion"]
Covariance = Literal["jackknife", "delong"]


@dataclass(frozen=True, slots=True)
class ReaderFigures:
    """``values`` (treatments, readers) and ``covariance`` (treatments, readers, twice), float64."""

    values: NDArray[np.float64]
    covariance: NDArray[np.float64]


def reader_figures(
    readings: Readings, figure: FigureOfMerit, covariance: Covariance
) -> ReaderFigures | NotEstimable:
    """All readers' figures of merit with the covariance matrix that fixed readers would have.

    Each figure's scatter is written as one residual a case; cases that two treatments share then
    covary, others do not, which covers the factorial design and shared real images alike.
    Jackknife: residual √((K−1)/K) (θ₋ₖ − mean θ₋), K the cases of that treatment. DeLong:
    (V10 − θ)/√(m(m−1)) for positives, (V01 − θ)/√(n(n−1)) for negatives. For a proportion both are
    (score − θ)/√(K(K−1)).
    """
    import numpy as np

    for treatment, positives, negatives in zip(
        readings.treatments, readings.positives, readings.negatives, strict=True
    ):
        m, n = positives.shape[1], negatives.shape[1]
        if (figure == "auc" and min(m, n) < 2) or m + n < 2:
            return NotEstimable(
                f"{treatment}: at least two images {'of each kind ' if figure == 'auc' else ''}are "
                f"needed, but there are {m} generated and {n} real ones."
            )
    positive_columns = _columns(readings.positive_cases)
    negative_columns = _columns(readings.negative_cases)
    n_readers, n_positive = len(readings.readers), len(positive_columns)
    n_columns = n_positive + len(negative_columns)
    values = np.empty((len(readings.treatments), n_readers))
    residuals = np.zeros((len(readings.treatments), n_readers, n_columns))
    for t, (positives, negatives) in enumerate(
        zip(readings.positives, readings.negatives, strict=True)
    ):
        columns = [positive_columns[case] for case in readings.positive_cases[t]]
        columns += [n_positive + negative_columns[case] for case in readings.negative_cases[t]]
        if figure == "proportion":
            scores = np.concatenate([positives, negatives], axis=1)
            values[t] = scores.mean(axis=1)
            residuals[t][:, columns] = _mean_residuals(scores)
        else:
            v10, v01 = structural_components(positives, negatives)
            values[t] = v10.mean(axis=1)
            of_kind = _jackknife_residuals if covariance == "jackknife" else _delong_residuals
            residuals[t][:, columns] = of_kind(v10, v01)
    flat = residuals.reshape(-1, n_columns)
    shape = (len(readings.treatments), n_readers)
    return ReaderFigures(values, (flat @ flat.T).reshape(shape + shape))


def jackknifed_aucs(v10: NDArray[np.float64], v01: NDArray[np.float64]) -> NDArray[np.float64]:
    """Areas with each case left out: (..., m) and (..., n) components to (..., m + n) areas.

    Exact and without a loop: leaving out a positive takes its V10 out of the mean, and likewise for
    a negative.
    """
    import numpy as np

    m, n = v10.shape[-1], v01.shape[-1]
    area = v10.mean(axis=-1, keepdims=True)
    return np.concatenate([(m * area - v10) / (m - 1), (n * area - v01) / (n - 1)], axis=-1)


def _jackknife_residuals(v10: NDArray[np.float64], v01: NDArray[np.float64]) -> NDArray[np.float64]:
    left_out = jackknifed_aucs(v10, v01)
    k = left_out.shape[-1]
    residuals: NDArray[np.float64] = left_out - left_out.mean(axis=-1, keepdims=True)
    return residuals * sqrt((k - 1) / k)


def _delong_residuals(v10: NDArray[np.float64], v01: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.concatenate([_mean_residuals(v10), _mean_residuals(v01)], axis=-1)


def _mean_residuals(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Residuals whose sum of squares is the variance of the mean over the last axis."""
    k = scores.shape[-1]
    residuals: NDArray[np.float64] = scores - scores.mean(axis=-1, keepdims=True)
    return residuals / sqrt(k * (k - 1))


def _columns(cases: Sequence[Sequence[str]]) -> dict[str, int]:
    """A column for every case that any treatment has."""
    return {case: i for i, case in enumerate(sorted({c for names in cases for c in names}))}
