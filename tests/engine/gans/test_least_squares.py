"""The least-squares GAN's losses: values by hand, and what they pull scores to."""

from __future__ import annotations

import pytest
import torch

from engine.losses.least_squares import discriminator_loss, generator_loss


def test_known_values() -> None:
    real, fake = torch.tensor([1.0, 0.0, 3.0]), torch.tensor([0.0, 2.0, -1.0])
    # ½ (0 + 1 + 4) / 3 + ½ (0 + 4 + 1) / 3
    assert discriminator_loss(real, fake).item() == pytest.approx(5 / 3)
    # ½ (1 + 1 + 4) / 3
    assert generator_loss(fake).item() == pytest.approx(1.0)


def test_gradients_pull_real_to_one_drawn_to_zero_and_for_g_drawn_to_one() -> None:
    real, fake = torch.zeros(2, requires_grad=True), torch.full((2,), 0.5, requires_grad=True)
    discriminator_loss(real, fake).backward()
    torch.testing.assert_close(real.grad, torch.full((2,), -0.5))
    torch.testing.assert_close(fake.grad, torch.full((2,), 0.25))
    fake.grad = None
    generator_loss(fake).backward()
    torch.testing.assert_close(fake.grad, torch.full((2,), -0.25))
