"""The zero-mean generalised Gaussian of a residual: likelihood, variance, bounded parameters.

Upadhyay et al. 2021, "Uncertainty-guided progressive GANs for medical image translation", eq. 3–5:
p(r) = β / (2 α Γ(1/β)) · exp(−(|r|/α)^β). β = 2 is a Gaussian with σ = α/√2, β = 1 a Laplacian.
"""

from __future__ import annotations

import torch
from torch import Tensor

#: bounds that keep likelihood and gradients finite for residuals of images in [-1, 1]
ALPHA_BOUNDS = (1e-2, 2.0)
BETA_BOUNDS = (0.5, 4.0)
#: residuals below half a grey level of 16-bit images count as this large (|r|^β has no slope at 0)
_SMALLEST_RESIDUAL = 1e-5
#: exp of more than this overflows sums over an image in float32
_LARGEST_EXPONENT = 40.0


def bounded(raw: Tensor, bounds: tuple[float, float]) -> Tensor:
    """Map any real to (low, high), float32, evenly in the logarithm; raw 0 gives √(low · high)."""
    low, high = bounds
    return low * (high / low) ** torch.sigmoid(raw.float())


def negative_log_likelihood(residual: Tensor, alpha: Tensor, beta: Tensor) -> Tensor:
    """−log p of each residual: (|r|/α)^β − log β + log 2α + log Γ(1/β).

    Shapes broadcast; computed and returned in float32 whatever the inputs' precision. Finite with
    finite gradients for finite residuals and parameters within the module's bounds.
    """
    alpha, beta = alpha.float(), beta.float()
    magnitude = residual.float().abs().clamp_min(_SMALLEST_RESIDUAL)
    exponent = beta * (magnitude.log() - alpha.log())
    power = exponent.clamp_max(_LARGEST_EXPONENT).exp()
    return power - beta.log() + (2 * alpha).log() + torch.lgamma(1 / beta)


def variance(alpha: Tensor, beta: Tensor) -> Tensor:
    """α² Γ(3/β) / Γ(1/β), the variance of the residual, float32."""
    alpha, beta = alpha.float(), beta.float()
    return alpha.square() * (torch.lgamma(3 / beta) - torch.lgamma(1 / beta)).exp()
