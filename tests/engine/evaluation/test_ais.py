"""AIS: exact on a linear-Gaussian generator, sandwiched by BDMC, invariant and seeded."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.errors import Cancelled, EvaluationError
from engine.evaluation.ais import ais_log_likelihood, choose_sigma
from engine.evaluation.annealed_chains import AisConfig, sigmoidal_schedule
from engine.evaluation.bdmc import bdmc, simulated
from engine.evaluation.gaussian_observation import GaussianObservation
from engine.evaluation.hmc import Position, transition
from tests.engine.evaluation.toy_decoders import SIDE, LinearDecoder, SmallNetwork

CONFIG = AisConfig(intermediates=150, chains=16, leapfrog_steps=6)
UNKNOWN = torch.tensor([-1])


def drawn(decoder: LinearDecoder, n: int, sigma: float, seed: int = 3) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    z = torch.randn(n, decoder.latent_size, generator=rng, dtype=torch.float64)
    noise = torch.randn(n, 1, SIDE, SIDE, generator=rng, dtype=torch.float64)
    return decoder.generate(z, UNKNOWN.expand(n)) + sigma * noise


def test_the_schedule_goes_from_prior_to_posterior_and_is_densest_at_the_ends() -> None:
    betas = sigmoidal_schedule(99, 4.0)
    steps = np.diff(betas)
    assert (betas[0], betas[-1], len(betas)) == (0.0, 1.0, 101)
    assert (steps > 0).all()
    assert np.allclose(betas + betas[::-1], 1)
    assert steps[0] < steps[50] / 10


def test_ais_finds_the_exact_likelihood_of_a_linear_gaussian_generator() -> None:
    decoder, sigma = LinearDecoder(), 0.3
    images = drawn(decoder, 6, sigma)
    config = AisConfig(intermediates=300, chains=48, leapfrog_steps=6, rows_at_once=288)
    result = ais_log_likelihood(
        decoder, images, UNKNOWN.expand(6), sigma=sigma, config=config, seed=1
    )
    error = result.log_likelihoods - decoder.exact(images, sigma)
    assert np.abs(error).max() < 0.4
    assert abs(error.mean()) < 0.15
    assert 0.5 < result.acceptance_rate < 0.85
    assert result.proposed == 6 * 48 * 300
    assert result.effective_chains.min() > 12


def test_a_coarse_schedule_bounds_from_below() -> None:
    decoder, sigma = LinearDecoder(), 0.1
    images = drawn(decoder, 12, sigma)
    coarse = AisConfig(intermediates=6, chains=2, leapfrog_steps=3)
    result = ais_log_likelihood(decoder, images, UNKNOWN.expand(12), sigma=sigma, config=coarse)
    assert result.mean < decoder.exact(images, sigma).mean() - 1


@pytest.mark.parametrize("beta", [0.1, 1.0])
def test_hmc_leaves_the_annealed_posterior_invariant(beta: float) -> None:
    decoder, sigma, chains = LinearDecoder(), 0.5, 6000
    image = drawn(decoder, 1, sigma)
    mean, covariance = decoder.posterior(image[0], sigma, beta)
    rng = torch.Generator().manual_seed(2)
    root = torch.linalg.cholesky(covariance)
    shape = (chains, decoder.latent_size)
    exact = mean + torch.randn(*shape, generator=rng, dtype=torch.float64) @ root.T
    model = GaussianObservation(decoder, image, UNKNOWN, sigma, chains)
    position = Position.at(exact, model.value_and_gradient)
    accepted = 0
    for _ in range(8):
        move = transition(
            position,
            model.value_and_gradient,
            beta=beta,
            # Long steps: without the accept step the leapfrog's error would show.
            step_size=torch.full((chains,), 1.5 * float(covariance.diagonal().min().sqrt())),
            leapfrog_steps=4,
            momentum=torch.randn(*shape, generator=rng, dtype=torch.float64),
            uniform=torch.rand(chains, generator=rng, dtype=torch.float64),
        )
        position = move.position
        accepted += int(move.accepted.sum())
    assert 0.3 < accepted / (8 * chains) < 0.95
    error = 4.5 * covariance.diagonal().sqrt() / chains**0.5
    assert ((position.z.mean(dim=0) - mean).abs() < error).all()
    spread = torch.cov(position.z.T) / covariance.diagonal().outer(covariance.diagonal()).sqrt()
    wanted = covariance / covariance.diagonal().outer(covariance.diagonal()).sqrt()
    assert (spread - wanted).abs().max() < 0.09
    values, gradient = model.value_and_gradient(position.z)
    assert torch.allclose(values, position.log_likelihood)
    assert torch.allclose(gradient, position.gradient)


def test_bdmc_bounds_hold_the_exact_likelihood_between_them() -> None:
    decoder, sigma = LinearDecoder(), 0.3
    like = torch.zeros(1, dtype=torch.float64)
    found = bdmc(decoder, UNKNOWN.expand(8), like, sigma=sigma, config=CONFIG, seed=5)
    _, images = simulated(decoder, UNKNOWN.expand(8), like, sigma, 5, 0)
    exact = decoder.exact(images, sigma)
    assert found.lower.mean() < exact.mean() + 0.2
    assert exact.mean() - 0.2 < found.upper.mean()
    assert 0 < found.gap < 1


def test_the_bdmc_gap_on_the_toy_network_is_below_one_nat() -> None:
    like = torch.zeros(1, dtype=torch.float64)
    found = bdmc(SmallNetwork(), UNKNOWN.expand(6), like, sigma=0.1, config=CONFIG, seed=5)
    assert -0.2 < found.gap <= 1
    assert 0.4 < found.acceptance_rate < 0.9


def test_the_gap_shrinks_with_more_intermediate_distributions() -> None:
    like = torch.zeros(1, dtype=torch.float64)

    def gap(intermediates: int) -> float:
        config = AisConfig(intermediates=intermediates, chains=4, leapfrog_steps=3)
        return bdmc(SmallNetwork(), UNKNOWN.expand(12), like, sigma=0.1, config=config).gap

    assert gap(4) > 2 * gap(80)


def test_seeds_and_neighbours_decide_nothing_else() -> None:
    decoder, sigma = SmallNetwork(), 0.2
    images = 0.3 * torch.randn(
        5, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )
    small = AisConfig(intermediates=20, chains=4, leapfrog_steps=3)

    def estimate(seed: int, rows_at_once: int, n: int = 5) -> np.ndarray:
        config = small.model_copy(update={"rows_at_once": rows_at_once})
        labels = UNKNOWN.expand(n)
        return ais_log_likelihood(
            decoder, images[:n], labels, sigma=sigma, config=config, seed=seed
        ).log_likelihoods

    first = estimate(1, 256)
    assert (first == estimate(1, 256)).all()
    assert (first != estimate(2, 256)).all()
    assert np.allclose(first, estimate(1, 8), atol=1e-8)
    assert np.allclose(first[:2], estimate(1, 256, 2), atol=1e-8)


def test_sigma_is_found_on_validation_images() -> None:
    decoder = LinearDecoder()
    images = drawn(decoder, 8, 0.2)
    quick = AisConfig(intermediates=60, chains=8, leapfrog_steps=4)
    choice = choose_sigma(decoder, images, UNKNOWN.expand(8), (0.05, 0.1, 0.2, 0.4), config=quick)
    assert choice.sigma == 0.2
    assert not choice.at_edge
    assert choose_sigma(decoder, images, UNKNOWN.expand(8), (0.3, 0.5), config=quick).at_edge


def test_progress_is_told_and_the_wish_to_cancel_obeyed() -> None:
    decoder = LinearDecoder()
    images = drawn(decoder, 4, 0.3)
    told: list[tuple[int, int]] = []
    config = AisConfig(intermediates=10, chains=4, leapfrog_steps=2, rows_at_once=8)
    ais_log_likelihood(
        decoder,
        images,
        UNKNOWN.expand(4),
        sigma=0.3,
        config=config,
        progress=lambda done, total, _: told.append((done, total)),
    )
    assert told == [(done, 40) for done in range(41)]
    with pytest.raises(Cancelled):
        ais_log_likelihood(
            decoder, images, UNKNOWN.expand(4), sigma=0.3, config=config, cancelled=lambda: True
        )


def test_bad_input_is_refused_in_words() -> None:
    decoder = LinearDecoder()
    images = drawn(decoder, 2, 0.3)
    with pytest.raises(EvaluationError, match="no image"):
        ais_log_likelihood(decoder, images[:0], UNKNOWN[:0], sigma=0.3)
    for sigma in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(EvaluationError, match="positive"):
            ais_log_likelihood(decoder, images, UNKNOWN.expand(2), sigma=sigma)
    decoder.bias[:] = float("nan")
    quick = AisConfig(intermediates=5, chains=2)
    with pytest.raises(EvaluationError, match="not numbers"):
        ais_log_likelihood(decoder, images, UNKNOWN.expand(2), sigma=0.3, config=quick)
