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


def fake_losses(fake_logits: Tensor) -> Tensor:
    """−log(1 − D(x)) of each drawn image, of the logits' shape."""
    return F.softplus(fake_logits)
