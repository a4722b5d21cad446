"""Diversity: how far generated images lie from each other, as a share of what real ones do.

The mean pairwise distance, as in Zhu et al. 2017 (BicycleGAN, LPIPS diversity), in the features of
a named extractor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.distances import squared_distance_blocks
from engine.evaluation.features import checked_features, checked_pair
from engine.evaluation.metric import Metric

_LEAST = 2


def mean_pairwise_distance(features: NDArray[np.floating]) -> float:
    """Mean Euclidean distance of two different rows of (N, d), N ≥ 2."""
    rows = checked_features(features)
    rows = rows - rows.mean(axis=0)
    n = len(rows)
    total = 0.0
    for part, distances in squared_distance_blocks(rows, rows):
        # Rounding must not make an image differ from itself.
        distances[np.arange(len(distances)), np.arange(part.start, part.stop)] = 0
        total += float(np.sqrt(distances).sum())
    return total / (n * (n - 1))


def diversity(
    real: NDArray[np.floating], generated: NDArray[np.floating], extractor: str
) -> Metric:
    """Mean pairwise distance of generated images over that of real ones; 1 is as diverse.

    Raises `EvaluationError` for fewer than 2 images; identical generated images are no error but
    the finding 0.
    """
    rows = checked_features(generated, "generated images")
    note = "mean pairwise distance, as a share of the real images'"
    if len(rows) >= _LEAST and (rows == rows[0]).all():
        return Metric(
            "diversity",
            f"Diversity ({extractor})",
            0.0,
            better="higher",
            note=f"{note}; all generated images have the same features",
        )
    first, second = checked_pair(real, generated, _LEAST, "diversity")
    value = mean_pairwise_distance(second) / mean_pairwise_distance(first)
    return Metric("diversity", f"Diversity ({extractor})", value, better="higher", note=note)
