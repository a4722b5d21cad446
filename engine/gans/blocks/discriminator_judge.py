"""A discriminator that maps whole images to one number each, for a critic to start from."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn


class DiscriminatorJudge(nn.Module):
    """A discriminator asked without a class; ``score`` makes one number of its answers."""

    def __init__(
        self, discriminator: nn.Module, unknown_class: int | None, score: Callable[[Tensor], Tensor]
    ) -> None:
        super().__init__()
        self.discriminator = discriminator
        self._unknown_class = unknown_class
        self._score = score

    def forward(self, images: Tensor) -> Tensor:
        """Scores (N,) of images (N, C, S, S)."""
        if self._unknown_class is None:
            answers = self.discriminator(images)
        else:
            rows = torch.full((len(images),), self._unknown_class, device=images.device)
            answers = self.discriminator(images, rows)
        return self._score(answers).reshape(len(images), -1).mean(dim=1)
