"""Feature matching: drawn images shall excite the discriminator's layers as real ones do.

Salimans et al. 2016, "Improved techniques for training GANs", section 3.1: ‖E f(x) − E f(G(z))‖;
over several layers, and by L1, as Wang et al. 2018 (pix2pixHD), equation 4.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn

#: layers whose outputs are a discriminator's features
_ACTIVATIONS = (nn.LeakyReLU, nn.ReLU, nn.SiLU)


@contextlib.contextmanager
def recorded_activations(network: nn.Module) -> Iterator[list[Tensor]]:
    """Inside the block the list collects each activation's output, in the order of the calls."""
    found: list[Tensor] = []

    def keep(_layer: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        found.append(output)

    layers = [layer for layer in network.modules() if isinstance(layer, _ACTIVATIONS)]
    hooks = [layer.register_forward_hook(keep) for layer in layers]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def feature_matching_loss(
    discriminator: nn.Module, real: Tensor, drawn: Tensor, *conditions: Tensor
) -> Tensor:
    """Mean over layers of |E f(x) − E f(G(z))|, expectations over the batch; a scalar.

    ``real`` and ``drawn`` are (N, C, S, S); gradients reach ``drawn`` alone.
    """
    with torch.no_grad(), recorded_activations(discriminator) as wanted:
        discriminator(real, *conditions)
    with recorded_activations(discriminator) as found:
        discriminator(drawn, *conditions)
    return means_distance(wanted, found)


def means_distance(real: list[Tensor], drawn: list[Tensor]) -> Tensor:
    """Mean over layers of the L1 distance between the batch means of features (N, …)."""
    distances = [
        (a.float().mean(dim=0) - b.float().mean(dim=0)).abs().mean()
        for a, b in zip(real, drawn, strict=True)
    ]
    return torch.stack(distances).mean()
