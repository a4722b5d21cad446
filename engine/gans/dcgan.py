"""DCGAN: Radford, Metz, Chintala 2015, "Unsupervised representation learning with deep
convolutional generative adversarial networks".

Strided convolutions in D and fractionally-strided ones in G, batch norm in both but not at G's
output and D's input, no hidden dense layers, ReLU and Tanh in G, LeakyReLU 0.2 in D, weights from
N(0, 0.02), Adam with 2e-4 and β1 = 0.5.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar, cast

import torch
from pydantic import Field
from torch import Tensor, nn

from engine.gans.batch import Batch, ExtraImages
from engine.gans.blocks.channel_dropout import ChannelDropout, dropping
from engine.gans.blocks.discriminator_judge import DiscriminatorJudge
from engine.gans.blocks.feature_widths import widths
from engine.gans.blocks.multiscale_discriminator import discriminator_of
from engine.gans.blocks.normal_weights import draw_normal_weights
from engine.gans.latent_variant import LatentVariant
from engine.gans.variant import ImageSpec, PresetSize, VariantOptions, preset_config
from engine.losses.adversarial import discriminator_loss, fake_losses, generator_loss
from engine.training.config import TrainConfig
from engine.training.updates import Drawn

_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "batch_size": 8,
        "options": {"ngf": 8, "ndf": 8, "nz": 16},
    },
    64: {"steps": 20_000, "batch_size": 64, "ema_decay": 0.999},
    128: {"steps": 40_000, "batch_size": 32, "ema_decay": 0.999},
    256: {
        "steps": 60_000,
        "batch_size": 16,
        "ema_decay": 0.999,
        "options": {"ngf": 32, "ndf": 32},
    },
}


class DcganOptions(VariantOptions):
    """The paper's settings, and what later practice added as options that start switched off.

    ``nz`` latents; ``ngf``, ``ndf`` channels beside the image; ``dropout_d`` in D; ``dropout_g``
    in G makes the uncertainty map an epistemic one; ``passes`` are those of each map;
    ``conditional`` uses the data set's classes where it has any.
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


class Dcgan(LatentVariant):
    """The deep convolutional GAN; feedback reweights what its discriminator is shown."""

    name: ClassVar[str] = "dcgan"
    title: ClassVar[str] = "DCGAN"
    options_model: ClassVar[type[VariantOptions]] = DcganOptions
    options: DcganOptions

    def __init__(self, spec: ImageSpec, options: DcganOptions, total_steps: int) -> None:
        super().__init__(spec, options, total_steps)
        n_classes = spec.n_classes if options.conditional else 0
        self.generator = Generator(spec, options, n_classes)
        self.discriminator = discriminator_of(
            options.discriminator,
            lambda size: Discriminator(spec.at(size), options, n_classes),
            spec.size,
        )

    @classmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """The paper's settings at 64 px; above, one more layer for each doubling."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """The generator G and the discriminator D."""
        return {"G": self.generator, "D": self.discriminator}

    def adam_settings(self, network: str) -> dict[str, Any]:  # noqa: ARG002 - both alike
        """The paper's 2e-4 with β1 = 0.5."""
        return {"lr": self.options.lr, "betas": (self.options.beta1, 0.999)}

    def sampling_networks(self) -> tuple[str, ...]:
        """The generator."""
        return ("G",)

    def initialise(self, rng: torch.Generator) -> None:
        """The paper's N(0, 0.02)."""
        for network in self.networks().values():
            draw_normal_weights(network, rng)

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:  # noqa: ARG002 - all alike
        """Update D on real, drawn and recognised images, then G."""

        def draw(part: Batch) -> Tensor:
            z = part.draws("latent").normal(self.latent_size)
            with dropping([self.generator], part.draws("dropout G")):
                return self.generate(z, part.labels)

        def judge(shown: Batch | ExtraImages, images: Tensor, name: str) -> Tensor:
            with dropping([self.discriminator], shown.draws(f"dropout D {name}")):
                return cast("Tensor", self.discriminator(images, self.class_rows(shown.labels)))

        drawn = Drawn(draw)

        def loss_d(part: Batch) -> Tensor:
            fake = drawn.for_discriminator(part).detach()
            loss = discriminator_loss(judge(part, part.images, "real"), judge(part, fake, "drawn"))
            return part.with_recognised(
                loss, lambda shown: fake_losses(judge(shown, shown.images, "recognised"))
            )

        def loss_g(part: Batch) -> Tensor:
            fake = drawn.for_generator(part)
            loss = generator_loss(judge(part, fake, "fooled"))
            rows = self.class_rows(part.labels)
            return loss + self.matching_loss(self.discriminator, part.images, fake, rows)

        return {
            "discriminator": self.minimise("D", batch, loss_d),
            "generator": self.minimise("G", batch, loss_g),
        }

    def image_judge(self) -> nn.Module:
        """D, asked without a class."""
        unknown = self.spec.n_classes
        return DiscriminatorJudge(copy.deepcopy(self.discriminator), unknown, torch.squeeze)

    @property
    def latent_size(self) -> int:
        """Nz."""
        return self.options.nz

    @property
    def passes(self) -> int:
        """The option ``passes``."""
        return self.options.passes

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        """G(z, class)."""
        return cast("Tensor", self.generator(z, self.class_rows(labels)))
