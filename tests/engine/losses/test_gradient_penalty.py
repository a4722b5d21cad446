"""Gradient penalties by hand: on critics whose gradient is known."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from engine.gans.blocks.multiscale_discriminator import MultiscaleDiscriminator
from engine.losses.gradient_penalty import (
    drift,
    gradient_penalty,
    scores_and_squared_norms,
    zero_centred_penalty,
)


class Linear(nn.Module):
    """D(x) = wᵀx + 3 on images of ``size`` pixels; its gradient is w everywhere."""

    def __init__(self, size: int, scale: float = 1.0) -> None:
        super().__init__()
        weight = torch.randn(size * size, generator=torch.Generator().manual_seed(size)) * scale
        self.weight = nn.Parameter(weight)

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight + 3


def pictures(n: int = 5, seed: int = 0) -> Tensor:
    return torch.randn(n, 1, 4, 4, generator=torch.Generator().manual_seed(seed))


@given(st.floats(0.01, 10))
def test_of_a_linear_critic_they_are_known_in_closed_form(scale: float) -> None:
    critic = Linear(4, scale)
    norm = critic.weight.norm()
    mix = torch.rand(5, generator=torch.Generator().manual_seed(1))
    penalty = gradient_penalty(critic, pictures(), pictures(seed=1), mix)
    torch.testing.assert_close(penalty, (norm - 1) ** 2)
    torch.testing.assert_close(zero_centred_penalty(critic, pictures()), norm**2)
    # d(‖w‖ − 1)²/dw = 2 (‖w‖ − 1) w/‖w‖, and d‖w‖²/dw = 2w.
    (slope,) = torch.autograd.grad(penalty, critic.weight)
    torch.testing.assert_close(slope, 2 * (norm - 1) * critic.weight / norm)
    (slope,) = torch.autograd.grad(zero_centred_penalty(critic, pictures()), critic.weight)
    torch.testing.assert_close(slope, 2 * critic.weight)


def test_the_critic_is_judged_between_a_real_and_a_drawn_image() -> None:
    # D(x) = ‖x‖²/2 has the gradient x itself, so the penalty shows where it was taken.
    real, drawn, mix = pictures(), pictures(seed=1), torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0])
    share = mix.view(-1, 1, 1, 1)
    between = share * real + (1 - share) * drawn
    penalty = gradient_penalty(lambda x: x.flatten(1).square().sum(1) / 2, real, drawn, mix)
    torch.testing.assert_close(penalty, ((between.flatten(1).norm(dim=1) - 1) ** 2).mean())


def test_each_scale_is_penalised_on_its_own() -> None:
    critic = MultiscaleDiscriminator(Linear, 4)
    fine, coarse = critic.fine.weight, critic.coarse.weight
    # D1 sees means over 2 x 2 pixels: each pixel has a quarter of its gradient, ‖∇‖ = ‖w‖/2.
    norms = torch.stack([coarse.norm() / 2, fine.norm()])
    scores, squared = scores_and_squared_norms(critic, pictures())
    torch.testing.assert_close(scores, critic(pictures()))
    torch.testing.assert_close(squared, (norms**2).expand(5, 2))
    torch.testing.assert_close(zero_centred_penalty(critic, pictures()), (norms**2).mean())
    penalty = gradient_penalty(critic, pictures(), pictures(seed=1), torch.rand(5))
    torch.testing.assert_close(penalty, ((norms - 1) ** 2).mean())


def test_one_pass_gives_scores_that_train_the_critic_too() -> None:
    critic = Linear(4)
    scores, _ = scores_and_squared_norms(critic, pictures())
    (slope,) = torch.autograd.grad(scores.mean(), critic.weight)
    torch.testing.assert_close(slope, pictures().flatten(1).mean(0))


def test_no_gradient_reaches_the_generator_and_none_is_needed_around() -> None:
    drawn = pictures().requires_grad_()
    penalty = gradient_penalty(Linear(4), pictures(), drawn, torch.rand(5))
    penalty.backward()
    assert drawn.grad is None
    with torch.no_grad():
        assert zero_centred_penalty(Linear(4), pictures()) > 0


def test_drift_is_the_mean_square_of_scores() -> None:
    torch.testing.assert_close(drift(torch.tensor([1.0, -3.0])), torch.tensor(5.0))


@pytest.mark.parametrize("scale", [0.0, 1e-12, 1e9])
def test_they_are_finite_in_float32_inside_autocast_at_extreme_critics(scale: float) -> None:
    critic = Linear(4, scale)
    with torch.autocast("cpu", torch.bfloat16):
        images = pictures().bfloat16()
        penalty = gradient_penalty(critic, images, images, torch.rand(5))
        penalty = penalty + zero_centred_penalty(critic, images) + drift(critic(images))
    assert penalty.dtype == torch.float32
    (slope,) = torch.autograd.grad(penalty, critic.weight)
    assert torch.isfinite(penalty)
    assert torch.isfinite(slope).all()
