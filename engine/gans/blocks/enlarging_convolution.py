"""A 3 x 3 convolution of an enlarged map beside a skip connection, without enlarging the map.

Convolving what nearest-neighbour enlargement by 2 makes is a transposed convolution of the small
map, whose 4 x 4 kernel is the 3 x 3 kernel convolved with the 2 x 2 box of the enlargement (as in
Karras et al. 2018, StyleGAN's fused layers). It takes 4 products a pixel instead of 9, and neither
the enlarged map nor its concatenation with the skip is ever written.
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


def enlarging_convolution(convolution: nn.Conv2d, below: Tensor, skip: Tensor) -> Tensor:
    """``convolution``(concatenated(enlarged(``below``), ``skip``)), up to rounding.

    ``below`` (N, C, H, W) and ``skip`` (N, D, 2H, 2W) to (N, out, 2H, 2W); ``convolution`` has a
    3 x 3 kernel, padding 1, and C + D input channels.
    """
    weight, channels = convolution.weight, below.shape[1]
    coarse = F.conv_transpose2d(below, _with_box(weight[:, :channels]), stride=2, padding=1)
    return coarse + F.conv2d(skip, weight[:, channels:], convolution.bias, padding=1)


def _with_box(weight: Tensor) -> Tensor:
    """Kernels (out, in, 3, 3) of a convolution to (in, out, 4, 4) of the transposed one."""
    padded = F.pad(weight.flip(2, 3), (1, 1, 1, 1))
    columns = padded[..., :-1] + padded[..., 1:]
    return (columns[..., :-1, :] + columns[..., 1:, :]).transpose(0, 1)
