"""Makes the worse image that an image-to-image variant learns to restore.

One channel is taken for MR and loses most of its k-space lines; three channels are taken for a
photograph and are blurred, reduced and made noisy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

#: fraction of k-space lines kept, and of those around the centre that are always kept
_LINES_KEPT = 0.35
_CENTRE_KEPT = 0.12
#: fundus: Gaussian blur in pixels at 64 px (grows with the size), reduction, noise SD on [-1, 1]
_BLUR_SIGMA = 0.8
_REDUCTION = 2
_NOISE_SD = 0.04


def degraded(images: Tensor, rngs: Sequence[torch.Generator]) -> Tensor:
    """A worse copy of each image: float32 (N, C, S, S) in [-1, 1] to the same.

    ``rngs`` holds one CPU generator an image, so that the result does not depend on the batch.
    """
    if images.shape[1] == 1:
        return undersampled_k_space(images, rngs)
    return blurred_and_noisy(images, rngs)


def undersampled_k_space(images: Tensor, rngs: Sequence[torch.Generator]) -> Tensor:
    """Cartesian undersampling: random phase-encoding lines are set to 0 (magnitude image)."""
    size = images.shape[-2]
    centre = max(2, round(size * _CENTRE_KEPT))
    others = max(1, round(size * _LINES_KEPT) - centre)
    first = (size - centre) // 2
    masks = []
    for rng in rngs:
        lines = torch.zeros(size)
        lines[first : first + centre] = 1
        lines[torch.randperm(size, generator=rng)[:others]] = 1
        masks.append(lines)
    mask = torch.stack(masks)[:, None, :, None].to(images.device)
    # Black is -1 to the network and no signal to the scanner.
    k_space = torch.fft.fftshift(torch.fft.fft2((images.float() + 1) / 2), dim=(-2, -1))
    signal: Tensor = torch.fft.ifft2(torch.fft.ifftshift(k_space * mask, dim=(-2, -1))).abs()
    return (signal * 2 - 1).clamp(-1, 1)


def blurred_and_noisy(images: Tensor, rngs: Sequence[torch.Generator]) -> Tensor:
    """Blur, lower resolution and noise, as of a photograph out of focus in dim light."""
    size = images.shape[-1]
    small = F.avg_pool2d(_gaussian_blur(images.float(), _BLUR_SIGMA * size / 64), _REDUCTION)
    enlarged = F.interpolate(small, size=(size, size), mode="bilinear", align_corners=False)
    noise = torch.stack([torch.randn(images.shape[1:], generator=rng) for rng in rngs])
    return (enlarged + _NOISE_SD * noise.to(images.device)).clamp(-1, 1)


def _gaussian_blur(images: Tensor, sigma: float) -> Tensor:
    radius = max(1, math.ceil(3 * sigma))
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float32, device=images.device)
    kernel = torch.exp(-offsets.square() / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(images.shape[1], 1, 1, -1)
    padded = F.pad(images, (radius, radius, radius, radius), mode="replicate")
    rows = F.conv2d(padded, kernel, groups=images.shape[1])
    return F.conv2d(rows, kernel.transpose(2, 3), groups=images.shape[1])
