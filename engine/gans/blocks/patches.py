"""Patches of images too large for one piece: cut with a margin, put together without seams.

A network without padding, whose result for a patch depends on no more than ``margin`` pixels around
it, gives each pixel the same value whatever patch it lies in: so patches fit exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

#: pixels of a low-resolution image beyond a cut that linear interpolation needs
_REACH = 1


def reduced(image: Tensor, size: int) -> Tensor:
    """An image (C, S, S) averaged down to (C, size, size); ``size`` divides S."""
    return F.avg_pool2d(image, image.shape[-1] // size)


def extended(low: Tensor, margin: int) -> Tensor:
    """Images (N, C, s, s) with their border pixels repeated, as far as `upscaled` will look."""
    around = margin // 2 + _REACH
    return F.pad(low, (around, around, around, around), mode="replicate")


def upscaled(low: Tensor, y: int, x: int, patch: int, margin: int) -> Tensor:
    """A patch of the images at twice the size, with ``margin`` pixels around it.

    ``low`` is `extended` by the same margin; ``y``, ``x``, ``patch`` and ``margin``, all even,
    count pixels at twice the size. Linear interpolation; (N, C, patch + 2 margin, …).
    """
    extent = (patch + 2 * margin) // 2 + 2 * _REACH
    cut = low[..., y // 2 : y // 2 + extent, x // 2 : x // 2 + extent]
    twice = F.interpolate(cut, scale_factor=2, mode="bilinear", align_corners=False)
    return without_margin(twice, 2 * _REACH)


def coordinates(
    y: int, x: int, patch: int, margin: int, size: int, device: torch.device | str
) -> Tensor:
    """Where the pixels of `upscaled` lie in an image of ``size``: (2, …), y and x.

    The image reaches from -1 to 1; the margin of a patch at its border lies beyond.
    """

    def axis(first: int) -> Tensor:
        pixels = torch.arange(first - margin, first + patch + margin, device=device)
        return (pixels + 0.5) * (2 / size) - 1

    return torch.stack(torch.meshgrid(axis(y), axis(x), indexing="ij"))


def without_margin(images: Tensor, margin: int) -> Tensor:
    """Images (…, H, W) less ``margin`` pixels on each side."""
    height, width = images.shape[-2:]
    return images[..., margin : height - margin, margin : width - margin]


def region_places(regions: Tensor, uniform: Tensor, size: int, patch: int) -> list[tuple[int, int]]:
    """Where to cut a patch of each image of ``size``: around a pixel of its region, y and x even.

    ``regions`` (N, 1, S, S) ≥ 0 say how likely each pixel is; without any all are. ``uniform``
    (N,) in [0, 1) chooses.
    """
    here = F.adaptive_avg_pool2d(regions, size).flatten(1).double()
    here = torch.where(here.sum(dim=1, keepdim=True) > 0, here, torch.ones_like(here))
    cumulative = here.cumsum(dim=1)
    # Just below 1, also where rounding made it 1: the last pixel may be outside the region.
    sought = uniform.to(cumulative).clamp_max(1 - 1e-9)[:, None] * cumulative[:, -1:]
    pixels = torch.searchsorted(cumulative, sought, right=True)[:, 0]
    centres = torch.stack([pixels // size, pixels % size], dim=1)
    first = (centres - patch // 2).clamp(0, size - patch) // 2 * 2
    return [(int(y), int(x)) for y, x in first.tolist()]


def stitched(part: Callable[[int, int], Tensor], size: int, patch: int) -> Tensor:
    """Images (N, C, size, size) put together from ``part(y, x)``, (N, C, patch, patch) each.

    Patches are asked for one at a time; ``patch`` divides ``size``.
    """
    first = part(0, 0)
    whole = first.new_empty(*first.shape[:2], size, size)
    for y in range(0, size, patch):
        for x in range(0, size, patch):
            piece = first if y == x == 0 else part(y, x)
            whole[..., y : y + patch, x : x + patch] = piece
    return whole
