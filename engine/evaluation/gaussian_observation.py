"""A generator as a density: images around G(z, class) with Gaussian noise on every pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Decoder(Protocol):
    """What turns latents into images; every `engine.gans.latent_variant.LatentVariant` does."""

    @property
    def latent_size(self) -> int:
        """Numbers in a latent, which is N(0, I) before an image is seen."""
        ...

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        """Images (N, C, S, S) of latents (N, latent_size) and labels int64 (N,) or -1."""
        ...


@dataclass(frozen=True, slots=True)
class GaussianObservation:
    """log p(x | z, class) = log N(x; G(z, class), σ² I), in nats an image.

    ``images`` float (N, C, S, S) in [-1, 1] with ``labels`` int64 (N,) or -1; ``sigma`` > 0 is in
    the same unit. Each image has ``chains`` latents in turn, so that latents are (N * chains, d).
    Sums over pixels are float64: their differences decide about steps of a fraction of a nat.
    """

    decoder: Decoder
    images: Tensor
    labels: Tensor
    sigma: float
    chains: int

    @property
    def n_images(self) -> int:
        """How many images."""
        return len(self.images)

    def value_and_gradient(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """The log-likelihoods, float64 (rows,), and their gradient with respect to ``z``."""
        with torch.enable_grad():
            latent = z.detach().requires_grad_()
            values = self._values(latent)
            (gradient,) = torch.autograd.grad(values.sum(), latent)
        return values.detach(), gradient

    def _values(self, z: Tensor) -> Tensor:
        drawn = self.decoder.generate(z, self.labels.repeat_interleave(self.chains))
        pixels = self.images[0].numel()
        residual = drawn.view(self.n_images, self.chains, pixels) - self.images.view(
            self.n_images, 1, pixels
        )
        squares: Tensor = residual.double().square().sum(dim=-1).view(-1)
        norm = pixels * math.log(self.sigma * math.sqrt(2 * math.pi))
        return -squares / (2 * self.sigma**2) - norm
