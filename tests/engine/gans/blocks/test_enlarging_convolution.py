"""The convolution that does not enlarge is the one that does."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from engine.gans.blocks.enlarging_convolution import enlarging_convolution
from engine.training.randomness import generator


def plain(convolution: nn.Conv2d, below: Tensor, skip: Tensor) -> Tensor:
    enlarged = F.interpolate(below, scale_factor=2.0, mode="nearest")
    result = convolution(torch.cat([enlarged, skip], dim=1))
    assert isinstance(result, Tensor)
    return result


def case(channels: int, others: int, height: int, width: int, seed: int = 0) -> tuple[Tensor, ...]:
    rng = generator(seed, "enlarging convolution")
    below = torch.randn(2, channels, height, width, generator=rng)
    skip = torch.randn(2, others, 2 * height, 2 * width, generator=rng)
    return below.requires_grad_(), skip.requires_grad_()


@settings(max_examples=25)
@given(
    st.integers(1, 5), st.integers(1, 5), st.integers(1, 6), st.integers(1, 6), st.integers(0, 9)
)
def test_it_is_the_convolution_of_the_enlarged_map_and_the_skip(
    channels: int, others: int, height: int, width: int, seed: int
) -> None:
    below, skip = case(channels, others, height, width, seed)
    convolution = nn.Conv2d(channels + others, 3, 3, padding=1)
    torch.testing.assert_close(
        enlarging_convolution(convolution, below, skip),
        plain(convolution, below, skip),
        rtol=1e-4,
        atol=1e-5,
    )


def test_gradients_are_the_same() -> None:
    below, skip = case(4, 3, 5, 6)
    convolution = nn.Conv2d(7, 2, 3, padding=1)
    parameters = [below, skip, convolution.weight, convolution.bias]
    found, wanted = (
        torch.autograd.grad(function(convolution, below, skip).square().sum(), parameters)
        for function in (enlarging_convolution, plain)
    )
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_layout_does_not_matter(layout: torch.memory_format) -> None:
    below, skip = case(4, 3, 5, 6)
    convolution = nn.Conv2d(7, 2, 3, padding=1)
    expected = plain(convolution, below, skip)
    moved = convolution.to(memory_format=layout)  # type: ignore[call-overload]
    torch.testing.assert_close(
        enlarging_convolution(moved, below, skip), expected, rtol=1e-4, atol=1e-5
    )
