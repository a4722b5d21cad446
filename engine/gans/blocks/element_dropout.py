"""Dropout of single numbers, for dense layers and for pixels of an image."""

from __future__ import annotations

from torch import Tensor

from engine.gans.blocks.channel_dropout import ChannelDropout


class ElementDropout(ChannelDropout):
    """Drops each number on its own (Srivastava et al. 2014), only inside `dropping`."""

    def forward(self, features: Tensor) -> Tensor:
        """(N, …) to the same shape; kept numbers are scaled by 1/(1 − p)."""
        if self.draws is None or self.keep >= 1.0:
            return features
        kept = self.draws.uniform(*features.shape[1:]) < self.keep
        return features * kept.to(features.device, features.dtype) / self.keep
