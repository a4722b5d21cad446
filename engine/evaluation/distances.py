"""Squared Euclidean distances between many rows, in blocks of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_BLOCK_BYTES = 8 * 2**20


def squared_distance_blocks(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Blocks of ‖x − y‖² for x in rows of ``first`` (N, d), y in all of ``second`` (M, d).

    Yields the rows and their distances (rows, M), ≥ 0; a block takes at most 8 MiB (or one row).
    By matrix products; rows should lie around 0, or rounding costs digits.
    """
    height = max(1, _BLOCK_BYTES // (8 * len(second)))
    norms = np.einsum("ij,ij->i", second, second)
    for start in range(0, len(first), height):
        rows = slice(start, min(start + height, len(first)))
        block = first[rows]
        distances = block @ second.T
        distances *= -2
        distances += np.einsum("ij,ij->i", block, block)[:, None]
        distances += norms
        np.maximum(distances, 0, out=distances)
        yield rows, distances


def nearest(
    first: NDArray[np.float64], second: NDArray[np.float64], *, itself: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The nearest row of ``second`` for each of ``first``: indices and distances, both (N,).

    ``itself`` says that both are the same rows, of which none is its own neighbour.
    """
    indices = np.empty(len(first), dtype=np.int64)
    values = np.empty(len(first))
    for rows, distances in squared_distance_blocks(first, second):
        if itself:
            distances[np.arange(len(distances)), np.arange(rows.start, rows.stop)] = np.inf
        best = distances.argmin(axis=1)
        indices[rows] = best
        # Computed anew: the product's rounding shows where two rows are all but equal.
        values[rows] = np.linalg.norm(first[rows] - second[best], axis=1)
    return indices, values
