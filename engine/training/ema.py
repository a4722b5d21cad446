"""Exponential moving average of the networks that draw samples (Karras et al. 2017, section 3)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor

from engine.gans.variant import Variant


class Ema:
    """A running average of a variant's sampling networks; ``decay`` 0 keeps none."""

    def __init__(self, variant: Variant, decay: float) -> None:
        self.decay = decay
        self.average: dict[str, Tensor] = (
            {name: tensor.detach().clone() for name, tensor in _state(variant)} if decay else {}
        )

    @torch.no_grad()
    def update(self, variant: Variant, step: int) -> None:
        """Move the average by what ``step`` changed; counters and other integers are copied."""
        if not self.average:
            return
        share = 1 - variant.ema_decay_at(self.decay, step)
        for name, tensor in _state(variant):
            if tensor.is_floating_point():
                self.average[name].lerp_(tensor, share)
            else:
                self.average[name].copy_(tensor)

    @contextlib.contextmanager
    def applied(self, variant: Variant) -> Iterator[None]:
        """Inside the block the variant samples with the average; afterwards as before."""
        if not self.average:
            yield
            return
        kept = {name: tensor.detach().clone() for name, tensor in _state(variant)}
        _overwrite(variant, self.average)
        try:
            yield
        finally:
            _overwrite(variant, kept)


def _state(variant: Variant) -> list[tuple[str, Tensor]]:
    networks = variant.networks()
    return [
        (f"{network}/{name}", tensor)
        for network in variant.sampling_networks()
        for name, tensor in networks[network].state_dict().items()
    ]


@torch.no_grad()
def _overwrite(variant: Variant, values: dict[str, Tensor]) -> None:
    for name, tensor in _state(variant):
        tensor.copy_(values[name])
