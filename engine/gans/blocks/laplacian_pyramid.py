"""The Laplacian pyramid: an image as a coarse one and, for each doubling, what that misses.

Burt, Adelson 1983, "The Laplacian pyramid as a compact image code", with the binomial kernel
(1, 4, 6, 4, 1) / 16 along each axis (their a = 0.375). Borders are reflected.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

KERNEL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)
_REACH = len(KERNEL) // 2


def blurred(images: Tensor) -> Tensor:
    """Images (N, C, H, W), H and W above 2, convolved with the kernel along both axes."""
    height, width = images.shape[-2:]
    around = F.pad(images, (_REACH, _REACH, _REACH, _REACH), mode="reflect")
    rows = sum(w * around[..., i : i + height, :] for i, w in enumerate(KERNEL))
    assert isinstance(rows, Tensor)
    columns = sum(w * rows[..., i : i + width] for i, w in enumerate(KERNEL))
    assert isinstance(columns, Tensor)
    return columns


def reduced(images: Tensor) -> Tensor:
    """d(I): blurred, then every second pixel; (N, C, H, W) to (N, C, H/2, W/2)."""
    return blurred(images)[..., ::2, ::2]


def expanded(images: Tensor) -> Tensor:
    """u(I): zeros between the pixels, then blurred; (N, C, H, W) to (N, C, 2H, 2W)."""
    height, width = images.shape[-2:]
    spread = images.new_zeros(*images.shape[:2], 2 * height, 2 * width)
    spread[..., ::2, ::2] = images
    return 4 * blurred(spread)


def reduced_to(images: Tensor, size: int) -> Tensor:
    """Images (N, C, S, S) reduced until they have ``size`` pixels along each side."""
    while images.shape[-1] > size:
        images = reduced(images)
    return images


def laplacian_pyramid(images: Tensor, levels: int) -> list[Tensor]:
    """The coarsest image I_K, then h_k = I_k − u(I_{k+1}) for k = K − 1 … 0; K = ``levels``."""
    residuals: list[Tensor] = []
    for _ in range(levels):
        coarse = reduced(images)
        residuals.append(images - expanded(coarse))
        images = coarse
    return [images, *reversed(residuals)]


def reconstructed(pyramid: list[Tensor]) -> Tensor:
    """The image of a `laplacian_pyramid`: I_k = u(I_{k+1}) + h_k."""
    image, *residuals = pyramid
    for residual in residuals:
        image = expanded(image) + residual
    return image


def pyramid_sizes(size: int, coarsest: int) -> list[int]:
    """Sizes from ``coarsest`` to ``size``, each twice the one before."""
    sizes = [coarsest]
    while sizes[-1] < size:
        sizes.append(2 * sizes[-1])
    return sizes
