"""The real images that a guard compares with: those a run trains on, and those it never sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.cache import TrainingArrays


@dataclass(frozen=True, slots=True)
class WatchedImages:
    """``rows`` of ``data``, int64, are trained on; ``unseen`` is None where there are no others."""

    data: TrainingArrays
    rows: NDArray[np.int64]
    unseen: TrainingArrays | None
