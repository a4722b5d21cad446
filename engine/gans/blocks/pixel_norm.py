"""Pixel-wise feature normalisation: Karras et al. 2017, "Progressive growing of GANs", section 4.2.

Each pixel's features are normalised by themselves: no other pixel or image has a say.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PixelNorm(nn.Module):
    """Features divided by their root mean square over channels, (x² mean + 1e-8)^½."""

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, …) to the same shape and dtype; the mean square is taken in float32."""
        mean_square = features.float().square().mean(dim=1, keepdim=True)
        return features * torch.rsqrt(mean_square + 1e-8).to(features.dtype)
