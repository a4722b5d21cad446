"""Training on a part of the data: whole patients, the smaller parts inside the larger ones."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.training.randomness import derived_seed


def subset_weights(groups: Sequence[str], fraction: float, seed: int) -> NDArray[np.float64] | None:
    """How often each row comes in an epoch, 1 or 0, float64 (N,); None for all rows.

    ``groups`` names the patient (or single image) of each row. A ``fraction`` in (0, 1] of them,
    at least one, is chosen by ``seed`` alone, never by their order; for one seed a smaller
    fraction's groups are among a larger one's.
    """
    if fraction >= 1:
        return None
    names = sorted(set(groups), key=lambda name: (derived_seed(seed, "subset", name), name))
    # Rounded first: 0.1 * 30 must be 3 groups, not 4.
    chosen = set(names[: max(1, math.ceil(round(fraction * len(names), 9)))])
    return np.array([group in chosen for group in groups], dtype=np.float64)
