"""The discriminator of image-to-image variants, which judges patches (Isola et al. 2017)."""

from __future__ import annotations

from torch import nn


class PatchDiscriminator(nn.Sequential):
    """Images (N, C, H, W) to a map of scores (N, 1, H/8, W/8), each of a patch of 38 pixels."""

    def __init__(self, channels: int, ndf: int) -> None:
        super().__init__(
            nn.Conv2d(channels, ndf, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(ndf, 2 * ndf, 4, 2, 1),
            nn.InstanceNorm2d(2 * ndf),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * ndf, 4 * ndf, 4, 2, 1),
            nn.InstanceNorm2d(4 * ndf),
            nn.LeakyReLU(0.2),
            nn.Conv2d(4 * ndf, 1, 3, 1, 1),
        )
