"""What every metric returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Metric:
    """A value with what it is: ``label`` names metric and extractor.

    ``better`` tells which way is better, None where neither is. ``low`` and ``high`` bound an
    interval or a spread, which ``note`` explains together with whatever the reader must know
    (a regularised covariance, say).
    """

    name: str
    label: str
    value: float
    better: str | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""
