"""Pixel norm: each pixel's feature vector is brought to unit mean square.

Karras et al. 2017, "Progressive growing of GANs", section 4.2: b = a / √(mean over channels of a²
+ ε). It keeps G's signals from escalating; of a latent (N, L) it makes a point on the hypersphere.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_EPSILON = 1e-8


def pixel_norm(features: Tensor) -> Tensor:
    """(N, C, …) to the same shape and dtype, normalised over axis 1; the mean is in float32."""
    mean_square = features.float().square().mean(dim=1, keepdim=True)
    return features * torch.rsqrt(mean_square + _EPSILON).to(features.dtype)


class PixelNorm(nn.Module):
    """`pixel_norm` as a layer."""

    def forward(self, features: Tensor) -> Tensor:
        """Same shape."""
        return pixel_norm(features)
