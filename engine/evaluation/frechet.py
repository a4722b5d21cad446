"""Fréchet distance between two sets of features taken for Gaussian.

Dowson and Landau 1982, "The Fréchet distance between multivariate normal distributions"; with
Inception-v3 features it is the FID of Heusel et al. 2017:
d² = ‖μ₁ − μ₂‖² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import EvaluationError
from engine.evaluation.features import checked_pair
from engine.evaluation.labels import distance_label
from engine.evaluation.metric import Metric

_LEAST = 2
#: added to the diagonal of a singular covariance, as a share of its mean variance
_RIDGE = 1e-6


def gaussian_frechet_distance(
    mean_1: NDArray[np.float64],
    covariance_1: NDArray[np.float64],
    mean_2: NDArray[np.float64],
    covariance_2: NDArray[np.float64],
) -> float:
    """d² between two Gaussians; means (d,), covariances (d, d) symmetric positive semidefinite.

    tr (Σ₁Σ₂)^½ is taken as the trace of (Σ₁^½ Σ₂ Σ₁^½)^½, whose eigenvalues are real and ≥ 0.
    """
    root = _symmetric_root(covariance_1)
    inner = np.linalg.eigvalsh(root @ covariance_2 @ root)
    trace = float(np.sqrt(np.clip(inner, 0, None)).sum())
    shift = float(((mean_1 - mean_2) ** 2).sum())
    both = float(np.trace(covariance_1) + np.trace(covariance_2))
    return max(0.0, shift + both - 2 * trace)


def frechet_distance(
    real: NDArray[np.floating], generated: NDArray[np.floating], extractor: str
) -> Metric:
    """The distance of two sets of features (N, d) and (M, d), N and M ≥ 2; 0 for equal moments.

    With fewer images than numbers, covariances are singular: a small ridge is added, and the
    note says so, because the value then depends strongly on the number of images. Raises
    `EvaluationError` for too few or identical images and for features that are no numbers.
    """
    first, second = checked_pair(real, generated, _LEAST, "Fréchet distance")
    moments = [(x.mean(axis=0), np.atleast_2d(np.cov(x, rowvar=False))) for x in (first, second)]
    notes = []
    covariances = []
    for (_, covariance), features, name in zip(
        moments, (first, second), ("real", "generated"), strict=True
    ):
        dim = covariance.shape[0]
        if len(features) <= dim:
            ridge = _RIDGE * float(np.trace(covariance)) / dim
            covariances.append(covariance + ridge * np.eye(dim))
            notes.append(
                f"regularised: {len(features)} {name} images do not determine the covariance of "
                f"{dim} features"
            )
        else:
            covariances.append(covariance)
    value = gaussian_frechet_distance(moments[0][0], covariances[0], moments[1][0], covariances[1])
    if not np.isfinite(value):
        raise EvaluationError(
            "The Fréchet distance is no number: features are too large. Scale the features."
        )
    return Metric(
        "frechet_distance",
        distance_label("Fréchet", extractor),
        value,
        better="lower",
        note="; ".join(notes),
    )


def _symmetric_root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    values, vectors = np.linalg.eigh(matrix)
    root: NDArray[np.float64] = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return root
