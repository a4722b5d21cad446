"""LAPGAN: Denton, Chintala, Szlam, Fergus 2015, "Deep generative image models using a Laplacian
pyramid of adversarial networks", with multi-layer perceptrons at every level.

The coarsest level is a plain GAN of dense layers. Each finer G_k gets l_k = u(I_{k+1}), the image
so far at twice the size, with noise as one more plane, and draws the residual h_k; D_k judges
l_k + h_k, as in the reference code (facebook/eyescream). Levels are trained each on its own, with
l_k from real images, and in the same step. Classes are one more input or plane (CC-LAPGAN).

Here finer levels are perceptrons that see overlapping patches, not the paper's convolutions, which
``network`` "convolution" brings back. Other departures: Adam instead of SGD with momentum, Gaussian
instead of uniform noise, a blur kernel that is stated (`laplacian_pyramid`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, ClassVar, Literal, cast

import torch
from pydantic import Field, field_validator
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import ConfigError
from engine.gans.batch import Batch, ExtraImages
from engine.gans.blocks.channel_dropout import dropping
from engine.gans.blocks.element_dropout import ElementDropout
from engine.gans.blocks.laplacian_pyramid import expanded, pyramid_sizes, reduced_to
from engine.gans.blocks.multiscale_discriminator import discriminator_of
from engine.gans.blocks.overlapping_patches import blended, covering_patches, inner_patches
from engine.gans.latent_variant import LATENT_FEEDBACK, LatentVariant
from engine.gans.variant import ImageSpec, PresetSize, VariantOptions, preset_config
from engine.losses.adversarial import discriminator_loss, fake_losses, generator_loss
from engine.training.config import FeedbackMethod, TrainConfig
from engine.training.updates import Drawn

_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "batch_size": 8,
        "options": {"nz": 16, "units_g": 64, "units_d": 32, "patch": 8, "units": 32, "planes": 8},
    },
    64: {"steps": 20_000, "batch_size": 64, "ema_decay": 0.999},
    128: {"steps": 30_000, "batch_size": 32, "ema_decay": 0.999},
    256: {"steps": 40_000, "batch_size": 16, "ema_decay": 0.999},
}


class LapganOptions(VariantOptions):
    """The paper's settings for CIFAR-10 where it has them.

    ``coarsest`` pixels along the side of the coarsest level, whose hidden layers have ``units_g``
    and ``units_d`` units, with ``nz`` latents; ``patch`` pixels along the side of the patches of
    finer perceptrons, with ``units`` in hidden layers; ``planes`` in those of convolutional levels;
    ``dropout_d`` after D's hidden layers.
    """

    network: Literal["mlp", "convolution"] = "mlp"
    coarsest: int = Field(default=8, ge=8, le=64)
    nz: int = Field(default=100, ge=1, le=4096)
    units_g: int = Field(default=1200, ge=8, le=8000)
    units_d: int = Field(default=600, ge=8, le=8000)
    patch: int = Field(default=16, ge=4, le=64)
    units: int = Field(default=512, ge=8, le=8000)
    planes: int = Field(default=128, ge=4, le=512)
    dropout_d: float = Field(default=0.5, ge=0, lt=1)
    lr: float = Field(default=2e-4, gt=0, le=0.1)
    beta1: float = Field(default=0.5, ge=0, lt=1)

    @field_validator("coarsest", "patch")
    @classmethod
    def _power_of_two(cls, value: int) -> int:
        if value & (value - 1):
            raise ValueError("must be a power of two")
        return value


def perceptron(enters: int, units: int, leaves: int, dropout: float = 0.0) -> nn.Sequential:
    """Two hidden layers with ReLU, on the last axis of its input."""
    return nn.Sequential(
        nn.Linear(enters, units),
        nn.ReLU(),
        ElementDropout(dropout),
        nn.Linear(units, units),
        nn.ReLU(),
        ElementDropout(dropout),
        nn.Linear(units, leaves),
    )


class WithClass(nn.Module):
    """Joins class rows (N,) to numbers (N, F) as F + classes + 1 numbers."""

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.rows = n_classes + 1 if n_classes else 0

    def forward(self, numbers: Tensor, labels: Tensor) -> Tensor:
        """The numbers, then 1 for the row's class and 0 for others."""
        if not self.rows:
            return numbers
        return torch.cat([numbers, F.one_hot(labels, self.rows).to(numbers.dtype)], dim=1)


