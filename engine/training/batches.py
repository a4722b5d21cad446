"""The batches of a run: real images in the order of their step, and what ratings add to them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.cache import TrainingArrays
from engine.feedback.image_pool import ImagePool
from engine.feedback.signals import Signals
from engine.gans.batch import Batch, ExtraImages, LoadImages
from engine.training.config import TrainConfig
from engine.training.data_order import DataOrder
from engine.training.randomness import derived_seed
from engine.training.training_subset import subset_weights
from engine.training.updates import Processes


class Batches:
    """The share of one process in the batch of each step, on ``device``."""

    def __init__(
        self,
        data: TrainingArrays,
        config: TrainConfig,
        signals: Signals,
        processes: Processes,
        device: torch.device,
    ) -> None:
        self._data = data
        self._seed = config.seed
        self._signals = signals
        self._rank, self._world_size = processes.rank, processes.world_size
        self._device = device
        self._labels = torch.from_numpy(signals.labels(data))
        subset = subset_weights(data.groups, config.train_fraction, config.subset_seed)
        rated = signals.real_weights(data.record_ids)
        #: how often each row of the data is shown, float64 (N,); None for all alike
        self.row_weights = subset if rated is None else rated if subset is None else rated * subset
        self._order = DataOrder(len(data), config.batch_size, config.seed, self.row_weights)

    def at(self, step: int) -> Batch:
        """The batch of ``step``; images are read when it is asked for them."""
        rows = self._order.rows(step)
        total = len(rows)
        first, end = (total * number // self._world_size for number in (self._rank, self._rank + 1))
        mine = rows[first:end]

        def load(part: slice) -> Tensor:
            return torch.from_numpy(self._data.batch(mine[part])).to(self._device)

        return Batch(
            load,
            self._labels[mine].to(self._device),
            self._share(self._signals.negatives, step),
            seed=derived_seed(self._seed, "step", step),
            first=first,
            total=total,
            labelled=self._share(self._signals.labelled, step),
            emphasis=self._emphasis(mine),
        )

    def _share(self, pool: ImagePool | None, step: int) -> ExtraImages | None:
        if pool is None:
            return None
        return pool.drawn(step, self._device).part(self._rank, self._world_size)

    def _emphasis(self, rows: NDArray[np.int64]) -> LoadImages | None:
        marked = self._signals.emphasis
        if marked is None:
            return None
        names = [self._data.record_ids[row] for row in rows]
        return lambda part: marked.of(names[part]).to(self._device)
