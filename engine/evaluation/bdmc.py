"""How tight the AIS bounds are, by bidirectional Monte Carlo on simulated images.

Grosse, Ghahramani, Adams 2015, "Sandwiching the marginal likelihood using bidirectional Monte
Carlo"; Wu, Burda, Salakhutdinov, Grosse 2017, section 4.1. Of an image that the generator drew
itself, the latent is known: it is an exact sample of the posterior. Chains that are annealed from
there back to the prior bound the log-likelihood from above, those the usual way from below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.evaluation.ais import check_observation, standard_error
from engine.evaluation.annealed_chains import (
    AisConfig,
    AnnealingProgress,
    annealed_weights,
    image_generators,
    log_mean_exp,
    prior_latents,
    rowwise,
    sigmoidal_schedule,
    tuned_step_sizes,
)
from engine.evaluation.gaussian_observation import Decoder, GaussianObservation
from engine.evaluation.hmc import Position
from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled


@dataclass(frozen=True, slots=True)
class BdmcResult:
    """Bounds of log p(x) of simulated images in nats, float64 (N,) each, in expectation."""

    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    accepted: int
    proposed: int

    @property
    def gap(self) -> float:
        """Mean of upper minus lower bound, in nats an image; chance may make it negative."""
        return float((self.upper - self.lower).mean())

    @property
    def standard_error(self) -> float | None:
        """Of `gap` over images; None of a single image."""
        return standard_error(self.upper - self.lower)

    @property
    def acceptance_rate(self) -> float:
        """Share of transitions that were accepted, both ways together."""
        return self.accepted / self.proposed


def bdmc(
    decoder: Decoder,
    labels: Tensor,
    like: Tensor,
    *,
    sigma: float,
    config: AisConfig | None = None,
    seed: int = 0,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> BdmcResult:
    """Simulate an image for each label, int64 (N,) or -1, and bound its log-likelihood both ways.

    ``like`` is any tensor of the wanted dtype on the networks' device. Both ways use the same step
    sizes. Raises `EvaluationError` for no labels or a σ that is not positive; `Cancelled`.
    """
    config = config or AisConfig()
    check_observation(labels, sigma)
    betas = sigmoidal_schedule(config.intermediates, config.steepness)
    together = config.images_at_once
    starts = range(0, len(labels), together)
    total = 3 * config.intermediates * len(starts)
    told = AnnealingProgress(total, "bounding simulated images", progress, cancelled)
    lower, upper, accepted, proposed = [], [], 0, 0
    for first in starts:
        part = labels[first : first + together]
        z, images = simulated(decoder, part, like, sigma, seed, first)
        tuning = GaussianObservation(decoder, images, part, sigma, config.tuning_chains)
        model = GaussianObservation(decoder, images, part, sigma, config.chains)

        def rngs(name: str, first: int = first, n: int = len(part)) -> list[torch.Generator]:
            return image_generators(seed, name, first, n)

        steps = tuned_step_sizes(tuning, betas, config, rngs("tuning"), told)
        there, back = rngs("ais"), rngs("reverse")
        prior = Position.at(prior_latents(model, there), model.value_and_gradient)
        forward = annealed_weights(model, prior, betas, steps, config, there, told)
        posterior = Position.at(z.repeat_interleave(config.chains, dim=0), model.value_and_gradient)
        reverse = annealed_weights(model, posterior, betas[::-1], steps.flip(0), config, back, told)
        lower.append(log_mean_exp(forward.values))
        upper.append(-log_mean_exp(reverse.values))
        accepted += forward.accepted + reverse.accepted
        proposed += forward.proposed + reverse.proposed
    progress(total, total, "")
    return BdmcResult(
        torch.cat(lower).cpu().numpy(), torch.cat(upper).cpu().numpy(), accepted, proposed
    )


@torch.no_grad()
def simulated(
    decoder: Decoder, labels: Tensor, like: Tensor, sigma: float, seed: int, first: int
) -> tuple[Tensor, Tensor]:
    """Latents (N, d) from the prior and the noisy images (N, C, S, S) that they make."""
    rngs = image_generators(seed, "simulated", first, len(labels))
    z = rowwise(rngs, 1, torch.randn, decoder.latent_size).to(like)
    drawn = decoder.generate(z, labels)
    noise = rowwise(rngs, 1, torch.randn, *drawn.shape[1:]).to(drawn)
    return z, drawn + sigma * noise
