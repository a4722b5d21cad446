"""Sequential enhancement after StackGAN: Zhang, Xu, Li, Zhang, Wang, Huang, Metaxas 2017,
"StackGAN: text to photo-realistic image synthesis with stacked generative adversarial networks".

Stage 1 draws a small image from a latent. Each later stage sees only the image of the stage
before, and its class, and makes a better one of the same or double size. Stages are trained one
after another, each with a discriminator of its own, the earlier ones frozen.

As in the paper: the later stages' layers, Adam with 2e-4 and β1 = 0.5. Unlike it: stage 1 is a
DCGAN; a class takes the place of the text, so that there is no conditioning augmentation; a later
stage at most doubles the size and adds its result to the enlarged image, so that an untrained one
changes nothing; the loss is the non-saturating one.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, cast

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import ConfigError
from engine.gans.batch import Batch, ExtraImages
from engine.gans.blocks.channel_dropout import ChannelDropout, dropping
from engine.gans.blocks.discriminator_judge import DiscriminatorJudge
from engine.gans.blocks.multiscale_discriminator import discriminator_of
from engine.gans.blocks.normal_weights import draw_normal_weights
from engine.gans.dcgan import DcganOptions, Discriminator, Generator
from engine.gans.latent_variant import LatentVariant
from engine.gans.variant import (
    ImageSpec,
    PresetSize,
    VariantOptions,
    evaluating,
    preset_config,
)
from engine.losses.adversarial import discriminator_loss, fake_losses, generator_loss
from engine.training.config import TrainConfig
from engine.training.updates import Drawn

_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "batch_size": 8,
        "options": {"ngf": 8, "ndf": 8, "nz": 16, "width": 8, "blocks": 1},
    },
    64: {"steps": 30_000, "batch_size": 64, "ema_decay": 0.999},
    128: {"steps": 40_000, "batch_size": 32, "ema_decay": 0.999},
    256: {
        "steps": 60_000,
        "batch_size": 16,
        "ema_decay": 0.999,
        "options": {"stages": 3, "ndf": 32},
    },
}
#: below it a DCGAN, and one at half the size for the multi-scale discriminator, has no layers left
_SMALLEST = 16


class StackedOptions(DcganOptions):
    """Stage 1 and all discriminators are DCGAN's, with its options.

    ``stages`` counts stage 1 too; ``growth`` tells whether each later stage doubles the size or
    keeps it. ``width`` channels next to a later stage's input and ``blocks`` residual blocks in its
    middle (the paper has 2 and 4); ``n_condition`` numbers describe a class to it.
    """

    stages: int = Field(default=2, ge=1, le=4)
    growth: Literal["double", "same"] = "double"
    width: int = Field(default=48, ge=4, le=256, multiple_of=2)
    blocks: int = Field(default=2, ge=0, le=8)
    n_condition: int = Field(default=128, ge=1, le=1024)


class Refiner(nn.Module):
    """Images (N, C, s, s) and class rows (N,) to better ones (N, C, S, S), S = s or 2 s.

    The paper's stage II: two strided convolutions, the class joined to the features, residual
    blocks, and nearest-neighbour enlargements, each with a convolution.
    """

    def __init__(self, channels: int, options: StackedOptions, n_classes: int) -> None:
        super().__init__()
        width = options.width
        self.growth = 2 if options.growth == "double" else 1
        self.classes = nn.Embedding(n_classes + 1, options.n_condition) if n_classes else None
        self.encoder = nn.Sequential(
            _convolution(channels, width),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            nn.Conv2d(2 * width, 4 * width, 4, 2, 1, bias=False),
            nn.BatchNorm2d(4 * width),
            nn.ReLU(),
        )
        self.joint = nn.Sequential(
            _convolution(4 * width + (options.n_condition if n_classes else 0), 4 * width),
            nn.BatchNorm2d(4 * width),
            nn.ReLU(),
        )
        self.residual = nn.Sequential(*(_ResidualBlock(4 * width) for _ in range(options.blocks)))
        wide, layers = 4 * width, list[nn.Module]()
        for _ in range(2 + (self.growth == 2)):
            layers += [ChannelDropout(options.dropout_g), *_rising(wide, wide // 2)]
            wide //= 2
        self.decoder = nn.Sequential(*layers)
        self.image = _convolution(wide, channels)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """Enlarge ``images`` where the stage does, and correct them."""
        features = self.encoder(images)
        if self.classes is not None:
            about = self.classes(labels)[:, :, None, None].expand(-1, -1, *features.shape[2:])
            features = torch.cat([features, about.to(features.dtype)], dim=1)
        correction = self.image(self.decoder(self.residual(self.joint(features))))
        if self.growth == 2:
            images = F.interpolate(images, scale_factor=2.0, mode="bilinear", align_corners=False)
        return images + cast("Tensor", correction)


class _ResidualBlock(nn.Module):
    """Two convolutions of 3 x 3 beside the identity, then ReLU."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            _convolution(width, width),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            _convolution(width, width),
            nn.BatchNorm2d(width),
        )

    def forward(self, features: Tensor) -> Tensor:
        return F.relu(features + self.layers(features))


def _convolution(channels_in: int, channels_out: int) -> nn.Conv2d:
    return nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)


def _rising(channels_in: int, channels_out: int) -> list[nn.Module]:
    return [
        nn.Upsample(scale_factor=2, mode="nearest"),
        _convolution(channels_in, channels_out),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
    ]


