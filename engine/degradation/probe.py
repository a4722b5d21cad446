"""A look at the losses that a variant's step would minimise, without taking the step.

Every variant hands its losses to `Updates.minimise` as functions of a batch. A `Probe` stands in
for the updates, is shown each of them, and changes nothing; so one piece of code serves all
variants.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from engine.gans.batch import Batch
from engine.gans.variant import Variant
from engine.training.updates import Updates

Loss = Callable[[Batch], Tensor]
#: name of the trained network, its loss as a function of a batch
Look = Callable[[str, Loss], None]


class Probe(Updates):
    """Shows each loss of a step to ``look`` instead of minimising it."""

    def __init__(self, variant: Variant, look: Look) -> None:
        super().__init__()
        self._names = {id(each): name for name, each in variant.optimisers().items()}
        self._look = look

    def minimise(self, optimiser: Optimizer, batch: Batch, loss: Callable[[Batch], Any]) -> Any:
        """Look at ``loss``; returns its values on ``batch`` as an update would."""
        values: dict[str, Tensor] = {}

        def scalar(part: Batch) -> Tensor:
            returned = loss(part)
            terms = {"loss": returned} if isinstance(returned, Tensor) else returned
            values.update({name: value.detach().float() for name, value in terms.items()})
            found: Tensor = terms["loss"].float()
            return found

        self._look(self._names[id(optimiser)], scalar)
        if not values:
            scalar(batch)
        return values if len(values) > 1 else values["loss"]


def probe(variant: Variant, batch: Batch, step: int, look: Look) -> None:
    """Show ``look`` every loss that ``step`` minimises on ``batch``, in the order of the step.

    Losses are those of the networks as they are: none is updated in between. Whatever the step
    changes besides – running statistics, levels of detail, learning rates – is as before
    afterwards, also after an error.
    """
    updates = variant.updates
    with unchanged(variant):
        variant.updates = Probe(variant, look)
        try:
            variant.step(batch, step)
        finally:
            variant.updates = updates


@contextlib.contextmanager
def unchanged(variant: Variant) -> Iterator[None]:
    """After the block, buffers, modes and optimisers of a variant are what they were before it.

    Parameters are not copied: nothing but an update may change them.
    """
    networks = variant.networks().values()
    buffers = [(b, b.detach().clone()) for network in networks for b in network.buffers()]
    modes = [(module, module.training) for network in networks for module in network.modules()]
    optimisers = [
        (optimiser, dict(optimiser.state), [dict(group) for group in optimiser.param_groups])
        for optimiser in variant.optimisers().values()
    ]
    try:
        yield
    finally:
        with torch.no_grad():
            for buffer, kept in buffers:
                buffer.copy_(kept)
        for module, training in modes:
            module.training = training
        for optimiser, state, groups in optimisers:
            optimiser.state.clear()
            optimiser.state.update(state)
            for group, settings in zip(optimiser.param_groups, groups, strict=True):
                group.update(settings)
