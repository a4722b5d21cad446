"""DCGAN: Radford, Metz, Chintala 2015, "Unsupervised representation learning with deep
convolutional generative adversarial networks".

Strided convolutions in D and fractionally-strided ones in G, batch norm in both but not at G's
output and D's input, no hidden dense layers, ReLU and Tanh in G, LeakyReLU 0.2 in D, weights from
N(0, 0.02), Adam with 2e-4 and β1 = 0.5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, cast

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from engine.gans.blocks.channel_dropout import ChannelDropout, dropping
from engine.gans.variant import (
    GREY_LEVELS_PER_UNIT,
    SD_UNIT,
    Batch,
    BatchMap,
    ImageSpec,
    PresetSize,
    Samples,
    Variant,
    VariantOptions,
    preset_config,
)
from engine.losses.adversarial import discriminator_loss, generator_loss, weighted_fake_loss
from engine.training.config import FeedbackMethod, TrainConfig
from engine.training.randomness import derived_seed, generator, latents
from engine.uncertainty import mc_dropout

#: images drawn at a time, so that memory does not grow with what is asked for
_DRAWN_AT_ONCE = 64

_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "size": 32,
        "steps": 50,
        "batch_size": 8,
        "checkpoint_every": 25,
        "sample_every": 25,
        "log_every": 5,
        "options": {"ngf": 8, "ndf": 8, "nz": 16},
    },
    64: {"size": 64, "steps": 20_000, "batch_size": 64, "ema_decay": 0.999},
    128: {"size": 128, "steps": 40_000, "batch_size": 32, "ema_decay": 0.999},
    256: {
        "size": 256,
        "steps": 60_000,
        "batch_size": 16,
        "ema_decay": 0.999,
        "options": {"ngf": 32, "ndf": 32},
    },
}


class DcganOptions(VariantOptions):
    """The paper's settings, and what later practice added as options that start switched off.

    ``nz`` latents; ``ngf``, ``ndf`` channels beside the image; ``dropout_d`` in D; ``dropout_g``
    in G gives each drawn image an epistemic map from ``passes`` networks; ``conditional`` uses the
    data set's classes where it has any.
    """

    nz: int = Field(default=100, ge=1, le=4096)
    ngf: int = Field(default=64, ge=4, le=512)
    ndf: int = Field(default=64, ge=4, le=512)
    lr: float = Field(default=2e-4, gt=0, le=0.1)
    beta1: float = Field(default=0.5, ge=0, lt=1)
    dropout_d: float = Field(default=0.0, ge=0, lt=1)
    dropout_g: float = Field(default=0.0, ge=0, lt=1)
    passes: int = Field(default=8, ge=2, le=256)
    conditional: bool = True


def widths(narrowest: int, size: int) -> list[int]:
    """Channels from next to the image down to the 4 x 4 features: doubled at each halving."""
    return [narrowest * 2**level for level in range(int(math.log2(size)) - 2)]


class Generator(nn.Module):
    """Latents (N, nz) and class rows (N,) to images (N, C, S, S) in (-1, 1)."""

    def __init__(self, spec: ImageSpec, options: DcganOptions, n_classes: int) -> None:
        super().__init__()
        self.classes = nn.Embedding(n_classes + 1, options.nz) if n_classes else None
        wide, *rest = reversed(widths(options.ngf, spec.size))
        start = 2 * options.nz if n_classes else options.nz
        layers = [*_rising(start, wide, stride=1, padding=0)]
        for narrow in rest:
            layers += [ChannelDropout(options.dropout_g), *_rising(wide, narrow)]
            wide = narrow
        layers += [nn.ConvTranspose2d(wide, spec.channels, 4, 2, 1, bias=False), nn.Tanh()]
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        """Draw one image for each row of ``z``."""
        if self.classes is not None:
            z = torch.cat([z, self.classes(labels)], dim=1)
        return cast("Tensor", self.layers(z[:, :, None, None]))


def _rising(
    channels_in: int, channels_out: int, stride: int = 2, padding: int = 1
) -> list[nn.Module]:
    return [
        nn.ConvTranspose2d(channels_in, channels_out, 4, stride, padding, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
    ]


class Discriminator(nn.Module):
    """Images (N, C, S, S) and class rows (N,) to logits (N,) of being real."""

    def __init__(self, spec: ImageSpec, options: DcganOptions, n_classes: int) -> None:
        super().__init__()
        # A class is one more plane of the image, as in conditional GANs (Mirza, Osindero 2014).
        self.classes = nn.Embedding(n_classes + 1, spec.size**2) if n_classes else None
        narrow, *rest = widths(options.ndf, spec.size)
        planes = spec.channels + (1 if n_classes else 0)
        layers: list[nn.Module] = [
            nn.Conv2d(planes, narrow, 4, 2, 1, bias=False),
            nn.LeakyReLU(0.2),
        ]
        for wide in rest:
            layers += [
                ChannelDropout(options.dropout_d),
                nn.Conv2d(narrow, wide, 4, 2, 1, bias=False),
                nn.BatchNorm2d(wide),
                nn.LeakyReLU(0.2),
            ]
            narrow = wide
        self.layers = nn.Sequential(*layers, nn.Conv2d(narrow, 1, 4, 1, 0, bias=False))

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """One logit for each image."""
        if self.classes is not None:
            plane = self.classes(labels).view(-1, 1, *images.shape[2:])
            images = torch.cat([images, plane.to(images.dtype)], dim=1)
        return cast("Tensor", self.layers(images).flatten())


class Dcgan(Variant):
    """The deep convolutional GAN; feedback reweights what its discriminator is shown."""

    name: ClassVar[str] = "dcgan"
    title: ClassVar[str] = "DCGAN"
    options_model: ClassVar[type[VariantOptions]] = DcganOptions
    accepts_feedback: ClassVar[frozenset[FeedbackMethod]] = frozenset({"reweighting"})

    def __init__(self, spec: ImageSpec, options: DcganOptions, total_steps: int) -> None:
        super().__init__(spec, total_steps)
        self.options = options
        self.n_classes = spec.n_classes if options.conditional else 0
        self.generator = Generator(spec, options, self.n_classes)
        self.discriminator = Discriminator(spec, options, self.n_classes)

    @classmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """The paper's settings at 64 px; above, one more layer for each doubling."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """The generator G and the discriminator D."""
        return {"G": self.generator, "D": self.discriminator}

    def optimisers(self) -> dict[str, Optimizer]:
        """One Adam for each network."""
        return self._adams

    @cached_property
    def _adams(self) -> dict[str, Optimizer]:
        # Made when first asked for: sampling needs none, and they take a second to import.
        rate, betas = self.options.lr, (self.options.beta1, 0.999)
        return {
            name: Adam(network.parameters(), lr=rate, betas=betas)
            for name, network in self.networks().items()
        }

    def sampling_networks(self) -> tuple[str, ...]:
        """The generator."""
        return ("G",)

    def initialise(self, rng: torch.Generator) -> None:
        """N(0, 0.02) for convolutions and embeddings, N(1, 0.02) for batch norm's scale."""
        for network in self.networks().values():
            for layer in network.modules():
                if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Embedding)):
                    nn.init.normal_(layer.weight, 0.0, 0.02, generator=rng)
                elif isinstance(layer, nn.BatchNorm2d):
                    nn.init.normal_(layer.weight, 1.0, 0.02, generator=rng)
                    nn.init.zeros_(layer.bias)

    def step(
        self,
        batch: Batch,
        step: int,  # noqa: ARG002 - every step is alike
        rng: torch.Generator,
    ) -> dict[str, Tensor]:
        """Update D on real, drawn and recognised images, then G."""
        rows = self._rows(batch.labels)
        z = torch.randn((len(batch.images), self.options.nz), generator=rng, device=self.device)
        with dropping(self.generator, [rng]), dropping(self.discriminator, [rng]):
            drawn = self.generator(z, rows)
            loss_d = discriminator_loss(
                self.discriminator(batch.images, rows), self.discriminator(drawn.detach(), rows)
            )
            if batch.negatives is not None:
                recognised = batch.negatives
                logits = self.discriminator(recognised.images, self._rows(recognised.labels))
                loss_d = loss_d + weighted_fake_loss(logits, recognised.weights, len(z))
            self._update("D", loss_d)
            loss_g = generator_loss(self.discriminator(drawn, rows))
            self._update("G", loss_g)
        return {"discriminator": loss_d.detach(), "generator": loss_g.detach()}

    @torch.no_grad()
    def sample(
        self,
        n: int,
        seed: int,
        *,
        labels: Tensor | None = None,
        inputs: Tensor | None = None,  # noqa: ARG002 - drawn from latents alone
        first: int = 0,
    ) -> Samples:
        """Draw images; classes are drawn from ``seed`` too unless ``labels`` are given.

        With ``dropout_g`` each gets an epistemic map: one standard deviation over passes.
        """
        z = latents(seed, first, n, self.options.nz)
        rows = self._rows(self.drawn_labels(seed, first, n) if labels is None else labels)
        training = self.generator.training
        self.generator.eval()
        try:
            parts = [
                self._draw(
                    z[at : at + _DRAWN_AT_ONCE], rows[at : at + _DRAWN_AT_ONCE], seed, first + at
                )
                for at in range(0, n, _DRAWN_AT_ONCE)
            ]
        finally:
            self.generator.train(training)
        images = torch.cat([images for images, _ in parts])
        if self.options.dropout_g == 0:
            return Samples(images)
        spread = torch.cat([spread for _, spread in parts]).sqrt() * GREY_LEVELS_PER_UNIT
        return Samples(images, (BatchMap(spread, mc_dropout.KIND, SD_UNIT),))

    def drawn_labels(self, seed: int, first: int, n: int) -> Tensor:
        """Classes of samples ``first`` … of ``seed``, int64 (n,); -1 without classes."""
        if not self.n_classes:
            return torch.full((n,), -1)
        return torch.tensor(
            [derived_seed(seed, "class", i) % self.n_classes for i in range(first, first + n)]
        )

    def _draw(self, z: Tensor, rows: Tensor, seed: int, first: int) -> tuple[Tensor, Tensor]:
        z = z.to(self.device)
        images = self.generator(z, rows)
        if self.options.dropout_g == 0:
            return images, images.new_zeros(())
        passes = self.options.passes
        rngs = [
            generator(derived_seed(seed, "dropout", first + i), number)
            for i in range(len(z))
            for number in range(passes)
        ]
        with dropping(self.generator, rngs):
            drawn = self.generator(
                z.repeat_interleave(passes, dim=0), rows.repeat_interleave(passes, dim=0)
            )
        return images, mc_dropout.epistemic_variance(mc_dropout.split_passes(drawn, passes))

    def _rows(self, labels: Tensor) -> Tensor:
        """Rows of the class embeddings; an unknown class (-1) has the last one to itself."""
        known = labels.to(self.device)
        return torch.where(known < 0, torch.full_like(known, self.n_classes), known)

    def _update(self, name: str, loss: Tensor) -> None:
        optimiser = self._adams[name]
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()
