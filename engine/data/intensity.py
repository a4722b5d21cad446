"""Grey values of MR, which have no unit, brought to the range that networks use."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError

#: what lies between these percentiles is mapped linearly, the rest is clipped
LOW_PERCENTILE, HIGH_PERCENTILE = 0.5, 99.5


def intensity_range(voxels: NDArray[np.float32]) -> tuple[float, float]:
    """The grey values that `rescale_intensity` maps to -1 and 1.

    Raises `DataError` where both are the same.
    """
    low, high = np.percentile(voxels, [LOW_PERCENTILE, HIGH_PERCENTILE])
    if not high > low:
        raise DataError("the volume shows nothing: (almost) all voxels have the same value")
    return float(low), float(high)


def rescale_intensity(
    voxels: NDArray[np.float32], span: tuple[float, float] | None = None
) -> NDArray[np.float32]:
    """Map the 0.5 to 99.5 percentile of all voxels to [-1, 1], linearly, and clip the rest.

    ``span`` holds both where they are known. Raises `DataError` where they are the same.
    """
    low, high = intensity_range(voxels) if span is None else span
    scaled: NDArray[np.float32] = (voxels - np.float32(low)) * np.float32(2 / (high - low)) - 1
    return np.clip(scaled, -1, 1, out=scaled)
