"""DiffAugment: what D judges, real and drawn alike, is altered at random and differentiably.

Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN training", section 3.2, with
all three kinds: colour, translation, cutout. With few images D soon knows each by heart; it does
not when it never sees one twice alike. Both of D's inputs and G's pass through it, so that G is
not taught to draw the alterations. Any variant can use it by one line before its D:
``images = diff_augment(images, part.draws("augment real"))``.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.training.draws import Draws

#: largest translation and side of the cutout, as fractions of the image's side
_TRANSLATION = 1 / 8
_CUTOUT = 1 / 2


def diff_augment(images: Tensor, draws: Draws, p: float = 1.0) -> Tensor:
    """Images (N, C, S, S), each altered by each kind with probability ``p``; the same shape.

    ``draws`` has a row for each image. Grey levels can leave [-1, 1]; what moves in or is cut out
    is 0, mid-grey. One channel has no saturation to change. Differentiable twice by ``images``, so
    that gradients can be penalised through it.
    """
    if p <= 0:
        return images
    for alter in (_brightness, _saturation, _contrast, _translation, _cutout):
        chosen = draws.uniform(1, 1, 1).to(images.device) < p
        images = torch.where(chosen, alter(images, draws), images)
    return images


def _brightness(images: Tensor, draws: Draws) -> Tensor:
    """Plus −0.5 … 0.5."""
    return images + (draws.uniform(1, 1, 1).to(images) - 0.5)


def _saturation(images: Tensor, draws: Draws) -> Tensor:
    """Distance of each channel from the pixel's mean times 0 … 2."""
    factor = draws.uniform(1, 1, 1).to(images) * 2
    grey = images.mean(dim=1, keepdim=True)
    return grey + (images - grey) * factor


def _contrast(images: Tensor, draws: Draws) -> Tensor:
    """Distance from the image's mean times 0.5 … 1.5."""
    factor = draws.uniform(1, 1, 1).to(images) + 0.5
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (images - mean) * factor


def _translation(images: Tensor, draws: Draws) -> Tensor:
    """Moved by up to an eighth of the side along both axes."""
    channels, size = images.shape[1], images.shape[-1]
    most = int(size * _TRANSLATION)
    start = draws.integers(2 * most + 1, 2).to(images.device)
    pixels = torch.arange(size, device=images.device)
    rows = (start[:, :1] + pixels)[:, None, :, None].expand(-1, channels, -1, size + 2 * most)
    columns = (start[:, 1:] + pixels)[:, None, None, :].expand(-1, channels, size, -1)
    return F.pad(images, (most,) * 4).gather(2, rows).gather(3, columns)


def _cutout(images: Tensor, draws: Draws) -> Tensor:
    """Without a square of half the side, whose centre may lie anywhere."""
    size = images.shape[-1]
    side = int(size * _CUTOUT)
    start = draws.integers(size + 1 - side % 2, 2).to(images.device) - side // 2
    pixels = torch.arange(size, device=images.device)
    inside = (pixels >= start[..., None]) & (pixels < start[..., None] + side)
    cut = inside[:, 0, :, None] & inside[:, 1, None, :]
    return images * ~cut[:, None]
