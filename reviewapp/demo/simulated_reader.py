"""A reader made of arithmetic: judges an image by its pixels alone, as a person would have to.

It knows nothing of the study's truth. It takes fine texture for a sign of a real image, which is
what small generators lack, and is as often wrong as that rule is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def texture(pixels: NDArray[np.uint8]) -> float:
    """Mean difference between neighbouring pixels over the image's own contrast, 0 if flat."""
    grey = pixels.astype(np.float64)
    if grey.ndim == 3:
        grey = grey.mean(axis=2)
    contrast = float(grey.std())
    if contrast == 0:
        return 0.0
    steps = np.abs(np.diff(grey, axis=0)).mean() + np.abs(np.diff(grey, axis=1)).mean()
    return float(steps / contrast)


class SimulatedReader:
    """Rates each image by how its texture ranks among those seen so far (grey and colour apart)."""

    def __init__(self) -> None:
        self._seen: dict[int, list[float]] = {}

    def confidence(self, pixels: NDArray[np.uint8]) -> int:
        """1 (definitely generated) to 6 (definitely real) for uint8 (H, W) or (H, W, 3)."""
        seen = self._seen.setdefault(pixels.ndim, [])
        value = texture(pixels)
        rank = sum(other < value for other in seen) + 0.5
        seen.append(value)
        return min(6, 1 + int(6 * rank / len(seen)))
