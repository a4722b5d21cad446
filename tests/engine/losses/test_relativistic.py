"""Relativistic pairing losses: known values, and what they must not depend on."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.losses.relativistic import pairing_discriminator_loss, pairing_generator_loss

logits = st.lists(st.floats(-20, 20, width=32), min_size=3, max_size=3).map(torch.tensor)


def test_where_d_cannot_tell_both_losses_are_ln_2() -> None:
    same = torch.tensor([-7.0, 0.0, 3.0])
    assert pairing_discriminator_loss(same, same).item() == pytest.approx(math.log(2))
    assert pairing_generator_loss(same, same).item() == pytest.approx(math.log(2))


def test_each_pair_gives_the_logarithm_of_its_odds() -> None:
    real, fake = torch.tensor([2.0, -1.0]), torch.tensor([0.5, 1.0])
    # Differences D(x) − D(G(z)) of 1.5 and −2.
    expected = (math.log(1 + math.exp(-1.5)) + math.log(1 + math.exp(2))) / 2
    assert pairing_discriminator_loss(real, fake).item() == pytest.approx(expected)
    expected = (math.log(1 + math.exp(1.5)) + math.log(1 + math.exp(-2))) / 2
    assert pairing_generator_loss(real, fake).item() == pytest.approx(expected)


@given(logits, logits, st.floats(-50, 50, width=32))
def test_a_constant_added_to_all_logits_changes_nothing(
    real: torch.Tensor, fake: torch.Tensor, constant: float
) -> None:
    for loss in (pairing_discriminator_loss, pairing_generator_loss):
        torch.testing.assert_close(
            loss(real + constant, fake + constant), loss(real, fake), rtol=1e-4, atol=1e-4
        )


@given(logits, logits)
def test_g_is_d_with_real_and_drawn_exchanged(real: torch.Tensor, fake: torch.Tensor) -> None:
    assert torch.equal(pairing_generator_loss(real, fake), pairing_discriminator_loss(fake, real))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("logit", [-1e4, 1e4])
def test_losses_and_gradients_are_finite_at_extreme_logits(
    logit: float, dtype: torch.dtype
) -> None:
    real = torch.tensor([logit], dtype=dtype, requires_grad=True)
    fake = torch.tensor([-logit], dtype=dtype, requires_grad=True)
    loss = pairing_discriminator_loss(real, fake) + pairing_generator_loss(real, fake)
    loss.backward()
    assert torch.isfinite(loss)
    for tensor in (real, fake):
        assert tensor.grad is not None
        assert torch.isfinite(tensor.grad).all()
