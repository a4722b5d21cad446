"""Pixel norm: unit mean square over channels, pixel by pixel."""

from __future__ import annotations

import pytest
import torch

from engine.gans.blocks.pixel_norm import PixelNorm


def test_known_values() -> None:
    features = torch.tensor([3.0, 4.0]).view(1, 2, 1, 1)
    # mean square (9 + 16) / 2 = 12.5
    expected = features / 12.5**0.5
    torch.testing.assert_close(PixelNorm()(features), expected)


def test_each_pixel_is_normalised_by_itself() -> None:
    features = torch.randn(2, 8, 5, 5, generator=torch.Generator().manual_seed(1))
    whole = PixelNorm()(features)
    torch.testing.assert_close(whole.square().mean(dim=1), torch.ones(2, 5, 5))
    torch.testing.assert_close(PixelNorm()(features[1:, :, 2:4, 1:3]), whole[1:, :, 2:4, 1:3])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("level", [0.0, 1e-12, 1e6])
def test_values_and_gradients_are_finite_at_extremes(dtype: torch.dtype, level: float) -> None:
    features = torch.full((1, 4, 2, 2), level, dtype=dtype, requires_grad=True)
    normalised = PixelNorm()(features)
    normalised.sum().backward()
    assert normalised.dtype == dtype
    assert torch.isfinite(normalised).all()
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()
