"""Aleatoric uncertainty: the spread that the network itself predicts for each pixel.

Kendall and Gal 2017, "What uncertainties do we need in Bayesian deep learning for computer
vision?"; with the generalised Gaussian of Upadhyay et al. 2021 the variance is α²Γ(3/β)/Γ(1/β).
"""

from __future__ import annotations

from torch import Tensor

from engine.losses.generalised_gaussian import variance

KIND = "aleatoric"


def aleatoric_variance(alpha: Tensor, beta: Tensor) -> Tensor:
    """Variance (N, H, W), mean over channels, of (N, C, H, W) scale and shape maps."""
    return variance(alpha, beta).mean(dim=1)
