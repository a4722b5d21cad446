"""Dropout of whole channels whose draws come from numbers that the caller holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from torch import Tensor, nn

from engine.training.draws import Draws


class ChannelDropout(nn.Module):
    """Drops each channel with probability ``p``, only inside `dropping`; else the identity.

    Whole channels, because neighbouring pixels of a feature map are strongly correlated (Tompson
    et al. 2015). PyTorch's own dropout draws from the process's global generator, which other
    threads use too.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.keep = 1.0 - p
        self.draws: Draws | None = None

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape; kept channels are scaled by 1/(1 − p)."""
        if self.draws is None or self.keep >= 1.0:
            return features
        kept = self.draws.uniform(features.shape[1], 1, 1) < self.keep
        return features * (kept.to(features.device, features.dtype) / self.keep)


@contextlib.contextmanager
def dropping(networks: Iterable[nn.Module], draws: Draws) -> Iterator[None]:
    """Let the networks' dropout drop; ``draws`` has a row for each image they are shown."""
    layers = [
        layer
        for network in networks
        for layer in network.modules()
        if isinstance(layer, ChannelDropout)
    ]
    for layer in layers:
        layer.draws = draws
    try:
        yield
    finally:
        for layer in layers:
            layer.draws = None
