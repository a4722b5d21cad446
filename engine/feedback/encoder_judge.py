"""The data set's encoder as the start of a realism critic, where no discriminator can be one."""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn

from engine.evaluation.encoder import DatasetEncoder


class EncoderJudge(nn.Module):
    """The data set's encoder with a linear layer that starts at 0."""

    def __init__(self, encoder: DatasetEncoder) -> None:
        super().__init__()
        self.network = encoder.network
        self._encoder = encoder
        self.score = nn.Linear(encoder.dim, 1)
        nn.init.zeros_(self.score.weight)
        nn.init.zeros_(self.score.bias)

    def forward(self, images: Tensor) -> Tensor:
        """Scores (N,) of images (N, C, S, S) of any size."""
        features = self.network(self._encoder.fitted(images))
        return cast("Tensor", self.score(features)[:, 0])
