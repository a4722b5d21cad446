"""From a loss to an update: precision, gradients of parts, several processes, lack of memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Generic, Protocol, TypeVar, overload

import torch
from torch import Tensor
from torch.optim import Optimizer

from engine.errors import TrainingError
from engine.gans.batch import Batch
from engine.out_of_memory import is_out_of_memory

T = TypeVar("T")


class Processes(Protocol):
    """The processes that train one run together."""

    rank: int
    world_size: int
    #: where this process computes; None leaves it to the run's settings
    device: torch.device | None

    def sum(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor, in place, by its sum over all processes."""

    def highest(self, value: int) -> int:
        """The highest value that any process names; waits for all."""


class OneProcess:
    """A run that one process trains alone."""

    rank = 0
    world_size = 1
    device: torch.device | None = None

    def sum(self, tensors: Sequence[Tensor]) -> None:
        """Nothing to add."""

    def highest(self, value: int) -> int:
        """The one value there is."""
        return value


class Updates:
    """Minimises losses by their optimisers, in parts where memory is short.

    ``autocast`` gives the context that losses are computed in. ``parts`` is in how many the batch
    is divided; gradients are accumulated over them, so that an update stays that of the whole
    batch (but for batch statistics, which each part has of its own).
    """

    def __init__(
        self,
        autocast: Callable[[], AbstractContextManager[object]] = nullcontext,
        processes: Processes | None = None,
    ) -> None:
        self._autocast = autocast
        self._processes: Processes = processes or OneProcess()
        self.parts = 1

    @overload
    def minimise(
        self, optimiser: Optimizer, batch: Batch, loss: Callable[[Batch], Tensor]
    ) -> Tensor: ...

    @overload
    def minimise(
        self, optimiser: Optimizer, batch: Batch, loss: Callable[[Batch], dict[str, Tensor]]
    ) -> dict[str, Tensor]: ...

    def minimise(
        self,
        optimiser: Optimizer,
        batch: Batch,
        loss: Callable[[Batch], Tensor | dict[str, Tensor]],
    ) -> Tensor | dict[str, Tensor]:
        """One update; ``loss`` is a mean over the images of the batch, or part, that it is given.

        Where it returns several values, the one called "loss" is minimised and all are returned,
        detached, as means over the whole batch. Only the optimiser's own parameters get gradients.
        A batch that does not fit into memory is halved until it does; raises `TrainingError` when
        not even single images fit.
        """
        while True:
            try:
                terms = self._gradients(optimiser, batch, loss)
                break
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
                # The next try must come after this block: the error holds on to all tensors.
                self._halve(batch)
        optimiser.step()
        return terms if len(terms) > 1 else terms["loss"]

    def _gradients(
        self,
        optimiser: Optimizer,
        batch: Batch,
        loss: Callable[[Batch], Tensor | dict[str, Tensor]],
    ) -> dict[str, Tensor]:
        parameters = [p for group in optimiser.param_groups for p in group["params"]]
        optimiser.zero_grad(set_to_none=True)
        means: dict[str, Tensor] = {}
        for part in batch.parts(self.parts):
            with self._autocast():
                returned = loss(part)
            terms = {"loss": returned} if isinstance(returned, Tensor) else returned
            share = len(part) / batch.total
            torch.autograd.backward(terms["loss"] * share, inputs=parameters)
            for name, value in terms.items():
                mean = value.detach().float() * share
                means[name] = means[name] + mean if name in means else mean
        gradients = [p.grad for p in parameters if p.grad is not None]
        self._processes.sum([*gradients, *means.values()])
        return means

    def _halve(self, batch: Batch) -> None:
        if self._processes.world_size > 1 or self.parts >= len(batch):
            raise TrainingError(
                f"There is not enough memory for this run, even in {self.parts} parts of a batch "
                f"of {len(batch)}. Choose a smaller image size or network, or a smaller batch."
            ) from None
        self.parts = min(2 * self.parts, len(batch))
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


class Drawn(Generic[T]):
    """What G makes in a step, computed once for D's loss and G's where memory allows.

    Where the batch is divided, each part is drawn again for G: keeping the graphs of all parts
    would take the memory that dividing is to save.
    """

    def __init__(self, draw: Callable[[Batch], T]) -> None:
        self._draw = draw
        self._kept: tuple[Batch, T] | None = None

    def for_discriminator(self, part: Batch) -> T:
        """What G makes of ``part``; detach it before D judges it."""
        self._kept = None
        if part.divided:
            with torch.no_grad():
                return self._draw(part)
        drawn = self._draw(part)
        self._kept = (part, drawn)
        return drawn

    def for_generator(self, part: Batch) -> T:
        """The same with G's graph, for its own loss."""
        kept, self._kept = self._kept, None
        return kept[1] if kept is not None and kept[0] is part else self._draw(part)
