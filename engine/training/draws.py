"""Random numbers for the rows of a batch, the same however the batch is divided.

Training draws for the whole batch and keeps the rows of its part, so that accumulated gradients and
several processes see what one undivided batch would. Sampling gives each row a generator of its
own, so that sample i does not depend on how many others are drawn.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor

from engine.training.randomness import derived_seed, generator


class Draws(ABC):
    """A stream of numbers for ``n`` rows; each call goes on where the last one ended."""

    @property
    @abstractmethod
    def n(self) -> int:
        """How many rows each draw has."""

    @abstractmethod
    def _rows(self, draw: Callable[[tuple[int, ...], torch.Generator], Tensor]) -> Tensor:
        """What ``draw`` makes of a leading shape and a generator, cut to the rows."""

    def normal(self, *shape: int) -> Tensor:
        """Standard normal numbers, float32 (n, *shape)."""
        return self._rows(lambda lead, g: torch.randn(*lead, *shape, generator=g, device=g.device))

    def uniform(self, *shape: int) -> Tensor:
        """Uniform numbers in [0, 1), float32 (n, *shape)."""
        return self._rows(lambda lead, g: torch.rand(*lead, *shape, generator=g, device=g.device))

    def integers(self, below: int, *shape: int) -> Tensor:
        """Integers in [0, below), int64 (n, *shape)."""
        return self._rows(
            lambda lead, g: torch.randint(below, (*lead, *shape), generator=g, device=g.device)
        )

    @abstractmethod
    def generators(self) -> list[torch.Generator]:
        """One CPU generator a row, for what must be drawn image by image."""


class BatchDraws(Draws):
    """Rows ``first`` … ``first + n - 1`` of a batch of ``total``, drawn on ``device``."""

    def __init__(
        self, seed: int, name: str, first: int, n: int, total: int, device: torch.device | str
    ) -> None:
        self._rng = generator(seed, name, device=device)
        self._first, self._n, self._total = first, n, total
        self._seed, self._name = seed, name

    @property
    def n(self) -> int:
        """Rows of this part."""
        return self._n

    def _rows(self, draw: Callable[[tuple[int, ...], torch.Generator], Tensor]) -> Tensor:
        return draw((self._total,), self._rng)[self._first : self._first + self._n]

    def generators(self) -> list[torch.Generator]:
        """One CPU generator a row, by its place in the undivided batch."""
        rows = range(self._first, self._first + self._n)
        return [generator(self._seed, self._name, row) for row in rows]


class SampleDraws(Draws):
    """Samples ``first`` … of the endless series that ``seed`` names, on the CPU for every device.

    With ``repeats`` each sample has that many rows in turn, each with numbers of its own.
    """

    def __init__(self, seed: int, name: str, first: int, n: int, repeats: int = 0) -> None:
        samples = range(first, first + n)
        self._rngs = (
            [generator(derived_seed(seed, name, i), k) for i in samples for k in range(repeats)]
            if repeats
            else [generator(seed, name, i) for i in samples]
        )

    @property
    def n(self) -> int:
        """Samples times repeats."""
        return len(self._rngs)

    def _rows(self, draw: Callable[[tuple[int, ...], torch.Generator], Tensor]) -> Tensor:
        return torch.cat([draw((1,), rng) for rng in self._rngs])

    def generators(self) -> list[torch.Generator]:
        """The generator of each row."""
        return self._rngs


def drawn_classes(seed: int, first: int, n: int, n_classes: int) -> Tensor:
    """Classes of samples ``first`` … of ``seed``, int64 (n,); -1 without classes."""
    if not n_classes:
        return torch.full((n,), -1)
    return torch.tensor(
        [derived_seed(seed, "class", i) % n_classes for i in range(first, first + n)]
    )
