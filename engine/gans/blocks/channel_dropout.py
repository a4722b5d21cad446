"""Dropout of whole channels whose draws come from generators that the caller holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn


class ChannelDropout(nn.Module):
    """Drops each channel with probability ``p``, only inside `dropping`; else the identity.

    Whole channels, because neighbouring pixels of a feature map are strongly correlated (Tompson
    et al. 2015). PyTorch's own dropout draws from the process's global generator, which other
    threads use too.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.keep = 1.0 - p
        self.rngs: Sequence[torch.Generator] = ()

    def forward(self, features: Tensor) -> Tensor:
        """(N, C, H, W) to the same shape; kept channels are scaled by 1/(1 − p)."""
        if not self.rngs or self.keep >= 1.0:
            return features
        n, channels = features.shape[:2]
        rows = n if len(self.rngs) == 1 else 1
        draws = torch.cat(
            [torch.rand((rows, channels, 1, 1), generator=g, device=g.device) for g in self.rngs]
        )
        kept = (draws < self.keep).to(features.device, features.dtype)
        return features * kept / self.keep


@contextlib.contextmanager
def dropping(network: nn.Module, rngs: Sequence[torch.Generator]) -> Iterator[None]:
    """Let the network's dropout drop: one generator for the batch, or one for each of its rows."""
    layers = [module for module in network.modules() if isinstance(module, ChannelDropout)]
    for layer in layers:
        layer.rngs = rngs
    try:
        yield
    finally:
        for layer in layers:
            layer.rngs = ()