class WithClassPlane(nn.Module):
    """Joins class rows (N,) to images (N, C, S, S) as a learned plane with ReLU."""

    def __init__(self, n_classes: int, size: int) -> None:
        super().__init__()
        self.classes = nn.Embedding(n_classes + 1, size**2) if n_classes else None

    @property
    def planes(self) -> int:
        """How many planes are added: 1, or 0 without classes."""
        return 0 if self.classes is None else 1

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """The images, then the plane."""
        if self.classes is None:
            return images
        plane = F.relu(self.classes(labels)).view(-1, 1, *images.shape[2:])
        return torch.cat([images, plane.to(images.dtype)], dim=1)


class CoarsestGenerator(nn.Module):
    """Latents (N, nz) and class rows to images (N, C, S, S) of the coarsest level."""

    def __init__(self, spec: ImageSpec, options: LapganOptions) -> None:
        super().__init__()
        self.join = WithClass(spec.n_classes)
        self.shape = (spec.channels, spec.size, spec.size)
        numbers = spec.channels * spec.size**2
        self.layers = perceptron(options.nz + self.join.rows, options.units_g, numbers)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        """I_K."""
        return torch.unflatten(self.layers(self.join(z, labels)), 1, self.shape)


class CoarsestDiscriminator(nn.Module):
    """Images (N, C, S, S) of the coarsest level and class rows to logits (N,)."""

    def __init__(self, spec: ImageSpec, options: LapganOptions) -> None:
        super().__init__()
        self.join = WithClass(spec.n_classes)
        numbers = spec.channels * spec.size**2 + self.join.rows
        self.layers = perceptron(numbers, options.units_d, 1, options.dropout_d)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """One logit for each image."""
        return cast("Tensor", self.layers(self.join(images.flatten(1), labels))).flatten()


class PatchGenerator(nn.Module):
    """G_k as a perceptron on overlapping patches, whose answers are blended."""

    def __init__(self, spec: ImageSpec, options: LapganOptions) -> None:
        super().__init__()
        self.size, self.patch = spec.size, min(options.patch, spec.size)
        self.join = WithClassPlane(spec.n_classes, spec.size)
        pixels = self.patch**2
        enters = (spec.channels + 1 + self.join.planes) * pixels
        self.layers = perceptron(enters, options.units, spec.channels * pixels)

    def forward(self, low_pass: Tensor, noise: Tensor, labels: Tensor) -> Tensor:
        """h_k of l_k (N, C, S, S), noise (N, 1, S, S) and class rows (N,)."""
        planes = self.join(torch.cat([low_pass, noise], dim=1), labels)
        return blended(self.layers(covering_patches(planes, self.patch)), self.size, self.patch)


class PatchDiscriminator(nn.Module):
    """D_k as a perceptron on patches half a patch apart: images to logits (N, 1, h, w).

    The borders of G's patches lie in the middle of D's, so that a seam would give G away.
    """

    def __init__(self, spec: ImageSpec, options: LapganOptions) -> None:
        super().__init__()
        self.patch = min(options.patch, spec.size)
        self.join = WithClassPlane(spec.n_classes, spec.size)
        enters = (spec.channels + self.join.planes) * self.patch**2
        self.layers = perceptron(enters, options.units, 1, options.dropout_d)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """One logit for each patch."""
        patches = inner_patches(self.join(images, labels), self.patch)
        return cast("Tensor", self.layers(patches)).movedim(-1, 1)


