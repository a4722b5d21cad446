"""The least-squares GAN: Mao et al. 2017, "Least squares generative adversarial networks", eq. 9.

Labels 0 for drawn and 1 for real; G wants D to answer 1. Scores are unbounded, without a sigmoid.
"""

from __future__ import annotations

from torch import Tensor


def discriminator_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """½ E (D(x) − 1)² + ½ E D(G(z))², each the mean over its scores; a scalar."""
    return ((real_scores - 1).square().mean() + fake_scores.square().mean()) / 2


def generator_loss(fake_scores: Tensor) -> Tensor:
    """½ E (D(G(z)) − 1)²; a scalar."""
    return (fake_scores - 1).square().mean() / 2


def fake_losses(fake_scores: Tensor) -> Tensor:
    """½ D(x)² of each drawn image, of the scores' shape."""
    return fake_scores.square() / 2
