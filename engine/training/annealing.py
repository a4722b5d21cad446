"""Settings that change over a run."""

from __future__ import annotations

import math


def cosine(start: float, end: float, done: float) -> float:
    """From ``start`` at ``done`` 0 to ``end`` at 1, along half a cosine."""
    return end + (start - end) * (1 + math.cos(math.pi * done)) / 2