class ConvolutionalGenerator(nn.Module):
    """G_k of the reference code: three convolutions, 7 x 7, 7 x 7 and 5 x 5."""

    def __init__(self, spec: ImageSpec, options: LapganOptions) -> None:
        super().__init__()
        self.join = WithClassPlane(spec.n_classes, spec.size)
        planes = options.planes
        self.layers = nn.Sequential(
            nn.Conv2d(spec.channels + 1 + self.join.planes, planes, 7, padding=3),
            nn.ReLU(),
            nn.Conv2d(planes, planes, 7, padding=3),
            nn.ReLU(),
            nn.Conv2d(planes, spec.channels, 5, padding=2),
        )

    def forward(self, low_pass: Tensor, noise: Tensor, labels: Tensor) -> Tensor:
        """h_k of l_k (N, C, S, S), noise (N, 1, S, S) and class rows (N,)."""
        return cast("Tensor", self.layers(self.join(torch.cat([low_pass, noise], dim=1), labels)))


class ConvolutionalDiscriminator(nn.Module):
    """D_k of the reference code: two 5 x 5 convolutions, dropout and a dense layer; logits (N,)."""

    def __init__(self, spec: ImageSpec, options: LapganOptions) -> None:
        super().__init__()
        self.join = WithClassPlane(spec.n_classes, spec.size)
        planes, size = options.planes, spec.size
        # The reference has no padding; 8 px (half of 16, for the multi-scale D) would vanish.
        padding = 0 if size >= 16 else 2
        left = (size + 4 * padding - 4 - 5) // 2 + 1
        self.layers = nn.Sequential(
            nn.Conv2d(spec.channels + self.join.planes, planes, 5, 1, padding),
            nn.ReLU(),
            nn.Conv2d(planes, planes, 5, 2, padding),
            nn.ReLU(),
            nn.Flatten(),
            ElementDropout(options.dropout_d),
            nn.Linear(planes * left**2, 1),
        )

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """One logit for each image."""
        return cast("Tensor", self.layers(self.join(images, labels))).flatten()


#: kinds of level: "dense" is the coarsest, the others are the finer ones' ``network``
GENERATORS: Mapping[str, Callable[[ImageSpec, LapganOptions], nn.Module]] = {
    "dense": CoarsestGenerator,
    "mlp": PatchGenerator,
    "convolution": ConvolutionalGenerator,
}
DISCRIMINATORS: Mapping[str, Callable[[ImageSpec, LapganOptions], nn.Module]] = {
    "dense": CoarsestDiscriminator,
    "mlp": PatchDiscriminator,
    "convolution": ConvolutionalDiscriminator,
}


def _discriminator(kind: str, spec: ImageSpec, options: LapganOptions, size: int) -> nn.Module:
    return DISCRIMINATORS[kind](spec.at(size), options)


