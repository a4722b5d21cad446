"""Progressive growing: the level of detail that a network has reached, and its schedule.

Karras et al. 2017, "Progressive growing of GANs", section 2 and figure 2. The level of detail (lod,
as in the published code) counts the doublings of the size that are still missing; its fraction is
the weight of the old path while new layers fade in. It is kept as an integer, in `LOD_UNIT`, so
that an average of networks does not blur it.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: one doubling of the size
LOD_UNIT = 2**20


class Growing(nn.Module):
    """A network that knows its level of detail, so that a checkpoint samples as it trained."""

    lod: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("lod", torch.zeros((), dtype=torch.int64))

    def phase(self) -> tuple[int, float]:
        """Doublings that are missing, and the weight of the old path while a size fades in."""
        missing, rest = divmod(int(self.lod.item()), LOD_UNIT)
        return missing, rest / LOD_UNIT


def set_lod(network: nn.Module, lod: int) -> None:
    """Bring every growing part of ``network`` to the level of detail ``lod``."""
    for part in network.modules():
        if isinstance(part, Growing):
            part.lod.fill_(lod)


def lod_after(shown: int, total: int, doublings: int, growing: float, fading: float) -> int:
    """Level of detail after ``shown`` of a run's ``total`` images.

    All ``doublings`` are done after the share ``growing`` of the images. Each takes as many: first
    the size reached so far is stabilised, then over the last share ``fading`` the next fades in.
    """
    done = shown * doublings / (growing * total)
    faded = max(0.0, done % 1 - (1 - fading)) / fading
    return max(0, round((doublings - math.floor(done) - faded) * LOD_UNIT))


def layers_in_use(lod: int) -> tuple[int, int]:
    """Which sizes' layers work at a level of detail: two while one fades in, else one twice."""
    return lod // LOD_UNIT, -(-lod // LOD_UNIT)


def enlarged(images: Tensor, factor: int = 2) -> Tensor:
    """Nearest neighbours, the paper's way up."""
    return F.interpolate(images, scale_factor=float(factor), mode="nearest")


def reduced(images: Tensor, missing: int, old: float) -> Tensor:
    """Real images (N, C, S, S) at the size of a network in this phase, faded in as G's are."""
    if missing:
        images = F.avg_pool2d(images, 2**missing)
    if old:
        images = torch.lerp(images, enlarged(F.avg_pool2d(images, 2)), old)
    return images
