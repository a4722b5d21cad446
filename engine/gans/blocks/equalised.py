"""Equalised learning rate: weights are drawn from N(0, 1) and scaled each time they are used.

Karras et al. 2017, "Progressive growing of GANs", section 4.1: ŵ = w · c with He's constant
c = √(2 / fan-in). Adam's step does not depend on a gradient's scale, so that all weights learn at
the same speed, whatever their layer's size.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

#: He's gain for layers that a leaky ReLU follows; the last layers of G and D have gain 1
HE_GAIN = math.sqrt(2)


class _Equalised(nn.Module):
    """A weight of ``shape`` and, where wanted, a bias; ``scale`` is gain / √fan-in."""

    def __init__(self, shape: tuple[int, ...], gain: float, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.zeros(shape[0])) if bias else None
        self.scale = gain / math.sqrt(math.prod(shape[1:]))

    def draw_weights(self, rng: torch.Generator) -> None:
        """Weights from N(0, 1), biases 0; before, weights are whatever was in memory."""
        nn.init.normal_(self.weight, generator=rng)
        if self.bias is not None:
            nn.init.zeros_(self.bias)


class EqualisedConv2d(_Equalised):
    """A convolution (N, in, H, W) to (N, out, H, W): odd ``kernel``, stride 1, zero padding."""

    def __init__(
        self, channels_in: int, channels_out: int, kernel: int, gain: float = HE_GAIN
    ) -> None:
        super().__init__((channels_out, channels_in, kernel, kernel), gain)

    def forward(self, features: Tensor) -> Tensor:
        """Convolve with the scaled weights."""
        padding = self.weight.shape[-1] // 2
        return F.conv2d(features, self.weight * self.scale, self.bias, padding=padding)


class EqualisedLinear(_Equalised):
    """A dense layer (N, in) to (N, out)."""

    def __init__(
        self, features_in: int, features_out: int, gain: float = HE_GAIN, bias: bool = True
    ) -> None:
        super().__init__((features_out, features_in), gain, bias)

    def forward(self, features: Tensor) -> Tensor:
        """Multiply by the scaled weights."""
        return F.linear(features, self.weight * self.scale, self.bias)


def draw_equalised_weights(network: nn.Module, rng: torch.Generator) -> None:
    """Draw the weights of every equalised layer of ``network``, in order, from ``rng``."""
    for layer in network.modules():
        if isinstance(layer, _Equalised):
            layer.draw_weights(rng)
