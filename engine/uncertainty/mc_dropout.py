"""Epistemic uncertainty: the spread of the answer over networks drawn by dropout.

Gal and Ghahramani 2016, "Dropout as a Bayesian approximation"; the total variance is the variance
of the means plus the mean of the predicted variances (Kendall and Gal 2017, eq. 9).
"""

from __future__ import annotations

from torch import Tensor

KIND = "epistemic"


def split_passes(values: Tensor, passes: int) -> Tensor:
    """(N · passes, …) whose rows are each image's passes in turn, to (N, passes, …)."""
    return values.reshape(values.shape[0] // passes, passes, *values.shape[1:])


def variance_over_passes(means: Tensor) -> Tensor:
    """Variance (N, H, W) over passes, mean over channels, of means (N, passes, C, H, W).

    With one pass there is no spread to see, and the variance is 0.
    """
    return means.var(dim=1, correction=0).mean(dim=1)
