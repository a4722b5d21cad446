"""Whether D knows its training images by heart: how it judges them beside unseen real ones.

Karras et al. 2020, "Training generative adversarial networks with limited data", section 3 and
equation 1: r_v = (E[D_train] − E[D_validation]) / (E[D_train] − E[D_generated]).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Overfitting:
    """How D judges real images it trains on and real ones it has never seen.

    The accuracies are the shares of them that D ranks above the median drawn image, which is
    comparable over losses. ``ratio`` is r_v, NaN where D tells training from drawn images no more.
    """

    accuracy_training: float
    accuracy_unseen: float
    ratio: float


def overfitting(training: Tensor, unseen: Tensor, drawn: Tensor) -> Overfitting:
    """From D's scores, each (N,), the higher the more real."""
    middle = drawn.median()
    gap = float(training.mean() - drawn.mean())
    ratio = float(training.mean() - unseen.mean()) / gap if gap > 0 else math.nan
    return Overfitting(
        accuracy_training=float((training > middle).float().mean()),
        accuracy_unseen=float((unseen > middle).float().mean()),
        ratio=ratio,
    )


@contextlib.contextmanager
def listening(network: nn.Module) -> Iterator[list[Tensor]]:
    """A list that every output of ``network`` inside the block is added to, detached."""
    heard: list[Tensor] = []
    handle = network.register_forward_hook(
        lambda module, inputs, output: heard.append(output.detach().float())  # noqa: ARG005
    )
    try:
        yield heard
    finally:
        handle.remove()


def judged(
    training: list[Tensor], unseen: list[Tensor], realness: Callable[[Tensor], Tensor]
) -> Overfitting | None:
    """What D's loss shows of overfitting, from all of D's outputs on two real batches.

    Both batches have the same random numbers and classes, so that D's outputs for drawn images are
    alike in both, and those for real ones are not. None where there are no such two kinds: D's
    loss then depends on the real images in other ways, as where D judges refinements of them.
    """
    real = drawn = None
    for first, second in zip(training, unseen, strict=False):
        same = first.shape == second.shape and torch.equal(first, second)
        if same and drawn is None:
            drawn = realness(first)
        elif not same and real is None:
            real = realness(first), realness(second)
    if real is None or drawn is None:
        return None
    return overfitting(*real, drawn)
