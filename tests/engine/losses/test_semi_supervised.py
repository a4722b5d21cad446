"""The semi-supervised losses against an explicit softmax over H + 1 classes."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from engine.losses.adversarial import discriminator_loss
from engine.losses.semi_supervised import class_loss, log_z, means_mismatch
from engine.training.randomness import generator


def explicit(class_logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of the (H + 1)-softmax in float64, its last logit 0."""
    zero = torch.zeros(len(class_logits), 1, dtype=torch.float64)
    return F.cross_entropy(torch.cat([class_logits.double(), zero], dim=1), target)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0, 1e4])
@pytest.mark.parametrize("n_classes", [1, 2, 5])
def test_the_losses_add_up_to_the_explicit_softmax(scale: float, n_classes: int) -> None:
    rng = generator(3, "logits", n_classes)
    real, fake = (scale * torch.randn(64, n_classes, generator=rng) for _ in range(2))
    labels = torch.randint(n_classes, (64,), generator=rng)
    ours = class_loss(real, labels) + discriminator_loss(log_z(real), log_z(fake))
    drawn = torch.full((64,), n_classes)
    truth = explicit(real, labels) + explicit(fake, drawn)
    torch.testing.assert_close(ours.double(), truth, rtol=1e-6, atol=1e-6)


def test_d_is_z_over_z_plus_one() -> None:
    logits = torch.tensor([[0.3, -2.0, 1.1]])
    z = logits.exp().sum()
    torch.testing.assert_close(log_z(logits).sigmoid(), (z / (z + 1))[None])


def test_unknown_labels_count_nothing_and_all_scales_count() -> None:
    logits = torch.randn(4, 3, generator=generator(1))
    labels = torch.tensor([0, -1, 2, -1])
    known = F.cross_entropy(logits[[0, 2]], labels[[0, 2]])
    torch.testing.assert_close(class_loss(logits, labels), known / 2)
    assert class_loss(logits, torch.full((4,), -1)) == 0
    two_scales = torch.stack([logits, -logits], dim=1)
    both = (class_loss(logits, labels) + class_loss(-logits, labels)) / 2
    torch.testing.assert_close(class_loss(two_scales, labels), both)


def test_mismatch_of_means_by_hand() -> None:
    real = torch.tensor([[1.0, 0.0], [3.0, 0.0]])
    drawn = torch.tensor([[0.0, 1.0], [0.0, 3.0]], requires_grad=True)
    mismatch = means_mismatch([real], [drawn])
    assert mismatch.item() == pytest.approx((2**2 + 2**2) / 2**2)
    mismatch.backward()
    assert drawn.grad is not None
    torch.testing.assert_close(drawn.grad, torch.tensor([[-0.5, 0.5], [-0.5, 0.5]]))
    assert means_mismatch([real, real], [drawn, real.flip(0)]).item() == pytest.approx(1)
    scaled = means_mismatch([1e3 * real], [1e3 * drawn])
    torch.testing.assert_close(scaled, mismatch)


@pytest.mark.parametrize("logit", [-1e4, 1e4])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_losses_and_gradients_are_finite_at_extreme_logits(
    logit: float, dtype: torch.dtype
) -> None:
    logits = torch.tensor([[logit, -logit], [logit, logit]], dtype=dtype, requires_grad=True)
    labels = torch.tensor([1, 0])
    loss = class_loss(logits, labels) + discriminator_loss(log_z(logits), log_z(logits))
    loss.backward()
    assert torch.isfinite(loss)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
