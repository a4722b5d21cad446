"""Annealed importance sampling of a generator's log-likelihood (Neal 2001).

Wu, Burda, Salakhutdinov, Grosse 2017, "On the quantitative analysis of decoder-based generative
models": the generator with Gaussian noise on its images is a density, whose log-likelihood of an
image is bounded from below by chains that move from the prior to the posterior of its latent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import EvaluationError
from engine.evaluation.annealed_chains import (
    AisConfig,
    AnnealingProgress,
    annealed_weights,
    image_generators,
    log_mean_exp,
    prior_latents,
    sigmoidal_schedule,
    tuned_step_sizes,
)
from engine.evaluation.gaussian_observation import Decoder, GaussianObservation
from engine.evaluation.hmc import Position
from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled


@dataclass(frozen=True, slots=True)
class AisResult:
    """log p(x) of each image in nats, float64 (N,): in expectation a lower bound.

    ``effective_chains`` float64 (N,), 1 … chains, says how many chains carry the estimate.
    """

    log_likelihoods: NDArray[np.float64]
    effective_chains: NDArray[np.float64]
    sigma: float
    accepted: int
    proposed: int

    @property
    def mean(self) -> float:
        """Mean log-likelihood in nats an image."""
        return float(self.log_likelihoods.mean())

    @property
    def standard_error(self) -> float | None:
        """Of `mean` over images; None of a single image."""
        return standard_error(self.log_likelihoods)

    @property
    def acceptance_rate(self) -> float:
        """Share of transitions that were accepted."""
        return self.accepted / self.proposed


@dataclass(frozen=True, slots=True)
class SigmaChoice:
    """The best of ``candidates`` by mean log-likelihood; ``at_edge`` where it is an outermost."""

    sigma: float
    candidates: tuple[tuple[float, float], ...]

    @property
    def at_edge(self) -> bool:
        """Whether a smaller or larger σ than those tried might be better."""
        tried = sorted(sigma for sigma, _ in self.candidates)
        return len(tried) > 1 and self.sigma in (tried[0], tried[-1])


def ais_log_likelihood(
    decoder: Decoder,
    images: Tensor,
    labels: Tensor,
    *,
    sigma: float,
    config: AisConfig | None = None,
    seed: int = 0,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> AisResult:
    """AIS log-likelihood of ``images`` (N, C, S, S) in [-1, 1] with labels int64 (N,) or -1.

    The same images, seed and config give the same numbers. Networks must be in evaluation mode and
    on the images' device; the chains have the images' dtype. Raises `EvaluationError` for no
    images, a σ that is not positive, or a generator that gives no numbers; `Cancelled`.
    """
    config = config or AisConfig()
    check_observation(images, sigma)
    betas = sigmoidal_schedule(config.intermediates, config.steepness)
    together = config.images_at_once
    parts = [slice(at, at + together) for at in range(0, len(images), together)]
    told = AnnealingProgress(
        2 * config.intermediates * len(parts), "annealing the latents", progress, cancelled
    )
    found = []
    for part in parts:
        observed = (decoder, images[part], labels[part], sigma)
        rngs = image_generators(seed, "ais", part.start, len(images[part]))
        tuning = GaussianObservation(*observed, config.tuning_chains)
        tuning_rngs = image_generators(seed, "tuning", part.start, tuning.n_images)
        steps = tuned_step_sizes(tuning, betas, config, tuning_rngs, told)
        model = GaussianObservation(*observed, config.chains)
        start = Position.at(prior_latents(model, rngs), model.value_and_gradient)
        found.append(annealed_weights(model, start, betas, steps, config, rngs, told))
    weights = torch.cat([part.values for part in found])
    progress(told.total, told.total, "")
    return AisResult(
        log_mean_exp(weights).cpu().numpy(),
        _effective_chains(weights).cpu().numpy(),
        sigma,
        sum(part.accepted for part in found),
        sum(part.proposed for part in found),
    )


def choose_sigma(
    decoder: Decoder,
    images: Tensor,
    labels: Tensor,
    candidates: Sequence[float],
    *,
    config: AisConfig | None = None,
    seed: int = 0,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> SigmaChoice:
    """The σ under which validation ``images`` are likeliest; see `ais_log_likelihood`."""
    if not candidates:
        raise EvaluationError("There is no σ to choose from: name at least one candidate.")
    tried = []
    for number, sigma in enumerate(candidates):

        def report(done: int, total: int, item: str, number: int = number) -> None:
            progress(number * total + done, len(candidates) * total, item and "choosing σ")

        result = ais_log_likelihood(
            decoder, images, labels, sigma=sigma, config=config, seed=seed, progress=report,
            cancelled=cancelled,
        )  # fmt: skip
        tried.append((sigma, result.mean))
    best = max(tried, key=lambda candidate: candidate[1])[0]
    return SigmaChoice(best, tuple(tried))


def standard_error(values: NDArray[np.float64]) -> float | None:
    """Of the mean of ``values`` (N,); None where there is but one."""
    if len(values) < 2:
        return None
    return float(values.std(ddof=1) / math.sqrt(len(values)))


def _effective_chains(log_weights: Tensor) -> Tensor:
    shares = torch.softmax(log_weights, dim=1)
    return 1 / shares.square().sum(dim=1)


def check_observation(images: Tensor, sigma: float) -> None:
    """Raise `EvaluationError` for no images or a σ that is not positive."""
    if not len(images):
        raise EvaluationError("There is no image whose likelihood could be estimated.")
    if not (sigma > 0 and math.isfinite(sigma)):
        raise EvaluationError(f"The noise σ must be a positive number, not {sigma}.")
