"""Precision, recall, density and coverage by nearest neighbours.

Kynkäänniemi et al. 2019, "Improved precision and recall metric" and Naeem et al. 2020, "Reliable
fidelity and diversity metrics for generative models" (equations 3–6; reference package ``prdc``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.distances import squared_distance_blocks
from engine.evaluation.features import checked_pair
from engine.evaluation.metric import Metric

NEIGHBOURS = 5


def prdc(
    real: NDArray[np.floating],
    generated: NDArray[np.floating],
    extractor: str,
    *,
    neighbours: int = NEIGHBOURS,
) -> tuple[Metric, Metric, Metric, Metric]:
    """Precision, recall, density, coverage of sets (N, d) and (M, d), each of > ``neighbours``.

    Precision is the share of generated images inside the real manifold (the union of balls around
    real images that reach to their k-th real neighbour), recall that of real images inside the
    generated one, density counts the balls around each generated image (over k), and coverage is
    the share of real balls that hold a generated image. Distances are computed by blocks of rows,
    so that memory grows with N and M, not with their product. Raises `EvaluationError`.
    """
    first, second = checked_pair(real, generated, neighbours + 1, "precision and recall")
    centre = first.mean(axis=0)
    first, second = first - centre, second - centre
    real_radii = neighbour_radii(first, neighbours)
    generated_radii = neighbour_radii(second, neighbours)
    inside = np.zeros(len(second), dtype=np.int64)
    recalled = np.zeros(len(first), dtype=bool)
    covered = np.zeros(len(first), dtype=bool)
    for rows, distances in squared_distance_blocks(first, second):
        radii = real_radii[rows, None]
        held = distances < radii
        inside += held.sum(axis=0)
        covered[rows] = distances.min(axis=1) < real_radii[rows]
        recalled[rows] = (distances < generated_radii).any(axis=1)
    values = {
        "precision": float((inside > 0).mean()),
        "recall": float(recalled.mean()),
        "density": float(inside.mean() / neighbours),
        "coverage": float(covered.mean()),
    }
    note = f"{neighbours} neighbours, {len(first)} real and {len(second)} generated images"
    precision, recall, density, coverage = (
        Metric(name, f"{name.capitalize()} ({extractor})", value, better="higher", note=note)
        for name, value in values.items()
    )
    return precision, recall, density, coverage


def neighbour_radii(features: NDArray[np.float64], neighbours: int) -> NDArray[np.float64]:
    """Squared distance of each row to its k-th nearest other row, float64 (N,)."""
    radii = np.empty(len(features))
    for rows, distances in squared_distance_blocks(features, features):
        # The row itself is the nearest, at distance 0 whatever rounding makes of it.
        distances[np.arange(len(distances)), np.arange(rows.start, rows.stop)] = -1.0
        radii[rows] = np.partition(distances, neighbours, axis=1)[:, neighbours]
    return radii
