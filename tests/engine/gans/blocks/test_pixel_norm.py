"""Pixel norm: unit mean square over channels, whatever comes in."""

from __future__ import annotations

import pytest
import torch

from engine.gans.blocks.pixel_norm import PixelNorm, pixel_norm


def test_known_values() -> None:
    # Mean square of (3, 4) is 12.5.
    pixel = torch.tensor([3.0, 4.0]).view(1, 2, 1, 1)
    torch.testing.assert_close(PixelNorm()(pixel), pixel / 12.5**0.5)
    torch.testing.assert_close(pixel_norm(torch.zeros(1, 2)), torch.zeros(1, 2))


def test_each_pixel_is_normalised_on_its_own() -> None:
    features = torch.randn(3, 8, 4, 4, generator=torch.Generator().manual_seed(1))
    normed = pixel_norm(features)
    torch.testing.assert_close(normed.square().mean(dim=1), torch.ones(3, 4, 4))
    factors = torch.rand(3, 1, 4, 4, generator=torch.Generator().manual_seed(2)) + 0.5
    torch.testing.assert_close(pixel_norm(features * factors), normed)


def test_latents_come_to_lie_on_the_hypersphere() -> None:
    latents = torch.randn(16, 512, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(pixel_norm(latents).norm(dim=1), torch.full((16,), 512**0.5))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("scale", [0.0, 1e-10, 1e8])
def test_values_and_gradients_are_finite_at_extreme_inputs(
    dtype: torch.dtype, scale: float
) -> None:
    features = (torch.ones(2, 4, dtype=dtype) * scale).requires_grad_()
    normed = pixel_norm(features)
    assert normed.dtype == dtype
    normed.sum().backward()
    assert torch.isfinite(normed).all()
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()
