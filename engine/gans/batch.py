"""What a variant is handed: the real images of a training step, or the samples it is to draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from engine.losses.recognised import recognised_loss, region_loss
from engine.training.draws import BatchDraws, Draws, SampleDraws

#: rows of a batch to their images, float32 (n, C, S, S) in [-1, 1], on the run's device
LoadImages = Callable[[slice], Tensor]


class ExtraImages:
    """Images that a step sees beside its batch, because specialists rated or named them.

    ``images`` float32 (M, C, S, S) in [-1, 1], ``labels`` int64 (M,) or -1, ``weights`` float32
    (M,), each ≥ 0, how much each counts in D's loss beside the average image of a batch.
    ``regions`` float32 (M, 1, S, S) in [0, 1] are what readers marked in them, which counts by
    ``region_weights`` (M,); None where marks are not used. A part knows its ``first`` row and the
    ``total`` over all parts.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        weights: Tensor,
        *,
        regions: Tensor | None = None,
        region_weights: Tensor | None = None,
        seed: int = 0,
        first: int = 0,
        total: int | None = None,
    ) -> None:
        self.images = images
        self.labels = labels
        self.weights = weights
        self.regions = regions
        self.region_weights = region_weights
        self.seed = seed
        self.first = first
        self.total = len(weights) if total is None else total

    def __len__(self) -> int:
        return len(self.weights)

    def draws(self, name: str) -> Draws:
        """Random numbers called ``name`` for these images; see `Batch.draws`."""
        return BatchDraws(self.seed, name, self.first, len(self), self.total, self.labels.device)

    def each(self, function: Callable[[Tensor], Tensor]) -> Tensor:
        """``function`` of each image (C, S, S), stacked."""
        return torch.stack([function(image) for image in self.images])

    def part(self, number: int, parts: int) -> ExtraImages | None:
        """One of ``parts`` of nearly equal size; None where it has no image."""
        start, end = (len(self) * bound // parts for bound in (number, number + 1))
        if start == end:
            return None
        return ExtraImages(
            self.images[start:end],
            self.labels[start:end],
            self.weights[start:end],
            regions=None if self.regions is None else self.regions[start:end],
            region_weights=None if self.region_weights is None else self.region_weights[start:end],
            seed=self.seed,
            first=self.first + start,
            total=self.total,
        )


class Batch:
    """Real images of one step, or a part of them, with the step's random numbers.

    ``labels`` int64 (B,), -1 where unknown. ``seed`` names the step's random numbers. A part knows
    its ``first`` row and the ``total`` of the undivided batch, over all processes. Images may be
    given as a tensor or as a function of the rows; then they are read when first asked for.
    ``negatives`` were recognised as generated, ``labelled`` are generated images that specialists
    named the class of; ``emphasis``, a function of the rows too, gives float32 (n, 1, S, S) ≥ 1:
    how much each pixel counts where specialists marked what restoring gets wrong.
    """

    def __init__(
        self,
        images: Tensor | LoadImages,
        labels: Tensor,
        negatives: ExtraImages | None = None,
        *,
        seed: int = 0,
        first: int = 0,
        total: int | None = None,
        divided: bool = False,
        labelled: ExtraImages | None = None,
        emphasis: LoadImages | None = None,
    ) -> None:
        self._load = images.__getitem__ if isinstance(images, Tensor) else images
        self.labels = labels
        self.negatives = negatives
        self.labelled = labelled
        self._emphasis = emphasis
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

    def emphasised(self, pixels: Tensor) -> Tensor:
        """Weights of the images' pixels (N, C, S, S), more where specialists marked."""
        if self._emphasis is None:
            return pixels
        return pixels * self._emphasis(slice(0, len(self)))

    def each(self, function: Callable[[Tensor], Tensor]) -> Tensor:
        """``function`` of each image (C, S, S), stacked; holds one whole image at a time."""
        return torch.stack(
            [function(self._load(slice(row, row + 1))[0]) for row in range(len(self))]
        )

    def draws(self, name: str) -> Draws:
        """The step's random numbers called ``name``; the same name gives the same numbers."""
        return BatchDraws(self.seed, name, self.first, len(self), self.total, self.labels.device)

    def with_recognised(self, loss: Tensor, judged: Callable[[ExtraImages], Tensor]) -> Tensor:
        """D's ``loss`` of this batch, and that of images which readers recognised.

        ``judged`` gives D's loss of each of them, (M,), or by scale and by patch: (M, …, h, w).
        """
        shown = self.negatives
        if shown is None:
            return loss
        each = judged(shown)
        loss = loss + recognised_loss(each, shown.weights, len(self))
        if shown.regions is not None and shown.region_weights is not None:
            loss = loss + region_loss(each, shown.regions, shown.region_weights, len(self))
        return loss

    def parts(self, n: int) -> list[Batch]:
        """The batch in ``n`` parts of nearly equal size; one part is the batch itself."""
        if n == 1:
            return [self]
        bounds = [len(self) * number // n for number in range(n + 1)]
        return [self._part(number, n, bounds[number], bounds[number + 1]) for number in range(n)]

    def half(self) -> Batch:
        """Every process's first half as a batch of its own, for what need not see all images.

        It has the random numbers of a batch of that size, and not what ratings add to the step.
        """
        first, end = (place // 2 for place in (self.first, self.first + len(self)))
        if first == end:
            return self
        rows = slice(0, end - first)
        return Batch(
            self._load,
            self.labels[rows],
            seed=self.seed,
            first=first,
            total=max(1, self.total // 2),
        )

    def _part(self, number: int, parts: int, start: int, end: int) -> Batch:
        def of_part(load: LoadImages) -> LoadImages:
            return lambda rows: load(slice(start + rows.start, start + rows.stop))

        return Batch(
            of_part(self._load),
            self.labels[start:end],
            self.negatives.part(number, parts) if self.negatives else None,
            labelled=self.labelled.part(number, parts) if self.labelled else None,
            emphasis=of_part(self._emphasis) if self._emphasis else None,
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
