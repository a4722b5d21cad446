"""The mean of paired differences over seeds, with its t interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its two-sided 95 % interval; both ends are nan with a single seed."""

    mean: float
    low: float
    high: float
    n: int

    def in_points(self) -> str:
        """As percentage points: ``+12.3 (+8.1 to +16.5)``."""
        values = (100 * v for v in (self.mean, self.low, self.high))
        mean, low, high = (f"{v:+.1f}" for v in values)
        return mean if self.n < 2 else f"{mean} ({low} to {high})"


def paired_interval(after: Sequence[float], before: Sequence[float]) -> Interval:
    """Student's t interval of ``after − before``, both in the order of the seeds."""
    differences = np.subtract(after, before)
    n = len(differences)
    mean = float(differences.mean())
    if n < 2:
        return Interval(mean, float("nan"), float("nan"), n)
    half = float(stats.t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n))
    return Interval(mean, mean - half, mean + half, n)
