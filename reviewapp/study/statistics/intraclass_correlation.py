"""Intraclass correlation of confidence ratings, two-way model, single rater."""

from __future__ import annotations

from math import inf, isfinite
from typing import TYPE_CHECKING, NamedTuple

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def icc_agreement(ratings: ArrayLike, confidence: float = CONFIDENCE) -> Result:
    """ICC(2,1): absolute agreement of a random reader; ``ratings`` float (images, readers).

    Shrout & Fleiss 1979 (Psychological Bulletin 86:420); interval of McGraw & Wong 1996
    (Psychological Methods 1:30). Complete ratings only.
    """
    from scipy.stats import f

    squares = _two_way(ratings)
    if isinstance(squares, NotEstimable):
        return squares
    n, k, rows, columns, error = squares
    method = "ICC(2,1), absolute agreement"
    total = rows + (k - 1) * error + k * (columns - error) / n
    if total <= 1e-9 * error:
        return NotEstimable("The images' ratings do not differ, so there is nothing to correlate.")
    value = (rows - error) / total
    if error == 0:
        return Estimate(value, None, n, f"{method}; no interval: readers differ by a constant only")
    a = k * value / (n * (1 - value))
    b = 1 + a * (n - 1)
    spread = (a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1))
    mixed = k * columns + (k * n - k - n) * error
    tail = (1 - confidence) / 2
    df = (a * columns + b * error) ** 2 / spread if spread > 0 else 0.0
    up, down = (f.isf(tail, n - 1, df), f.isf(tail, df, n - 1)) if df > 0 else (inf, inf)
    if not (isfinite(up) and isfinite(down) and up * mixed + n * rows > 0):
        return Estimate(value, None, n, f"{method}; no interval: the images differ too little")
    lower = n * (rows - up * error) / (up * mixed + n * rows)
    upper = n * (down * rows - error) / (mixed + n * down * rows)
    return Estimate(value, (float(lower), float(upper)), n, f"{method}; McGraw–Wong interval")


def icc_consistency(ratings: ArrayLike, confidence: float = CONFIDENCE) -> Result:
    """ICC(3,1): consistency, where readers may differ by a constant; same source and shape."""
    from scipy.stats import f

    squares = _two_way(ratings)
    if isinstance(squares, NotEstimable):
        return squares
    n, k, rows, _, error = squares
    value = (rows - error) / (rows + (k - 1) * error)
    method = "ICC(3,1), consistency"
    if error == 0:
        return Estimate(value, None, n, f"{method}; no interval: readers differ by a constant only")
    ratio, tail = rows / error, (1 - confidence) / 2
    lower = ratio / f.isf(tail, n - 1, (n - 1) * (k - 1))
    upper = ratio * f.isf(tail, (n - 1) * (k - 1), n - 1)
    return Estimate(
        value,
        (float((lower - 1) / (lower + k - 1)), float((upper - 1) / (upper + k - 1))),
        n,
        f"{method}; F interval",
    )


class _MeanSquares(NamedTuple):
    n: int
    k: int
    rows: float
    columns: float
    error: float


def _two_way(ratings: ArrayLike) -> _MeanSquares | NotEstimable:
    import numpy as np

    table = np.asarray(ratings, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] < 2:
        return NotEstimable("At least two images rated by the same two readers are needed.")
    if not np.isfinite(table).all():
        return NotEstimable("Every reader must have rated every image for this correlation.")
    n, k = table.shape
    grand = table.mean()
    row_means, column_means = table.mean(axis=1), table.mean(axis=0)
    residuals = table - row_means[:, None] - column_means + grand
    rows = float(k * ((row_means - grand) ** 2).sum() / (n - 1))
    columns = float(n * ((column_means - grand) ** 2).sum() / (k - 1))
    error = float((residuals**2).sum() / ((n - 1) * (k - 1)))
    scatter = 1e-12 * max(1.0, float(np.abs(table).max()) ** 2)
    if rows < scatter and error < scatter:
        return NotEstimable("Every image got the same rating, so there is nothing to correlate.")
    return _MeanSquares(n, k, rows, columns, error if error >= scatter else 0.0)
