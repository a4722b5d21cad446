"""The dense U-Net of HI-GAN (Vo et al. 2020): three scales of residual dense blocks.

Residual dense blocks are those of Zhang et al. 2018 ("Residual dense network for image
super-resolution"). No normalisation; skips are added, not concatenated.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: dense layers in the blocks at 1/2, 1/4, 1/2 and full size, as published
PUBLISHED_LAYERS = (4, 10, 6, 4)


class DenseLayer(nn.Module):
    """Adds ``growth`` channels, made from all before them."""

    def __init__(self, channels: int, growth: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, growth, 3, padding=1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to (N, C + growth, H, W)."""
        return torch.cat([features, F.relu(self.convolution(features))], dim=1)


class ResidualDenseBlock(nn.Module):
    """Dense layers, brought back to the channels at the entry by 1 x 1, and added to the entry."""

    def __init__(self, channels: int, layers: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(
            *(DenseLayer(channels + number * growth, growth) for number in range(layers))
        )
        self.fusion = nn.Conv2d(channels + layers * growth, channels, 1, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape."""
        return cast("Tensor", features + self.fusion(self.dense(features)))


class DenseUNet(nn.Module):
    """(N, ``channels_in``, H, W) to (N, ``channels_out``, H, W); H and W multiples of 4.

    Published: ``width`` 64, doubled at each of two halvings, ``growth`` 32.
    """

    def __init__(
        self,
        channels_in: int,
        channels_out: int,
        width: int = 64,
        growth: int = 32,
        layers: tuple[int, int, int, int] = PUBLISHED_LAYERS,
    ) -> None:
        super().__init__()
        half, quarter, half_up, full_up = layers
        self.entry = nn.Sequential(
            nn.Conv2d(channels_in, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
        )
        self.down_half = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, padding=1),
            nn.ReLU(),
            ResidualDenseBlock(2 * width, half, growth),
        )
        self.down_quarter = nn.Sequential(
            nn.Conv2d(2 * width, 4 * width, 3, padding=1),
            nn.ReLU(),
            ResidualDenseBlock(4 * width, quarter, growth),
        )
        self.to_half = nn.ConvTranspose2d(4 * width, 2 * width, 2, stride=2)
        self.up_half = ResidualDenseBlock(2 * width, half_up, growth)
        self.to_full = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.up_full = ResidualDenseBlock(width, full_up, growth)
        self.exit = nn.Conv2d(width, channels_out, 1)

    def forward(self, images: Tensor) -> Tensor:
        """Values at full resolution, unbounded."""
        full = self.entry(images)
        half = self.down_half(F.avg_pool2d(full, 2))
        quarter = self.down_quarter(F.avg_pool2d(half, 2))
        half = self.up_half(half + self.to_half(quarter))
        return cast("Tensor", self.exit(self.up_full(full + self.to_full(half))))