class Lapgan(LatentVariant):
    """A pyramid of small GANs, each adding the detail of one doubling."""

    name: ClassVar[str] = "lapgan"
    title: ClassVar[str] = "LAPGAN (Laplacian pyramid, perceptrons)"
    options_model: ClassVar[type[VariantOptions]] = LapganOptions
    accepts_feedback: ClassVar[frozenset[FeedbackMethod]] = LATENT_FEEDBACK | {"region"}
    # A latent holds the noise of every level, more than an image does.
    drawn_at_once: ClassVar[int] = 8
    options: LapganOptions

    def __init__(self, spec: ImageSpec, options: LapganOptions, total_steps: int) -> None:
        super().__init__(spec, options, total_steps)
        if options.coarsest >= spec.size:
            raise ConfigError(
                f"The coarsest level of lapgan has {options.coarsest} pixels along each side, no "
                f"less than the images ({spec.size}). Choose a smaller 'coarsest'."
            )
        self.sizes = pyramid_sizes(spec.size, options.coarsest)
        self._networks: dict[str, nn.Module] = {}
        for size in self.sizes:
            kind = "dense" if size == options.coarsest else options.network
            self._networks[f"G{size}"] = GENERATORS[kind](spec.at(size), options)
            self._networks[f"D{size}"] = discriminator_of(
                options.discriminator, partial(_discriminator, kind, spec, options), size
            )

    @classmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """Levels from 8 px, with the paper's units at the coarsest."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """G8, D8 of the coarsest level, G16, D16 of the next and so on."""
        return self._networks

    def adam_settings(self, network: str) -> dict[str, Any]:  # noqa: ARG002 - all alike
        """2e-4 with β1 = 0.5."""
        return {"lr": self.options.lr, "betas": (self.options.beta1, 0.999)}

    def sampling_networks(self) -> tuple[str, ...]:
        """The generators of all levels."""
        return tuple(f"G{size}" for size in self.sizes)

    def initialise(self, rng: torch.Generator) -> None:
        """He's initialisation; finer generators end in 0, so that they start from l_k."""
        for network in self._networks.values():
            for layer in network.modules():
                if isinstance(layer, (nn.Conv2d, nn.Linear)):
                    nn.init.kaiming_normal_(layer.weight, generator=rng)
                    nn.init.zeros_(cast("Tensor", layer.bias))
                elif isinstance(layer, nn.Embedding):
                    nn.init.normal_(layer.weight, generator=rng)
            if isinstance(network, (PatchGenerator, ConvolutionalGenerator)):
                nn.init.zeros_(cast("Tensor", network.layers[-1].weight))

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:  # noqa: ARG002 - all alike
        """Update D and then G of every level; returns their mean losses over the levels."""
        losses = [self._train_level(size, batch) for size in self.sizes]
        d, g = (torch.stack(values).mean() for values in zip(*losses, strict=True))
        return {"discriminator": d, "generator": g}

    def _train_level(self, size: int, batch: Batch) -> tuple[Tensor, Tensor]:
        discriminator = self._networks[f"D{size}"]

        def draw(part: Batch) -> tuple[Tensor, Tensor]:
            real = reduced_to(part.images, size)
            draws = part.draws(f"noise {size}")
            if size == self.sizes[0]:
                z = draws.normal(self.options.nz)
                return real, self._networks[f"G{size}"](z, self.class_rows(part.labels))
            coarse = reduced_to(real, size // 2)
            return real, self._refined(coarse, draws.normal(1, size, size), part.labels)

        def judge(shown: Batch | ExtraImages, images: Tensor, name: str) -> Tensor:
            with dropping([discriminator], shown.draws(f"dropout D{size} {name}")):
                return cast("Tensor", discriminator(images, self.class_rows(shown.labels)))

        def judge_recognised(shown: ExtraImages) -> Tensor:
            return fake_losses(judge(shown, reduced_to(shown.images, size), "recognised"))

        drawn = Drawn(draw)

        def loss_d(part: Batch) -> Tensor:
            real, fake = drawn.for_discriminator(part)
            loss = discriminator_loss(
                judge(part, real, "real"), judge(part, fake.detach(), "drawn")
            )
            return part.with_recognised(loss, judge_recognised)

        def loss_g(part: Batch) -> Tensor:
            real, fake = drawn.for_generator(part)
            rows = self.class_rows(part.labels)
            loss = generator_loss(judge(part, fake, "fooled"))
            return loss + self.matching_loss(discriminator, real, fake, rows)

        return (
            self.minimise(f"D{size}", batch, loss_d),
            self.minimise(f"G{size}", batch, loss_g),
        )

    def _refined(self, coarse: Tensor, noise: Tensor, labels: Tensor) -> Tensor:
        """l_k + G_k(l_k, noise) at twice the size of ``coarse``; noise (N, 1, S, S)."""
        low_pass = expanded(coarse)
        generator = self._networks[f"G{low_pass.shape[-1]}"]
        return low_pass + cast("Tensor", generator(low_pass, noise, self.class_rows(labels)))

    @property
    def latent_size(self) -> int:
        """Nz, and one number for each pixel of the finer levels."""
        return self.options.nz + sum(size**2 for size in self.sizes[1:])

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        """The coarsest image, refined level by level; clipped to [-1, 1] at the end."""
        finer = self.sizes[1:]
        latent, *planes = torch.split(z, [self.options.nz, *(size**2 for size in finer)], dim=1)
        image: Tensor = self._networks[f"G{self.sizes[0]}"](latent, self.class_rows(labels))
        for size, noise in zip(finer, planes, strict=True):
            image = self._refined(image, noise.view(-1, 1, size, size), labels)
        return image.clamp(-1, 1)
