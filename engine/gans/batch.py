"""What a variant is handed: the real images of a training step, or the samples it is to draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from engine.training.draws import BatchDraws, Draws, SampleDraws

#: rows of a batch to their images, float32 (n, C, S, S) in [-1, 1], on the run's device
LoadImages = Callable[[slice], Tensor]


@dataclass(frozen=True, slots=True)
class Negatives:
    """Images that readers recognised as generated.

    ``images`` float32 (M, C, S, S) in [-1, 1], ``labels`` int64 (M,) or -1, ``weights`` float32
    (M,), each ≥ 0, how much each counts in D's loss beside the average image of a batch.
    """

    images: Tensor
    labels: Tensor
    weights: Tensor

    def part(self, number: int, parts: int) -> Negatives | None:
        """Every ``parts``-th image from ``number`` on; None where that leaves none."""
        if number >= len(self.weights):
            return None
        rows = slice(number, None, parts)
        return Negatives(self.images[rows], self.labels[rows], self.weights[rows])


class Batch:
    """Real images of one step, or a part of them, with the step's random numbers.

    ``labels`` int64 (B,), -1 where unknown. ``seed`` names the step's random numbers. A part knows
    its ``first`` row and the ``total`` of the undivided batch, over all processes. Images may be
    given as a tensor or as a function of the rows; then they are read when first asked for.
    """

    def __init__(
        self,
        images: Tensor | LoadImages,
        labels: Tensor,
        negatives: Negatives | None = None,
        *,
        seed: int = 0,
        first: int = 0,
        total: int | None = None,
        divided: bool = False,
    ) -> None:
        self._load = images.__getitem__ if isinstance(images, Tensor) else images
        self.labels = labels
        self.negatives = negatives
        self.seed = seed
        self.first = first
        self.total = len(labels) if total is None else total
        #: whether this is a part that gradients are accumulated over
        self.divided = divided

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def images(self) -> Tensor:
        """All images of the batch, float32 (B, C, S, S) in [-1, 1], on the run's device."""
        return self._load(slice(0, len(self)))

    def each(self, function: Callable[[Tensor], Tensor]) -> Tensor:
        """``function`` of each image (C, S, S), stacked; holds one whole image at a time."""
        return torch.stack(
            [function(self._load(slice(row, row + 1))[0]) for row in range(len(self))]
        )

    def draws(self, name: str) -> Draws:
        """The step's random numbers called ``name``; the same name gives the same numbers."""
        return BatchDraws(self.seed, name, self.first, len(self), self.total, self.labels.device)

    def parts(self, n: int) -> list[Batch]:
        """The batch in ``n`` parts of nearly equal size; one part is the batch itself."""
        if n == 1:
            return [self]
        bounds = [len(self) * number // n for number in range(n + 1)]
        return [self._part(number, n, bounds[number], bounds[number + 1]) for number in range(n)]

    def _part(self, number: int, parts: int, start: int, end: int) -> Batch:
        load = self._load
        return Batch(
            lambda rows: load(slice(start + rows.start, start + rows.stop)),
            self.labels[start:end],
            self.negatives.part(number, parts) if self.negatives else None,
            seed=self.seed,
            first=self.first + start,
            total=self.total,
            divided=True,
        )


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """Samples ``first`` … ``first + n - 1`` of the endless series that ``seed`` names.

    ``labels`` int64 (n,), -1 for any class; ``inputs`` float32 (n, C, S, S) are the real images
    that an image-to-image variant works on; ``maps`` tells whether uncertainty is asked for.
    """

    seed: int
    first: int
    labels: Tensor
    inputs: Tensor | None = None
    maps: bool = True

    @property
    def n(self) -> int:
        """How many samples."""
        return len(self.labels)

    def draws(self, name: str, repeats: int = 0) -> SampleDraws:
        """The random numbers called ``name``; with ``repeats``, that many rows for each sample."""
        return SampleDraws(self.seed, name, self.first, self.n, repeats)

    def part(self, start: int, end: int) -> SampleRequest:
        """Samples ``start`` … ``end - 1`` of this request."""
        return SampleRequest(
            self.seed,
            self.first + start,
            self.labels[start:end],
            None if self.inputs is None else self.inputs[start:end],
            self.maps,
        )
