"""DCGAN's initial weights (Radford et al. 2015, section 4), which later convolutional GANs kept."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_SD = 0.02


def draw_normal_weights(network: nn.Module, rng: torch.Generator) -> None:
    """N(0, 0.02) for convolutions and embeddings, N(1, 0.02) for batch norm's scale, biases 0."""
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Embedding)):
            nn.init.normal_(layer.weight, 0.0, _SD, generator=rng)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1.0, _SD, generator=rng)
        if isinstance(bias := getattr(layer, "bias", None), Tensor):
            nn.init.zeros_(bias)
