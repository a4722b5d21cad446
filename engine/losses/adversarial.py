"""Adversarial losses on logits: the original GAN's cross-entropy with the non-saturating G.

Goodfellow et al. 2014, "Generative adversarial nets", section 3.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """−log D(x) − log(1 − D(G(z))), each the mean over its batch; a scalar."""
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(fake_logits: Tensor) -> Tensor:
    """−log D(G(z)), mean over the batch; a scalar."""
    return F.softplus(-fake_logits).mean()


def weighted_fake_loss(logits: Tensor, weights: Tensor, batch_size: int) -> Tensor:
    """−Σ w log(1 − D(x)) / ``batch_size``: weight 1 counts as one drawn image of the batch.

    ``logits`` (N, …) of images with ``weights`` (N,); several logits of an image are averaged.
    """
    return (weights * F.softplus(logits).reshape(len(weights), -1).mean(dim=1)).sum() / batch_size
