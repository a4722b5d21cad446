"""The generated images that readers recognised, as a few weighted negatives for each step."""

from __future__ import annotations

import numpy as np
import torch

from engine.feedback.rated_images import rated_image
from engine.feedback.reweighting import Reweighting
from engine.gans.batch import Negatives
from engine.training.randomness import generator
from engine.workspace import Workspace


class NegativeImages:
    """Holds a snapshot's recognised images at ``size`` px and draws from them, seeded by step.

    Raises `DataError` when an image is no longer in the library.
    """

    def __init__(
        self, workspace: Workspace, feedback: Reweighting, *, size: int, at_most: int, seed: int
    ) -> None:
        self._seed = seed
        self._at_most = at_most
        self._weights = np.array([weight for _, weight in feedback.negatives], dtype=np.float32)
        images = [rated_image(workspace, key, size) for key, _ in feedback.negatives]
        self._images = np.stack(images) if images else None

    def drawn(self, step: int, device: torch.device) -> Negatives | None:
        """Up to ``at_most`` images for ``step``; None where readers recognised none."""
        if self._images is None:
            return None
        rng = generator(self._seed, "negatives", step)
        rows = torch.randperm(len(self._images), generator=rng)[: self._at_most].numpy()
        return Negatives(
            torch.from_numpy(self._images[rows]).to(device),
            torch.full((len(rows),), -1, device=device),
            torch.from_numpy(self._weights[rows]).to(device),
        )
