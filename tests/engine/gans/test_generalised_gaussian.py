"""The generalised Gaussian against its special cases, scipy, and sampling."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gennorm, laplace, norm

from engine.losses.generalised_gaussian import (
    ALPHA_BOUNDS,
    BETA_BOUNDS,
    bounded,
    negative_log_likelihood,
    variance,
)


def nll(residual: torch.Tensor, alpha: float, beta: float) -> torch.Tensor:
    return negative_log_likelihood(residual, torch.tensor(alpha), torch.tensor(beta))


@pytest.mark.parametrize("alpha", [0.05, 0.5, 2.0])
@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0, 4.0])
def test_density_integrates_to_one(alpha: float, beta: float) -> None:
    # Wide enough for the slowest tail, β = 0.5: the density falls as exp(−√(|r|/α)).
    residual = torch.linspace(-400 * alpha, 400 * alpha, 400_001)
    density = (-nll(residual, alpha, beta)).exp()
    assert torch.trapezoid(density, residual).item() == pytest.approx(1, abs=2e-3)


def test_beta_two_is_the_gaussian_of_standard_deviation_alpha_over_root_two() -> None:
    residual = torch.linspace(-2, 2, 41)
    expected = -norm.logpdf(residual.numpy(), scale=0.7 / math.sqrt(2))
    torch.testing.assert_close(nll(residual, 0.7, 2.0), torch.tensor(expected).float())


def test_beta_one_is_the_laplacian_of_scale_alpha() -> None:
    residual = torch.linspace(-2, 2, 41)
    expected = torch.tensor(-laplace.logpdf(residual.numpy(), scale=0.3)).float()
    torch.testing.assert_close(nll(residual, 0.3, 1.0), expected, rtol=1e-4, atol=1e-4)


@given(
    # Below 1e-5 the density is cut off on purpose (its slope at 0 is infinite for β < 1).
    st.floats(1e-3, 2) | st.floats(-2, -1e-3),
    st.floats(ALPHA_BOUNDS[0], ALPHA_BOUNDS[1]),
    st.floats(BETA_BOUNDS[0], 3.0),
)
def test_likelihood_is_scipys(residual: float, alpha: float, beta: float) -> None:
    expected = -gennorm.logpdf(residual, beta, scale=alpha)
    if expected > 1e6:
        return
    got = nll(torch.tensor(residual), alpha, beta).item()
    assert got == pytest.approx(expected, rel=1e-3, abs=5e-3)


@pytest.mark.parametrize(("alpha", "beta"), [(0.1, 0.7), (0.5, 1.0), (1.3, 2.0), (0.2, 3.5)])
def test_variance_is_that_of_samples(alpha: float, beta: float) -> None:
    drawn = gennorm.rvs(beta, scale=alpha, size=400_000, random_state=1)
    expected = variance(torch.tensor(alpha), torch.tensor(beta)).item()
    assert drawn.var() == pytest.approx(expected, rel=0.03)
    assert gennorm.var(beta, scale=alpha) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("residual", [0.0, 1e-12, 2.0, -2.0, 1e3])
@pytest.mark.parametrize("raw", [-1e4, -20.0, 0.0, 20.0, 1e4])
def test_gradients_are_finite_at_extreme_inputs(
    residual: float, raw: float, dtype: torch.dtype
) -> None:
    difference = torch.tensor([residual], dtype=dtype, requires_grad=True)
    scale = torch.tensor([raw], dtype=dtype, requires_grad=True)
    shape = torch.tensor([-raw], dtype=dtype, requires_grad=True)
    loss = negative_log_likelihood(
        difference, bounded(scale, ALPHA_BOUNDS), bounded(shape, BETA_BOUNDS)
    ).sum()
    loss.backward()
    assert torch.isfinite(loss)
    for tensor in (difference, scale, shape):
        assert tensor.grad is not None
        assert torch.isfinite(tensor.grad).all()
