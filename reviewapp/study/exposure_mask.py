"""The pattern that takes a timed image's place, so that no after-image of it can be studied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def exposure_mask(
    size_px: int, seed: int, trial_index: int, channels: Literal[1, 3] = 1
) -> NDArray[np.uint8]:
    """Noise at every scale from a pixel to half the image, over all grey levels.

    uint8 (size_px, size_px), or (size_px, size_px, 3) for three channels. It depends on the study's
    ``seed`` and the trial alone, so it says nothing of the image that it covers; the next trial has
    another one, so that nobody learns to look through it.
    """
    import numpy as np

    rng = np.random.default_rng([seed % 2**63, trial_index])
    shape = (size_px, size_px, channels)
    total = np.zeros(shape)
    block = 1
    while block <= size_px // 2:
        cells = -(-size_px // block)
        coarse = rng.standard_normal((cells, cells, channels))
        total += np.repeat(np.repeat(coarse, block, 0), block, 1)[:size_px, :size_px]
        block *= 2
    # By rank, so that every grey level is as frequent as any other.
    ranks = total.reshape(-1, channels).argsort(axis=0).argsort(axis=0)
    levels = (ranks * 256 // (size_px * size_px)).astype(np.uint8).reshape(shape)
    return levels[..., 0] if channels == 1 else levels
