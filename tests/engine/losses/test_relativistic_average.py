"""The relativistic average loss: known values, and what it must not depend on."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.losses.relativistic_average import average_loss

logits = st.lists(st.floats(-20, 20, width=32), min_size=3, max_size=3).map(torch.tensor)


def test_where_d_cannot_tell_the_loss_is_twice_ln_2() -> None:
    assert average_loss(torch.full((4,), 3.0), torch.full((4,), 3.0)).item() == pytest.approx(
        2 * math.log(2)
    )


def test_each_image_is_compared_with_the_average_of_the_others() -> None:
    real, fake = torch.tensor([3.0, 1.0]), torch.tensor([0.0, -1.0])
    # E C(x) = 2, E C(G(z)) = −0.5: real ones exceed by 3.5 and 1.5, drawn ones fall short by 2, 3.
    expected = (math.log(1 + math.exp(-3.5)) + math.log(1 + math.exp(-1.5))) / 2
    expected += (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(-3))) / 2
    assert average_loss(real, fake).item() == pytest.approx(expected)


@given(logits, logits, st.floats(-50, 50, width=32), st.permutations(range(3)))
def test_neither_a_constant_nor_the_order_of_the_images_matters(
    real: torch.Tensor, fake: torch.Tensor, constant: float, order: list[int]
) -> None:
    moved = average_loss(real + constant, fake[list(order)] + constant)
    torch.testing.assert_close(moved, average_loss(real, fake), rtol=1e-4, atol=1e-4)


def test_it_is_finite_at_extreme_logits_in_half_precision() -> None:
    real = torch.tensor([-1e4, -1e4], dtype=torch.bfloat16, requires_grad=True)
    loss = average_loss(real, torch.full((2,), 1e4))
    loss.backward()
    assert torch.isfinite(loss)
    assert real.grad is not None
    assert torch.isfinite(real.grad).all()
