"""Generators whose log-likelihood is known or which are quick to anneal."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

SIDE = 4


class LinearDecoder:
    """x = W z + b on images of one channel and 4 x 4 pixels; with noise, x is Gaussian itself."""

    latent_size = 3

    def __init__(self, seed: int = 0, scale: float = 0.7) -> None:
        rng = torch.Generator().manual_seed(seed)
        shape = (SIDE * SIDE, self.latent_size)
        self.weights = scale * torch.randn(*shape, generator=rng, dtype=torch.float64)
        self.bias = 0.1 * torch.randn(SIDE * SIDE, generator=rng, dtype=torch.float64)

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        return (z @ self.weights.T + self.bias).view(-1, 1, SIDE, SIDE)

    def exact(self, images: Tensor, sigma: float) -> NDArray[np.float64]:
        """log N(x; b, W Wᵀ + σ² I), float64 (N,)."""
        covariance = self.weights @ self.weights.T + sigma**2 * torch.eye(SIDE * SIDE)
        density = torch.distributions.MultivariateNormal(self.bias, covariance)
        return density.log_prob(images.view(len(images), -1)).numpy()

    def posterior(self, image: Tensor, sigma: float, beta: float) -> tuple[Tensor, Tensor]:
        """Mean (d,) and covariance (d, d) of z under N(0, I) p(x | z)^β."""
        precision = torch.eye(self.latent_size) + beta / sigma**2 * self.weights.T @ self.weights
        covariance = torch.linalg.inv(precision)
        return covariance @ self.weights.T @ (image.view(-1) - self.bias) * beta / sigma**2, (
            covariance
        )


class SmallNetwork:
    """A fixed network with two layers and tanh: its posterior is not Gaussian."""

    latent_size = 4

    def __init__(self, seed: int = 0) -> None:
        rng = torch.Generator().manual_seed(seed)
        wide = 16
        self.layers = nn.Sequential(
            nn.Linear(self.latent_size, wide), nn.Tanh(), nn.Linear(wide, SIDE * SIDE), nn.Tanh()
        ).double()
        for layer in self.layers:
            if isinstance(layer, nn.Linear):
                nn.init.normal_(layer.weight, std=1 / math.sqrt(layer.in_features), generator=rng)
                nn.init.normal_(layer.bias, std=0.1, generator=rng)
        self.layers.requires_grad_(False)

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        images: Tensor = self.layers(z)
        return images.view(-1, 1, SIDE, SIDE)
