"""Grey values of MR, which have no unit, brought to the range that networks use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

#: what lies between these percentiles is mapped linearly, the rest is clipped
LOW_PERCENTILE, HIGH_PERCENTILE = 0.5, 99.5


def rescale_intensity(voxels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Map the 0.5 to 99.5 percentile of all voxels to [-1, 1], linearly, and clip the rest.

    Raises `DataError` where both percentiles are the same.
    """
    low, high = np.percentile(voxels, [LOW_PERCENTILE, HIGH_PERCENTILE])
    if not high > low:
        raise DataError("the volume shows nothing: (almost) all voxels have the same value")
    scaled: NDArray[np.float32] = (voxels - np.float32(low)) * np.float32(2 / (high - low)) - 1
    return np.clip(scaled, -1, 1, out=scaled)
