"""Which images each step sees: seeded permutations that follow from the step's number alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.training.randomness import derived_seed


class DataOrder:
    """Rows of the training data, epoch after epoch, each epoch in an order of its own.

    ``weights`` float64 (N,), 1 for the usual, say how often a row comes in an epoch; a fraction is
    kept by chance, once for the whole run. Rows of weight 1 come exactly once, so that weights of 1
    give the same order as no weights.
    """

    def __init__(
        self, n: int, batch_size: int, seed: int, weights: NDArray[np.float64] | None = None
    ) -> None:
        self._batch_size = batch_size
        self._seed = seed
        times = np.ones(n, dtype=np.int64)
        if weights is not None:
            chance = np.random.default_rng(derived_seed(seed, "weights")).random(n)
            times = np.floor(weights + chance).astype(np.int64)
        self._rows = np.repeat(np.arange(n), times)
        self._epoch = -1
        self._order = self._rows

    def rows(self, step: int) -> NDArray[np.int64]:
        """The rows of ``step``, int64 (batch_size,); a batch may span two epochs."""
        first = step * self._batch_size
        positions = range(first, first + self._batch_size)
        return np.array([self._row(position) for position in positions], dtype=np.int64)

    def _row(self, position: int) -> int:
        epoch, place = divmod(position, len(self._rows))
        if epoch != self._epoch:
            rng = np.random.default_rng(derived_seed(self._seed, "epoch", epoch))
            self._order = rng.permutation(self._rows)
            self._epoch = epoch
        return int(self._order[place])
