"""Small alterations that hardly touch an opinion: place, mirroring, brightness, contrast.

Weaker than DiffAugment, whose cut-outs and strong colours would make images that a reader would
call generated. A critic is tuned on altered images and asked about altered ones, so that a
generator cannot please it by single pixels. Both mirrorings are there because a critic of some
hundred ratings otherwise learns them by heart; that it overlooks which way round an image is does
no harm, because the discriminator does not.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.training.draws import Draws

_SHIFT = 0.1
_CONTRAST = 0.15
_BRIGHTNESS = 0.1


def gently_altered(images: Tensor, draws: Draws) -> Tensor:
    """Images (N, C, S, S), each mirrored at random, moved by up to a tenth and slightly re-lit.

    ``draws`` has a row for each image; edges are repeated where an image moves in. Differentiable.
    """
    size = images.shape[-1]
    most = max(1, int(size * _SHIFT))
    start = draws.integers(2 * most + 1, 2).to(images.device)
    along = torch.arange(size, device=images.device)
    mirrored = draws.integers(2, 2).to(images.device).bool()[:, :, None]
    pixels = torch.where(mirrored, size - 1 - along, along)
    padded = F.pad(images, (most,) * 4, mode="replicate")
    channels = images.shape[1]
    rows = (start[:, :1] + pixels[:, 0])[:, None, :, None].expand(-1, channels, -1, size + 2 * most)
    columns = (start[:, 1:] + pixels[:, 1])[:, None, None, :].expand(-1, channels, size, -1)
    moved = padded.gather(2, rows).gather(3, columns)
    light = draws.uniform(2).to(images)[:, :, None, None, None] * 2 - 1
    contrast, brightness = light.unbind(dim=1)
    return moved * (1 + _CONTRAST * contrast) + _BRIGHTNESS * brightness
