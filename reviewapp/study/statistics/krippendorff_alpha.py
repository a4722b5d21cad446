"""Krippendorff's α: agreement of any number of readers, with missing ratings."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Literal

from reviewapp.study.statistics.bootstrap import RESAMPLES, case_weights, percentile_estimate
from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: how far two values differ: not at all or wholly, by rank, or by their squared difference
Level = Literal["nominal", "ordinal", "interval"]


def krippendorff_alpha(
    ratings: Sequence[Sequence[float | None]],
    level: Level,
    confidence: float = CONFIDENCE,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Result:
    """Krippendorff's α (2019, Content Analysis, chapter 12); ratings (readers, images).

    None or NaN where a reader skipped an image; images with fewer than two ratings tell nothing and
    are left out. Interval by bootstrap over images. Raises `ValueError` for rows of unequal length.
    """
    import numpy as np

    if len({len(row) for row in ratings}) > 1:
        raise ValueError("Every reader must have an entry for every image.")
    by_image = [
        [value for value in column if value is not None and not isnan(value)]
        for column in zip(*ratings, strict=True)
    ]
    units = [values for values in by_image if len(values) > 1]
    if not units:
        return NotEstimable("No image has been rated by two readers.")
    scale = sorted({value for values in units for value in values})
    index = {value: i for i, value in enumerate(scale)}
    counts = np.zeros((len(units), len(scale)))
    for unit, values in enumerate(units):
        for value in values:
            counts[unit, index[value]] += 1
    coincidences = _coincidences(counts)
    n = len(units)
    value = float(_alpha(np.ones((1, n)), coincidences, np.array(scale), level)[0])
    if not np.isfinite(value):
        return NotEstimable(
            "All readers gave every image the same rating, so agreement cannot be told from chance."
        )
    if n < 2:
        return Estimate(value, None, n, "Krippendorff's α; no interval: a single image")
    weights = case_weights(np.random.default_rng(seed), n, resamples)
    drawn = _alpha(weights, coincidences, np.array(scale), level)
    return percentile_estimate(value, drawn, n, f"of images, seed {seed}", confidence)


def _coincidences(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(units, k, k): pairs of values within a unit, over the unit's ratings less one."""
    import numpy as np

    pairs: NDArray[np.float64] = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(counts.shape[1])
    pairs[:, diagonal, diagonal] -= counts
    pairs /= (counts.sum(axis=1) - 1)[:, None, None]
    return pairs


def _alpha(
    weights: NDArray[np.float64],
    coincidences: NDArray[np.float64],
    scale: NDArray[np.float64],
    level: Level,
) -> NDArray[np.float64]:
    """α for each row of unit weights (b, units); NaN where only one value is left."""
    import numpy as np

    k = len(scale)
    observed = (weights @ coincidences.reshape(len(coincidences), -1)).reshape(-1, k, k)
    totals = observed.sum(axis=2)
    n = totals.sum(axis=1)
    difference = _squared_differences(totals, scale, level)
    disagreement = (observed * difference).sum(axis=(1, 2))
    expected = (totals[:, :, None] * totals[:, None, :] * difference).sum(axis=(1, 2)) / (n - 1)
    defined = expected > 1e-12
    alpha = np.full(len(weights), np.nan)
    alpha[defined] = 1 - disagreement[defined] / expected[defined]
    return alpha


def _squared_differences(
    totals: NDArray[np.float64], scale: NDArray[np.float64], level: Level
) -> NDArray[np.float64]:
    """δ² of every pair of values, (b, k, k) or (1, k, k)."""
    import numpy as np

    if level == "nominal":
        return 1 - np.eye(len(scale))[None]
    if level == "interval":
        return np.subtract.outer(scale, scale)[None] ** 2
    # Ordinal: the ratings between two values, half of the outer ones counted.
    middle = np.cumsum(totals, axis=1) - totals / 2
    difference: NDArray[np.float64] = (middle[:, :, None] - middle[:, None, :]) ** 2
    return difference
