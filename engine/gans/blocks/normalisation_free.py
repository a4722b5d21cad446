"""Residual blocks that need no normalisation, because their weights start at the right scale.

Huang et al. 2024, "The GAN is dead; long live the GAN!", section 4: inverted bottlenecks with a
grouped convolution (ResNeXt, Xie et al. 2017), started as in Fixup (Zhang et al. 2019).
"""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: negative slope of every leaky ReLU, and the gain that keeps variances through one
SLOPE = 0.2
GAIN = math.sqrt(2 / (1 + SLOPE**2))
#: channels inside a block for each one outside, and in each group of its 3 x 3 convolution
EXPANSION = 2
GROUP_WIDTH = 16
_CONVOLUTIONS = 3


class ScaledConvolution(nn.Conv2d):
    """A convolution of the same size whose weights start as N(0, gain² / fan-in)."""

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        kernel: int = 1,
        *,
        groups: int = 1,
        bias: bool = False,
        gain: float = 1.0,
    ) -> None:
        super().__init__(
            channels_in, channels_out, kernel, padding=kernel // 2, groups=groups, bias=bias
        )
        self.gain = gain


class ResidualBlock(nn.Module):
    """x + 1 x 1 → grouped 3 x 3 → 1 x 1, each pair with a biased leaky ReLU between.

    ``channels`` must be a multiple of 8. ``depth`` is how many blocks the network has: weights
    start smaller the more there are, by depth^(−1/(2m − 2)) for m = 3 convolutions, and the last
    convolution starts at 0, so that the block starts as the identity.
    """

    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        wide = EXPANSION * channels
        gain = GAIN * depth ** (-1 / (2 * _CONVOLUTIONS - 2))
        self.layers = nn.Sequential(
            ScaledConvolution(channels, wide, bias=True, gain=gain),
            nn.LeakyReLU(SLOPE),
            ScaledConvolution(wide, wide, 3, groups=wide // GROUP_WIDTH, bias=True, gain=gain),
            nn.LeakyReLU(SLOPE),
            ScaledConvolution(wide, channels, gain=0.0),
        )

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        return cast("Tensor", features + self.layers(features))


def enlarged(features: Tensor) -> Tensor:
    """Twice the height and width, by bilinear interpolation."""
    return F.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)


def reduced(features: Tensor) -> Tensor:
    """Half the height and width, by the same filter (1, 3, 3, 1)/8 along each axis."""
    # In float32: torch has no half-precision kernel for it on the CPU.
    smaller = F.interpolate(
        features.float(), scale_factor=0.5, mode="bilinear", align_corners=False, antialias=True
    )
    return smaller.to(features.dtype)


@torch.no_grad()
def initialise_scaled(network: nn.Module, rng: torch.Generator) -> None:
    """Draw the weights of every `ScaledConvolution` in ``network``; biases start at 0."""
    for layer in network.modules():
        if isinstance(layer, ScaledConvolution):
            fan_in = layer.weight[0].numel()
            nn.init.normal_(layer.weight, 0.0, layer.gain / math.sqrt(fan_in), generator=rng)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
