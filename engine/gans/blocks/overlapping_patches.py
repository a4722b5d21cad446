"""Patches that overlap by half, for networks that see one patch at a time, and their blending.

Each pixel lies in four patches. Their answers are averaged with the weights of a window that falls
to the patches' borders, sin² along each axis, and whose shifts by half a patch add up to 1: so no
border shows, and each pixel's value comes mostly from the patch it lies in the middle of.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F


def window(patch: int) -> Tensor:
    """Weights (patch, patch) of a patch's pixels: sin²(π (i + ½) / patch) along each axis."""
    axis = torch.sin(math.pi * (torch.arange(patch) + 0.5) / patch).square()
    return torch.outer(axis, axis)


def covering_patches(images: Tensor, patch: int) -> Tensor:
    """Patches (N, L, C · patch²) whose windows add up to 1 on all of (N, C, H, W).

    H and W are multiples of half a patch; the image goes on beyond its border by reflection.
    """
    half = patch // 2
    around = F.pad(images, (half, half, half, half), mode="reflect")
    return F.unfold(around, patch, stride=half).transpose(1, 2)


def blended(patches: Tensor, size: int, patch: int) -> Tensor:
    """Images float32 (N, C, size, size) of answers (N, L, C · patch²) to `covering_patches`."""
    half = patch // 2
    channels = patches.shape[-1] // patch**2
    weights = window(patch).to(patches.device).flatten().repeat(channels)
    around = size + 2 * half
    whole = F.fold((weights * patches.float()).transpose(1, 2), around, patch, stride=half)
    return whole[..., half : half + size, half : half + size]


def inner_patches(images: Tensor, patch: int) -> Tensor:
    """Patches (N, h, w, C · patch²) within images (N, C, H, W), half a patch apart."""
    half = patch // 2
    h, w = (extent // half - 1 for extent in images.shape[-2:])
    return torch.unflatten(F.unfold(images, patch, stride=half).transpose(1, 2), 1, (h, w))
