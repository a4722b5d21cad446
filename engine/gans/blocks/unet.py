"""The U-Net of image-to-image variants (Ronneberger et al. 2015), without heads of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F

from engine.gans.blocks.channel_dropout import ChannelDropout
from engine.gans.blocks.enlarging_convolution import enlarging_convolution

_NORM_GROUPS = 8


class DoubleConvolution(nn.Sequential):
    """Two 3 x 3 convolutions, each with group norm and leaky ReLU.

    Group norm, not batch norm: an image's result must not depend on the others of its batch.
    """

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__(
            nn.Conv2d(channels_in, channels_out, 3, padding=1),
            nn.GroupNorm(_NORM_GROUPS, channels_out),
            nn.LeakyReLU(0.1, inplace=True),
            nn.Conv2d(channels_out, channels_out, 3, padding=1),
            nn.GroupNorm(_NORM_GROUPS, channels_out),
            nn.LeakyReLU(0.1, inplace=True),
        )


class UpConvolution(DoubleConvolution):
    """A double convolution of the map below, enlarged by 2, and the skip connection."""

    def forward(self, below: Tensor, skip: Tensor) -> Tensor:  # type: ignore[override]
        """(N, C, H, W) and (N, D, 2H, 2W) to (N, out, 2H, 2W)."""
        first, *others = self
        features = enlarging_convolution(cast("nn.Conv2d", first), below, skip)
        for layer in others:
            features = layer(features)
        return features


class UNet(nn.Module):
    """Encoder and decoder with skip connections: (N, C, H, W) to features (N, ``width``, H, W).

    ``width`` channels (a multiple of 8) at full resolution, doubled at each of ``depth`` halvings.
    H and W must be multiples of 2 to the ``depth``.
    """

    def __init__(self, channels_in: int, width: int, depth: int, dropout: float) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(depth + 1)]
        self.entry = DoubleConvolution(channels_in, width)
        self.down = nn.ModuleList(
            DoubleConvolution(above, below) for above, below in pairwise(widths)
        )
        self.up = nn.ModuleList(
            UpConvolution(below + above, above) for above, below in reversed(list(pairwise(widths)))
        )
        self.dropout = ChannelDropout(dropout)

    def forward(self, images: Tensor) -> Tensor:
        """Features at full resolution."""
        features = self.entry(images)
        skips = []
        for block in self.down:
            skips.append(features)
            features = self.dropout(block(F.avg_pool2d(features, 2)))
        for block in self.up:
            features = self.dropout(block(features, skips.pop()))
        return cast("Tensor", features)
