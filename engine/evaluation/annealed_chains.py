"""Chains of latents that are annealed between prior and posterior, and the weights they gather.

Neal 2001, "Annealed importance sampling"; the schedule and the transitions are those of Wu, Burda,
Salakhutdinov, Grosse 2017. Step sizes are tuned on chains of their own and then held, so that the
weights stay unbiased.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from engine.errors import EvaluationError
from engine.evaluation.gaussian_observation import GaussianObservation
from engine.evaluation.hmc import Move, Position, transition
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.training.randomness import generator

#: how fast the logarithm of a step size follows the acceptance while it is tuned
_TUNING_RATE = 0.1


class AisConfig(BaseModel):
    """How carefully the log-likelihood is estimated.

    ``intermediates`` distributions lie between prior and posterior; ``chains`` are run for each
    image and another quarter as many to tune step sizes towards ``target_acceptance`` (Neal 2011
    gives 0.65 as the best). ``steepness`` is of the sigmoidal schedule; 4 as in the paper's code.
    Each step size is scattered by ``jitter`` of itself, so that no chain runs in circles.
    ``rows_at_once`` chains of different images are moved together; it bounds the memory.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intermediates: int = Field(default=500, ge=2, le=100_000)
    chains: int = Field(default=16, ge=1, le=4096)
    leapfrog_steps: int = Field(default=10, ge=1, le=1000)
    steepness: float = Field(default=4.0, gt=0, le=50)
    target_acceptance: float = Field(default=0.65, gt=0, lt=1)
    first_step_size: float = Field(default=0.3, gt=0, le=10)
    jitter: float = Field(default=0.2, ge=0, lt=1)
    rows_at_once: int = Field(default=256, ge=1)

    @property
    def tuning_chains(self) -> int:
        """Chains an image whose only use is to find step sizes."""
        return -(-self.chains // 4)

    @property
    def images_at_once(self) -> int:
        """Images whose chains are moved together."""
        return max(1, self.rows_at_once // self.chains)


@dataclass(frozen=True, slots=True)
class AnnealedWeights:
    """Log-weights float64 (N, chains); transitions ``accepted`` of those ``proposed``."""

    values: Tensor
    accepted: int
    proposed: int


@dataclass(slots=True)
class AnnealingProgress:
    """Counts transitions over all chunks; each `step` looks at the wish to cancel."""

    total: int
    item: str
    progress: ProgressReport = ignore_progress
    cancelled: CancelCheck = never_cancelled
    done: int = field(default=0, init=False)

    def step(self) -> None:
        """One more transition of some chains."""
        raise_if_cancelled(self.cancelled)
        self.progress(self.done, self.total, self.item)
        self.done += 1


def sigmoidal_schedule(intermediates: int, steepness: float = 4.0) -> NDArray[np.float64]:
    """β from 0 to 1, float64 (intermediates + 2,), densest at both ends, as in Wu et al."""
    t = np.linspace(-steepness, steepness, intermediates + 2)
    sigmoid = 1 / (1 + np.exp(-t))
    betas: NDArray[np.float64] = (sigmoid - sigmoid[0]) / (sigmoid[-1] - sigmoid[0])
    return betas


def tuned_step_sizes(
    model: GaussianObservation,
    betas: NDArray[np.float64],
    config: AisConfig,
    rngs: list[torch.Generator],
    told: AnnealingProgress,
) -> Tensor:
    """A step size for each inner β and image, float64 (len(betas) - 2, N).

    Found on chains that go from prior to posterior once and are then dropped.
    """
    position = Position.at(prior_latents(model, rngs), model.value_and_gradient)
    step = torch.full_like(position.log_likelihood[: model.n_images], config.first_step_size)
    found = []
    for beta in betas[1:-1]:
        told.step()
        found.append(step)
        move = _moved(model, position, float(beta), step, config, rngs)
        position = move.position
        acceptance = move.probability.view(model.n_images, -1).mean(dim=1)
        step = step * torch.exp(_TUNING_RATE * (acceptance - config.target_acceptance))
    return torch.stack(found)


def annealed_weights(
    model: GaussianObservation,
    start: Position,
    betas: NDArray[np.float64],
    step_sizes: Tensor,
    config: AisConfig,
    rngs: list[torch.Generator],
    told: AnnealingProgress,
) -> AnnealedWeights:
    """Log-weights of chains that start in equilibrium at the first β and end at the last one.

    E[w] is the ratio of the last normalising constant to the first: p(x) from prior to posterior,
    1 / p(x) from posterior to prior. ``step_sizes`` (len(betas) - 2, N) are those of the inner βs.
    """
    position, accepted = start, 0
    log_weights = torch.zeros_like(start.log_likelihood)
    for number, (before, beta) in enumerate(itertools.pairwise(betas)):
        log_weights = log_weights + float(beta - before) * position.log_likelihood
        if number == len(step_sizes):
            break
        told.step()
        move = _moved(model, position, float(beta), step_sizes[number], config, rngs)
        position = move.position
        accepted += int(move.accepted.sum())
    if not torch.isfinite(log_weights).all():
        raise EvaluationError(
            "The generator gives images that are not numbers for some latents, so it has no "
            "likelihood. Evaluate an earlier checkpoint."
        )
    return AnnealedWeights(
        log_weights.view(model.n_images, -1), accepted, len(step_sizes) * len(log_weights)
    )


def _moved(
    model: GaussianObservation,
    position: Position,
    beta: float,
    step: Tensor,
    config: AisConfig,
    rngs: list[torch.Generator],
) -> Move:
    z = position.z
    scatter = 1 + config.jitter * (2 * rowwise(rngs, model.chains, torch.rand).to(z.device) - 1)
    return transition(
        position,
        model.value_and_gradient,
        beta=beta,
        step_size=step.repeat_interleave(model.chains) * scatter,
        leapfrog_steps=config.leapfrog_steps,
        momentum=rowwise(rngs, model.chains, torch.randn, z.shape[1]).to(z),
        uniform=rowwise(rngs, model.chains, torch.rand).to(z.device),
    )


def prior_latents(model: GaussianObservation, rngs: list[torch.Generator]) -> Tensor:
    """Latents from N(0, I) for every chain, with the images' dtype and device."""
    return rowwise(rngs, model.chains, torch.randn, model.decoder.latent_size).to(model.images)


def image_generators(seed: int, name: str, first: int, n: int) -> list[torch.Generator]:
    """A generator an image, so that its chains do not depend on the images beside it."""
    return [generator(seed, name, number) for number in range(first, first + n)]


def rowwise(
    rngs: list[torch.Generator], chains: int, draw: Callable[..., Tensor], *shape: int
) -> Tensor:
    """Float64 numbers (len(rngs) * chains, *shape), those of each image from its generator."""
    return torch.cat([draw(chains, *shape, generator=g, dtype=torch.float64) for g in rngs])


def log_mean_exp(log_weights: Tensor) -> Tensor:
    """The logarithm of the mean weight of each row (N, chains)."""
    return torch.logsumexp(log_weights, dim=1) - math.log(log_weights.shape[1])
