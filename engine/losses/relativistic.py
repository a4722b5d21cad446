"""Relativistic adversarial losses: how much more real a real image looks than a drawn one.

Jolicoeur-Martineau 2018, "The relativistic discriminator"; in pairs as Huang et al. 2024, "The GAN
is dead; long live the GAN!", equation 2 with f(t) = −log(1 + e⁻ᵗ). Only differences of logits
count, so that D has to tell each drawn image from a real one: dropping a mode does not pay.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def pairing_discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """−log σ(D(x) − D(G(z))), mean over the pairs; a scalar, ln 2 where D cannot tell.

    Both (N, …): the i-th drawn image is paired with the i-th real one. Computed in float32.
    """
    return pairing_losses(real_logits, fake_logits).mean()


def pairing_losses(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """−log σ(D(x) − D(G(z))) of each pair, of the logits' shape, in float32."""
    return F.softplus(fake_logits.float() - real_logits.float())


def pairing_generator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """−log σ(D(G(z)) − D(x)), mean over the pairs; a scalar, in float32."""
    return F.softplus(real_logits.float() - fake_logits.float()).mean()