class Stacked(LatentVariant):
    """A DCGAN and refiners on top of it, trained one after another."""

    name: ClassVar[str] = "stacked"
    title: ClassVar[str] = "Stacked GAN (sequential enhancement)"
    options_model: ClassVar[type[VariantOptions]] = StackedOptions
    options: StackedOptions

    def __init__(self, spec: ImageSpec, options: StackedOptions, total_steps: int) -> None:
        super().__init__(spec, options, total_steps)
        later = options.stages - 1
        halvings = later if options.growth == "double" else 0
        if spec.size >> halvings < _SMALLEST:
            raise ConfigError(
                f"{options.stages} stages that double the size leave stage 1 images of "
                f"{spec.size >> halvings} px, below {_SMALLEST}. Choose fewer 'stages', or "
                "'growth' = same."
            )
        #: side of each stage's images
        self.sizes = [
            spec.size >> (halvings - stage if halvings else 0) for stage in range(options.stages)
        ]
        n_classes = spec.n_classes if options.conditional else 0
        self.first = Generator(spec.at(self.sizes[0]), options, n_classes)
        self.refiners = [Refiner(spec.channels, options, n_classes) for _ in range(later)]
        self.discriminators = [
            discriminator_of(
                options.discriminator,
                lambda size: Discriminator(spec.at(size), options, n_classes),
                size,
            )
            for size in self.sizes
        ]

    @classmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """Two stages at 64 and 128 px, three at 256 px."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """G1 and D1 of stage 1, then G2, D2 and so on."""
        generators: list[nn.Module] = [self.first, *self.refiners]
        return {
            f"{letter}{stage}": network
            for letter, group in (("G", generators), ("D", self.discriminators))
            for stage, network in enumerate(group, start=1)
        }

    def adam_settings(self, network: str) -> dict[str, Any]:  # noqa: ARG002 - all alike
        """The paper's 2e-4 with β1 = 0.5."""
        return {"lr": self.options.lr, "betas": (self.options.beta1, 0.999)}

    def sampling_networks(self) -> tuple[str, ...]:
        """The generators of all stages."""
        return tuple(f"G{stage}" for stage in range(1, self.options.stages + 1))

    def initialise(self, rng: torch.Generator) -> None:
        """N(0, 0.02) as in DCGAN; 0 for the last layer of a refiner, which then changes nothing."""
        for network in self.networks().values():
            draw_normal_weights(network, rng)
        for refiner in self.refiners:
            nn.init.zeros_(refiner.image.weight)

    def trained_stage(self, step: int) -> int:
        """The stage, from 0, that ``step`` trains; all have the same share of the steps."""
        return min(step * self.options.stages // self.total_steps, self.options.stages - 1)

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Update D, then G, of the stage whose turn it is."""
        stage = self.trained_stage(step)
        discriminator, size = self.discriminators[stage], self.sizes[stage]

        def reduced(images: Tensor) -> Tensor:
            return F.avg_pool2d(images, self.spec.size // size)

        def draw(part: Batch) -> tuple[Tensor, Tensor]:
            real = reduced(part.images)
            z = part.draws("latent").normal(self.latent_size)
            with dropping([self._generator(stage)], part.draws("dropout G")):
                return real, self._drawn(z, self.class_rows(part.labels), stage)

        def judge(shown: Batch | ExtraImages, images: Tensor, name: str) -> Tensor:
            with dropping([discriminator], shown.draws(f"dropout D {name}")):
                return cast("Tensor", discriminator(images, self.class_rows(shown.labels)))

        drawn = Drawn(draw)

        def loss_d(part: Batch) -> Tensor:
            real, fake = drawn.for_discriminator(part)
            loss = discriminator_loss(
                judge(part, real, "real"), judge(part, fake.detach(), "drawn")
            )
            return part.with_recognised(
                loss, lambda shown: fake_losses(judge(shown, reduced(shown.images), "recognised"))
            )

        def loss_g(part: Batch) -> Tensor:
            real, fake = drawn.for_generator(part)
            rows = self.class_rows(part.labels)
            loss = generator_loss(judge(part, fake, "fooled"))
            return loss + self.matching_loss(discriminator, real, fake, rows)

        return {
            "discriminator": self.minimise(f"D{stage + 1}", batch, loss_d),
            "generator": self.minimise(f"G{stage + 1}", batch, loss_g),
        }

    def image_judge(self) -> nn.Module:
        """The last stage's D, asked without a class."""
        last = copy.deepcopy(self.discriminators[-1])
        return DiscriminatorJudge(last, self.spec.n_classes, torch.squeeze)

    @property
    def latent_size(self) -> int:
        """Nz."""
        return self.options.nz

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        """All stages in turn, cut to [-1, 1]."""
        return self._images(z, self.class_rows(labels), self.options.stages).clamp(-1, 1)

    def _generator(self, stage: int) -> nn.Module:
        return self.refiners[stage - 1] if stage else self.first

    def _images(self, z: Tensor, rows: Tensor, stages: int) -> Tensor:
        images = cast("Tensor", self.first(z, rows))
        for refiner in self.refiners[: stages - 1]:
            images = refiner(images, rows)
        return images

    def _drawn(self, z: Tensor, rows: Tensor, stage: int) -> Tensor:
        """What ``stage`` makes in training of what the frozen stages before it made."""
        if not stage:
            return cast("Tensor", self.first(z, rows))
        with torch.no_grad(), evaluating([self.first, *self.refiners[: stage - 1]]):
            before = self._images(z, rows, stage)
        return cast("Tensor", self.refiners[stage - 1](before, rows))
