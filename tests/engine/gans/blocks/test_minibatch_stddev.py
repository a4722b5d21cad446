"""Minibatch standard deviation: known values, groups, finite gradients."""

from __future__ import annotations

import pytest
import torch

from engine.gans.blocks.minibatch_stddev import GROUP, MinibatchStddev


def spreads(features: torch.Tensor) -> torch.Tensor:
    out = MinibatchStddev()(features)
    n, channels, height, width = features.shape
    assert out.shape == (n, channels + 1, height, width)
    assert torch.equal(out[:, :-1], features)
    planes = out[:, -1].flatten(1)
    assert (planes == planes[:, :1]).all()
    return planes[:, 0]


def test_known_values() -> None:
    # At one place the group is (0, 0, 2, 2): standard deviation 1. At the other it is constant.
    features = torch.zeros(4, 1, 1, 2)
    features[2:, 0, 0, 0] = 2
    torch.testing.assert_close(spreads(features), torch.full((4,), 0.5), rtol=0, atol=1e-4)


def test_it_is_the_mean_of_the_standard_deviations_of_each_group() -> None:
    features = torch.randn(8, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    expected = [part.std(dim=0, correction=0).mean() for part in features.split(GROUP)]
    torch.testing.assert_close(spreads(features), torch.stack(expected).repeat_interleave(GROUP))


def test_images_that_are_all_alike_have_none() -> None:
    features = torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    assert (spreads(features.expand(6, -1, -1, -1)) <= 1.01e-4).all()


@pytest.mark.parametrize("n", [1, 3, 5, 6, 7])
def test_what_is_left_over_makes_a_smaller_group(n: int) -> None:
    features = torch.randn(n, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    rest = features[n - n % GROUP :]
    found = spreads(features)[n - n % GROUP :]
    expected = rest.std(dim=0, correction=0).mean().expand(len(rest))
    torch.testing.assert_close(found, expected, rtol=0, atol=2e-4)


def test_a_batch_divided_between_groups_keeps_its_values() -> None:
    features = torch.randn(16, 3, 4, 4, generator=torch.Generator().manual_seed(1))
    whole = spreads(features)
    torch.testing.assert_close(torch.cat([spreads(features[:8]), spreads(features[8:])]), whole)


@pytest.mark.parametrize("scale", [0.0, 1e8])
def test_second_derivatives_are_finite_at_extreme_inputs(scale: float) -> None:
    # A gradient penalty differentiates it twice.
    features = (torch.randn(4, 2, 4, 4) * scale).requires_grad_()
    (slope,) = torch.autograd.grad(spreads(features).sum(), features, create_graph=True)
    slope.square().sum().backward()
    assert features.grad is not None
    assert torch.isfinite(features.grad).all()
