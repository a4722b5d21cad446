"""The Laplacian pyramid: exact reconstruction, the stated kernel, constants and borders."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from engine.gans.blocks.laplacian_pyramid import (
    KERNEL,
    blurred,
    expanded,
    laplacian_pyramid,
    pyramid_sizes,
    reconstructed,
    reduced,
    reduced_to,
)
from engine.training.randomness import generator


def noise(size: int = 32, channels: int = 3) -> torch.Tensor:
    return torch.randn(2, channels, size, size, generator=generator(4, "noise"))


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_the_pyramid_holds_the_image(levels: int) -> None:
    image = noise()
    pyramid = laplacian_pyramid(image, levels)
    assert [level.shape[-1] for level in pyramid] == [
        32 >> levels,
        *(32 >> level for level in reversed(range(levels))),
    ]
    torch.testing.assert_close(reconstructed(pyramid), image, rtol=0, atol=1e-6)


def test_blurring_is_the_convolution_with_the_binomial_kernel() -> None:
    image = noise(channels=1)
    kernel = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    assert pytest.approx(kernel.tolist()) == KERNEL
    padded = F.pad(image, (2, 2, 2, 2), mode="reflect")
    expected = F.conv2d(padded, torch.outer(kernel, kernel)[None, None])
    torch.testing.assert_close(blurred(image), expected)
    torch.testing.assert_close(reduced(image), expected[..., ::2, ::2])


def test_a_constant_stays_one_up_to_the_border() -> None:
    flat = torch.full((1, 1, 8, 8), 0.7)
    torch.testing.assert_close(reduced(flat), flat[..., :4, :4])
    torch.testing.assert_close(expanded(flat), torch.full((1, 1, 16, 16), 0.7))
    coarsest, *residuals = laplacian_pyramid(torch.full((1, 1, 32, 32), -1.0), 2)
    torch.testing.assert_close(coarsest, torch.full((1, 1, 8, 8), -1.0))
    assert all(residual.abs().max() < 1e-6 for residual in residuals)


def test_a_ramp_is_expanded_in_place() -> None:
    # Pixel i of the reduced image lies on pixel 2 i of the full one.
    ramp = torch.arange(16.0).expand(1, 1, 16, 16)
    wide = expanded(ramp)[0, 0, 16]
    torch.testing.assert_close(wide[4:-4], torch.arange(32.0)[4:-4] / 2)


def test_sizes_double_from_the_coarsest() -> None:
    assert pyramid_sizes(64, 8) == [8, 16, 32, 64]
    assert reduced_to(noise(), 8).shape == (2, 3, 8, 8)
    assert torch.equal(reduced_to(noise(), 32), noise())
