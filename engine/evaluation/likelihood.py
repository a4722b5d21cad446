"""The AIS log-likelihood of a run's generator on real images, with the gap of its bounds."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.cache import TrainingArrays
from engine.errors import EvaluationError
from engine.evaluation.ais import ais_log_likelihood, choose_sigma
from engine.evaluation.annealed_chains import AisConfig
from engine.evaluation.bdmc import bdmc
from engine.evaluation.evaluation_record import EvaluationConfig
from engine.evaluation.metric import Metric
from engine.gans.latent_variant import LatentVariant
from engine.gans.variant import Variant, evaluating
from engine.progress import CancelCheck, ProgressReport
from engine.training.randomness import derived_seed

#: noise that is tried, as standard deviation on [-1, 1]
SIGMAS = (0.025, 0.05, 0.1, 0.2, 0.4)
_SIGMA_IMAGES = 8


def latent_variant(variant: Variant) -> LatentVariant:
    """The variant where it draws from a latent; raises `EvaluationError` with the reason if not."""
    if not isinstance(variant, LatentVariant):
        raise EvaluationError(
            f"{variant.name} restores images and draws none from a latent, so that it is no "
            "density of images and has no log-likelihood."
        )
    return variant


def likelihood(
    variant: Variant,
    training: TrainingArrays,
    unseen: TrainingArrays | None,
    config: EvaluationConfig,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> list[Metric]:
    """AIS on ``config.ais_images`` unseen images (training images where there are none), and BDMC.

    σ is chosen on training images, other ones than those scored. Raises `EvaluationError` for a
    variant without a latent or too few images, and `Cancelled`.
    """
    generator = latent_variant(variant)
    scored_from, which = (training, "training") if unseen is None else (unseen, "unseen")
    order = _shuffled(len(training), config.seed)
    n_sigma = _SIGMA_IMAGES if config.sigma is None else 0
    if unseen is None:
        scored = order[n_sigma : n_sigma + config.ais_images]
    else:
        scored = _shuffled(len(unseen), config.seed)[: config.ais_images]
    if len(scored) < config.ais_images or len(order) < n_sigma:
        raise EvaluationError(
            f"The AIS log-likelihood was asked for {config.ais_images} images, and {n_sigma} more "
            f"to choose the noise on; there are too few {which} ones. Ask for fewer."
        )
    ais = AisConfig(intermediates=config.ais_intermediates, chains=config.ais_chains)
    with evaluating(generator.generators()):
        sigma, how = config.sigma, "given"
        if sigma is None:
            images, labels = _images(generator, training, order[:n_sigma])
            choice = choose_sigma(
                generator, images, labels, SIGMAS, config=_rough(ais), seed=config.seed,
                progress=progress, cancelled=cancelled,
            )  # fmt: skip
            sigma, how = choice.sigma, f"chosen on {n_sigma} other images"
            if choice.at_edge:
                how += ", at the edge of those tried"
        images, labels = _images(generator, scored_from, scored)
        found = ais_log_likelihood(
            generator, images, labels, sigma=sigma, config=ais, seed=config.seed,
            progress=progress, cancelled=cancelled,
        )  # fmt: skip
        gap = bdmc(
            generator, labels, images, sigma=sigma, config=ais, seed=config.seed,
            progress=progress, cancelled=cancelled,
        )  # fmt: skip
    settings = f"{ais.intermediates} intermediate distributions, {ais.chains} chains"
    return [
        _metric(
            "ais",
            f"AIS log-likelihood (Gaussian noise σ {sigma:g})",
            found.mean,
            found.standard_error,
            f"nats an image, mean ± SE of {len(scored)} {which} images; σ {how}; {settings}; "
            f"{found.accepted} of {found.proposed} HMC transitions accepted "
            f"({found.acceptance_rate:.0%})",
            better="higher",
        ),
        _metric(
            "bdmc_gap",
            "BDMC gap of the AIS log-likelihood",
            gap.gap,
            gap.standard_error,
            f"nats between both bounds, mean ± SE of {len(scored)} simulated images; {settings}",
            better="lower",
        ),
    ]


def _rough(config: AisConfig) -> AisConfig:
    """A quarter of the distributions and half the chains: enough to tell σ twofold apart."""
    fewer = {
        "intermediates": max(2, config.intermediates // 4),
        "chains": max(1, config.chains // 2),
    }
    return config.model_copy(update=fewer)


def _metric(
    name: str, label: str, value: float, error: float | None, note: str, *, better: str
) -> Metric:
    low, high = (None, None) if error is None else (value - error, value + error)
    return Metric(name, label, value, better, low, high, note)


def _shuffled(n: int, seed: int) -> NDArray[np.int64]:
    return np.random.default_rng(derived_seed(seed, "likelihood")).permutation(n)


def _images(
    variant: LatentVariant, data: TrainingArrays, rows: NDArray[np.int64]
) -> tuple[Tensor, Tensor]:
    """Images and their classes by the variant's own numbers, -1 where it does not know them."""
    names = [data.class_names[label] if label >= 0 else "" for label in data.labels[rows]]
    known = variant.spec.class_names
    labels = torch.tensor([known.index(name) if name in known else -1 for name in names])
    return torch.from_numpy(data.batch(rows)).to(variant.device), labels.to(variant.device)
