"""The multi-scale discriminator: D1 judges the reduced image, D2 the full one.

Uzunova et al. 2019, "Multi-scale GANs for memory-efficient generation of high resolution medical
images"; Wang et al. 2018 (pix2pixHD), section 3.2. D1 sees the global structure, D2 the detail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class MultiscaleDiscriminator(nn.Module):
    """Two discriminators made by ``make`` for half of ``size`` and for ``size`` pixels.

    Scores of both are stacked on a new axis 1, D1's first: (N,) each to (N, 2), (N, H) to
    (N, 2, H). D1's score maps are enlarged to D2's, so that a mean over scores weighs both alike.
    """

    def __init__(self, make: Callable[[int], nn.Module], size: int) -> None:
        super().__init__()
        self.coarse = make(size // 2)
        self.fine = make(size)

    def forward(self, images: Tensor, *conditions: Tensor) -> Tensor:
        """Scores of images (N, C, S, S); ``conditions`` go to both."""
        coarse = self.coarse(F.avg_pool2d(images, 2), *conditions)
        fine = self.fine(images, *conditions)
        if coarse.dim() == 4 and coarse.shape != fine.shape:
            coarse = F.interpolate(coarse, size=fine.shape[2:], mode="nearest")
        return torch.stack([coarse, fine], dim=1)


def discriminator_of(kind: str, make: Callable[[int], nn.Module], size: int) -> nn.Module:
    """The discriminator that ``kind`` ("own" or "multiscale") asks for, for ``size`` pixels."""
    return MultiscaleDiscriminator(make, size) if kind == "multiscale" else make(size)


def scales(scores: Tensor, discriminator: nn.Module) -> list[Tensor]:
    """The scores of each scale on its own, for losses that must not mix them."""
    if isinstance(discriminator, MultiscaleDiscriminator):
        return cast("list[Tensor]", list(scores.unbind(dim=1)))
    return [scores]
