"""Weight normalisation: a layer learns the direction of each unit's weights, not their length.

Salimans, Kingma 2016, "Weight normalization", equation 2: w = g · v / ‖v‖.
"""

from __future__ import annotations

from typing import TypeVar, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

Layer = TypeVar("Layer", nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
_EPSILON = 1e-6


class WeightNorm(nn.Module):
    """v to g · v / ‖v‖, the norm over all but ``axis``; lengths g are fixed unless ``learned``."""

    def __init__(self, units: int, axis: int, length: float, learned: bool) -> None:
        super().__init__()
        self.axes = [other for other in range(4) if other != axis]
        self.length = length
        self.scale = nn.Parameter(torch.ones(units)) if learned else None

    def forward(self, v: Tensor) -> Tensor:
        """The weight, of the shape of ``v``."""
        axes = self.axes[: v.dim() - 1]
        weight = self.length * v / (v.square().sum(dim=axes, keepdim=True) + _EPSILON).sqrt()
        if self.scale is None:
            return weight
        return weight * self.scale.view([1 if axis in axes else -1 for axis in range(v.dim())])


def weight_normed(layer: Layer, length: float, *, learned: bool = False) -> Layer:
    """The layer with weights g · v / ‖v‖, one g for each output channel, at first ``length``."""
    transposed = isinstance(layer, nn.ConvTranspose2d)
    units = layer.out_features if isinstance(layer, nn.Linear) else layer.out_channels
    norm = WeightNorm(units, 1 if transposed else 0, length, learned)
    parametrize.register_parametrization(layer, "weight", norm, unsafe=True)
    return layer


def direction(layer: nn.Module) -> Tensor:
    """The parameter v of a weight-normed layer, or the weight of any other."""
    if parametrize.is_parametrized(layer, "weight"):
        parts = cast("nn.ModuleDict", layer.parametrizations)["weight"]
        return cast("Tensor", parts.original)
    return cast("Tensor", layer.weight)
