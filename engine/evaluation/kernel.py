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
_BLOCK_BYTES = 8 * 2**20

#: rows of both sets
_Subsets = tuple[NDArray[np.int64], NDArray[np.int64]]


def polynomial_kernel(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(x·y / d + 1)³ for each pair of rows, (N, M)."""
    base: NDArray[np.float64] = first @ second.T
    base /= first.shape[1]
    base += 1
    # NumPy's power with exponent 3 takes many times as long as two products.
    return base * base * base


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
    pairs = [
        (
            rng.choice(len(first), size, replace=False),
            rng.choice(len(second), size, replace=False),
        )
        for _ in range(subsets)
    ]
    if max(len(first), len(second)) ** 2 <= subsets * size**2:
        values = _from_one_kernel(first, second, pairs)
    else:
        values = np.array([unbiased_mmd2(first[rows], second[others]) for rows, others in pairs])
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


def _from_one_kernel(
    first: NDArray[np.float64], second: NDArray[np.float64], pairs: list[_Subsets]
) -> NDArray[np.float64]:
    """`unbiased_mmd2` of each pair of subsets, from kernels that all of them share."""
    size = len(pairs[0][0])
    chosen_first = _membership(len(first), [rows for rows, _ in pairs])
    chosen_second = _membership(len(second), [rows for _, rows in pairs])
    within = [
        _sums(x, x, chosen, chosen) - ((x * x).mean(axis=1) + 1) ** 3 @ chosen
        for x, chosen in ((first, chosen_first), (second, chosen_second))
    ]
    across = _sums(first, second, chosen_first, chosen_second)
    values: NDArray[np.float64]
    values = (within[0] + within[1]) / (size * (size - 1)) - 2 * across / size**2
    return values


def _membership(n: int, subsets: list[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Which of ``n`` rows are in which subset, 0 or 1, (n, subsets)."""
    chosen = np.zeros((n, len(subsets)))
    for number, rows in enumerate(subsets):
        chosen[rows, number] = 1
    return chosen


def _sums(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    chosen_first: NDArray[np.float64],
    chosen_second: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The kernel summed over each subset's pairs, by blocks of rows, (subsets,)."""
    total = np.zeros(chosen_first.shape[1])
    height = max(1, _BLOCK_BYTES // (8 * len(second)))
    for start in range(0, len(first), height):
        rows = slice(start, start + height)
        part = polynomial_kernel(first[rows], second) @ chosen_second
        total += (chosen_first[rows] * part).sum(axis=0)
    return total
