"""Kernel distance: the squared maximum mean discrepancy with a cubic polynomial kernel.

Bińkowski et al. 2018, "Demystifying MMD GANs" (KID with Inception-v3 features); the unbiased
estimator is equation 3 of Gretton et al. 2012, "A kernel two-sample test".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.features import checked_pair
from engine.evaluation.labels import distance_label
from engine.evaluation.metric import Metric

_LEAST = 10
_SUBSETS = 100
_SUBSET_SIZE = 1000


def polynomial_kernel(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(x·y / d + 1)³ for each pair of rows, (N, M)."""
    kernel: NDArray[np.float64] = (first @ second.T / first.shape[1] + 1.0) ** 3
    return kernel


def unbiased_mmd2(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """The unbiased estimate of MMD²; may be below 0. Rows are features, at least 2 on each side."""
    n, m = len(first), len(second)
    within_first = polynomial_kernel(first, first)
    within_second = polynomial_kernel(second, second)
    across = polynomial_kernel(first, second)
    return float(
        (within_first.sum() - np.trace(within_first)) / (n * (n - 1))
        + (within_second.sum() - np.trace(within_second)) / (m * (m - 1))
        - 2 * across.mean()
    )


def kernel_distance(
    real: NDArray[np.floating],
    generated: NDArray[np.floating],
    extractor: str,
    *,
    subsets: int = _SUBSETS,
    subset_size: int = _SUBSET_SIZE,
    seed: int = 0,
) -> Metric:
    """Mean of MMD² over random subsets, with their spread; unbiased, so near 0 for equal sets.

    Sets (N, d) and (M, d), each of at least 10 images. ``low`` and ``high`` are the mean minus and
    plus the standard deviation over subsets. Raises `EvaluationError`.
    """
    first, second = checked_pair(real, generated, _LEAST, "kernel distance")
    size = min(subset_size, len(first), len(second))
    rng = np.random.default_rng(seed)
    values = np.array(
        [
            unbiased_mmd2(
                first[rng.choice(len(first), size, replace=False)],
                second[rng.choice(len(second), size, replace=False)],
            )
            for _ in range(subsets)
        ]
    )
    mean, spread = float(values.mean()), float(values.std())
    return Metric(
        "kernel_distance",
        distance_label("kernel", extractor),
        mean,
        better="lower",
        low=mean - spread,
        high=mean + spread,
        note=f"mean ± SD over {subsets} subsets of {size}",
    )
