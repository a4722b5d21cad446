"""Disagreement: how far two networks' answers to the same image lie apart.

HI-GAN (Vo et al. 2020) trains one network for fidelity and one for texture; where they differ, the
texture is made up rather than seen. It is a distance, not a probability of error.
"""

from __future__ import annotations

from torch import Tensor

KIND = "disagreement"


def disagreement(first: Tensor, second: Tensor) -> Tensor:
    """|a − b| (N, H, W), mean over channels, of answers (N, C, H, W); in their unit."""
    return (first.float() - second.float()).abs().mean(dim=1)
