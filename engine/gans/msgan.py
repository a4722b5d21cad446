"""Multi-scale GANs: Uzunova, Ehrhardt, Jacob, Frydrychowicz, Handels 2019, "Multi-scale GANs for
memory-efficient generation of high resolution medical images".

A GAN makes the whole image at low resolution. Then, scale by scale, a patch GAN makes patches of
the image at twice the size, conditioned on the up-scaled previous scale. Each scale is trained by
itself on real images reduced to it, so that memory depends on the patch, not on the image. Only
what no padding has touched is kept of a patch, and patches are read with the margin this takes.

As in the authors' code: patches of 32 pixels, residual refiners between a strided and a
fractionally-strided convolution, a patch discriminator that sees the condition too, least-squares
GAN plus L1 (10 beside an adversarial term of twice ours), Adam with 2e-4 and β1 = 0.5, a little
noise on the condition. Unlike it:
- images are drawn from latents and a class, not from sketches: the first GAN is a DCGAN, and
  positions take the sketch's part in telling the refiners where they are;
- one strided convolution, not two, and none padded, for a margin that patches can afford; pixel
  norm in place of instance norm: so patches fit exactly, where the authors keep the middle 20 of
  32 pixels and average overlaps;
- refiners add detail to the up-scaled image: an untrained one changes nothing;
- D is updated at each step, also where it is right in more than 80 % of cases.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Literal, cast

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import ConfigError
from engine.gans.batch import Batch, ExtraImages
from engine.gans.blocks.channel_dropout import dropping
from engine.gans.blocks.multiscale_discriminator import discriminator_of
from engine.gans.blocks.normal_weights import draw_normal_weights
from engine.gans.blocks.patches import (
    coordinates,
    extended,
    reduced,
    region_places,
    stitched,
    upscaled,
    without_margin,
)
from engine.gans.blocks.pixel_norm import PixelNorm
from engine.gans.dcgan import DcganOptions, Discriminator, Generator
from engine.gans.latent_variant import LATENT_FEEDBACK, LatentVariant
from engine.gans.variant import ImageSpec, PresetSize, VariantOptions, preset_config
from engine.losses.least_squares import discriminator_loss, fake_losses, generator_loss
from engine.training.config import FeedbackMethod, TrainConfig
from engine.training.updates import Drawn

_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "batch_size": 8,
        "options": {
            "base": 16,
            "patch": 16,
            "nz": 16,
            "ngf": 8,
            "ndf": 8,
            "refiner_width": 8,
            "judge_width": 8,
            "blocks": 1,
        },
    },
    64: {"steps": 30_000, "batch_size": 64, "ema_decay": 0.999},
    128: {"steps": 40_000, "batch_size": 32, "ema_decay": 0.999},
    256: {"steps": 50_000, "batch_size": 32, "ema_decay": 0.999},
}
#: side of the pieces that images are sampled in; any size gives the same image
_TILE = 64


class MsganOptions(VariantOptions):
    """Scales start at ``base`` pixels and double up to the image's size.

    ``patch`` pixels of a refined scale are learned at a time. ``nz``, ``ngf``, ``ndf``,
    ``dropout_g`` and ``conditional`` are the low-resolution DCGAN's. ``refiner_width`` and
    ``judge_width`` are channels of a patch GAN's G and D next to the image, ``blocks`` the residual
    blocks of its G. ``lambda_1`` weighs the L1 distance, ``sigma`` is the noise on the condition,
    ``first_share`` the share of the steps that train the low-resolution GAN; the other scales share
    the rest evenly.
    """

    base: Literal[16, 32, 64] = 32
    patch: Literal[16, 32, 64] = 32
    nz: int = Field(default=100, ge=1, le=4096)
    ngf: int = Field(default=64, ge=4, le=512)
    ndf: int = Field(default=64, ge=4, le=512)
    dropout_g: float = Field(default=0.0, ge=0, lt=1)
    conditional: bool = True
    refiner_width: int = Field(default=32, ge=4, le=256)
    judge_width: int = Field(default=32, ge=4, le=256)
    blocks: int = Field(default=4, ge=0, le=9)
    lambda_1: float = Field(default=5.0, ge=0, le=1000)
    sigma: float = Field(default=0.01, ge=0, le=1)
    first_share: float = Field(default=0.5, gt=0, lt=1)
    lr: float = Field(default=2e-4, gt=0, le=0.1)
    beta1: float = Field(default=0.5, ge=0, lt=1)


class Refiner(nn.Module):
    """The up-scaled image with its coordinates, (N, C + 2, H, W), to the image with detail added.

    Nothing is padded: the result (N, C, H − 2 margin, W − 2 margin) is all valid. A shift of the
    input by two pixels is the same shift of the result. H and W are even.
    """

    def __init__(self, channels: int, width: int, blocks: int) -> None:
        super().__init__()
        self.channels = channels
        #: 1 of the first convolution, 1 of each strided one, 4 a block at half the size, 3
        self.margin = 6 + 4 * blocks
        self.layers = nn.Sequential(
            nn.Conv2d(channels + 2, width, 3),
            PixelNorm(),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 4, 2),
            PixelNorm(),
            nn.ReLU(),
            *(_ResidualBlock(2 * width) for _ in range(blocks)),
            # The padding cuts away what only one of two neighbours has contributed to.
            nn.ConvTranspose2d(2 * width, width, 4, 2, padding=2),
            PixelNorm(),
            nn.ReLU(),
            nn.Conv2d(width, channels, 7),
        )

    def forward(self, condition: Tensor) -> Tensor:
        """Add detail to the first channels of ``condition``."""
        image = without_margin(condition[:, : self.channels], self.margin)
        return image + cast("Tensor", self.layers(condition))


class _ResidualBlock(nn.Module):
    """Two convolutions of 3 x 3 beside the identity; takes 2 pixels from each side."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(width, width, 3),
            PixelNorm(),
            nn.ReLU(),
            nn.Conv2d(width, width, 3),
            PixelNorm(),
        )

    def forward(self, features: Tensor) -> Tensor:
        return without_margin(features, 2) + cast("Tensor", self.layers(features))


class PatchDiscriminator(nn.Module):
    """Patches with their condition, (N, 2 C + 2, p, p), to one score each, (N,); p = 8, 16, 32, 64.

    Convolutions of 4 x 4 without padding, all but the first strided, down to one pixel.
    """

    def __init__(self, channels: int, width: int, patch: int) -> None:
        super().__init__()
        # p → p − 3 → p / 2 − 3 → … → 5 → 1: the pixels left are those of a patch of half the size.
        widths = [width * 2**level for level in range(int(math.log2(patch)) - 2)]
        layers: list[nn.Module] = [nn.Conv2d(2 * channels + 2, width, 4), nn.LeakyReLU(0.2)]
        for narrow, wide in pairwise(widths):
            layers += [
                nn.Conv2d(narrow, wide, 4, 2),
                nn.InstanceNorm2d(wide, affine=True),
                nn.LeakyReLU(0.2),
            ]
        self.layers = nn.Sequential(*layers, nn.Conv2d(widths[-1], 1, 4, 2))

    def forward(self, patches: Tensor) -> Tensor:
        """One score for each patch."""
        return cast("Tensor", self.layers(patches).flatten())


@dataclass(frozen=True, slots=True)
class _Patches:
    """Patches of images, and what they are conditioned on (with the margin)."""

    real: Tensor
    condition: Tensor

    def shown(self, patch: Tensor, margin: int) -> Tensor:
        """What D sees: ``patch`` beside its condition."""
        return torch.cat([patch, without_margin(self.condition, margin)], dim=1)


class Msgan(LatentVariant):
    """A DCGAN for the whole, and for each doubling of the size a patch GAN that adds detail."""

    name: ClassVar[str] = "msgan"
    title: ClassVar[str] = "Multi-scale GAN"
    options_model: ClassVar[type[VariantOptions]] = MsganOptions
    accepts_feedback: ClassVar[frozenset[FeedbackMethod]] = LATENT_FEEDBACK | {"region"}
    drawn_at_once: ClassVar[int] = 4
    options: MsganOptions

    def __init__(self, spec: ImageSpec, options: MsganOptions, total_steps: int) -> None:
        super().__init__(spec, options, total_steps)
        base, patch = options.base, options.patch
        if spec.size <= base or patch > 2 * base:
            raise ConfigError(
                f"msgan with the first scale at {base} px and patches of {patch} px does not suit "
                f"images of {spec.size} px: choose a 'base' below the image's size and a 'patch' "
                "of at most twice the base."
            )
        #: sides of the image at each scale, that of the whole image first
        self.sizes = [base * 2**scale for scale in range(int(math.log2(spec.size // base)) + 1)]
        n_classes = spec.n_classes if options.conditional else 0
        first = DcganOptions(
            nz=options.nz, ngf=options.ngf, ndf=options.ndf, dropout_g=options.dropout_g
        )
        self.generator = Generator(spec.at(base), first, n_classes)
        self.discriminator = discriminator_of(
            options.discriminator,
            lambda size: Discriminator(spec.at(size), first, n_classes),
            base,
        )
        refined = range(1, len(self.sizes))
        self.refiners = {
            scale: Refiner(spec.channels, options.refiner_width, options.blocks)
            for scale in refined
        }
        self.judges = {
            scale: discriminator_of(
                options.discriminator,
                lambda size: PatchDiscriminator(spec.channels, options.judge_width, size),
                patch,
            )
            for scale in refined
        }

    @classmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """A first scale of 32 px, and one refined scale at 64 px, two at 128, three at 256."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """G0 and D0 of the whole image; G1, D1 … of the refined scales."""
        found: dict[str, nn.Module] = {"G0": self.generator, "D0": self.discriminator}
        for scale, refiner in self.refiners.items():
            found |= {f"G{scale}": refiner, f"D{scale}": self.judges[scale]}
        return found

    def adam_settings(self, network: str) -> dict[str, Any]:  # noqa: ARG002 - all alike
        """2e-4 with β1 = 0.5."""
        return {"lr": self.options.lr, "betas": (self.options.beta1, 0.999)}

    def sampling_networks(self) -> tuple[str, ...]:
        """The generators of all scales."""
        return tuple(f"G{scale}" for scale in range(len(self.sizes)))

    def initialise(self, rng: torch.Generator) -> None:
        """N(0, 0.02) as in DCGAN; 0 for the last layer of a refiner, which then changes nothing."""
        for network in self.networks().values():
            draw_normal_weights(network, rng)
        for refiner in self.refiners.values():
            nn.init.zeros_(cast("nn.Conv2d", refiner.layers[-1]).weight)

    def trained_scale(self, step: int) -> int:
        """The scale that ``step`` trains: the first for its share, then one after another."""
        first = round(self.options.first_share * self.total_steps)
        if step < first:
            return 0
        refined = len(self.refiners)
        done = (step - first) * refined // max(self.total_steps - first, 1)
        return 1 + min(done, refined - 1)

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Update D, then G, of the scale whose turn it is."""
        scale = self.trained_scale(step)
        return self._step_patches(batch, scale) if scale else self._step_whole(batch)

    def _step_whole(self, batch: Batch) -> dict[str, Tensor]:
        def draw(part: Batch) -> tuple[Tensor, Tensor]:
            real = part.each(lambda image: reduced(image, self.options.base))
            z = part.draws("latent").normal(self.latent_size)
            with dropping([self.generator], part.draws("dropout G")):
                return real, self.generator(z, self.class_rows(part.labels))

        def recognised(shown: ExtraImages) -> Tensor:
            images = reduced(shown.images, self.options.base)
            return fake_losses(self.discriminator(images, self.class_rows(shown.labels)))

        drawn = Drawn(draw)

        def loss_d(part: Batch) -> Tensor:
            real, fake = drawn.for_discriminator(part)
            rows = self.class_rows(part.labels)
            loss = discriminator_loss(
                self.discriminator(real, rows), self.discriminator(fake.detach(), rows)
            )
            return part.with_recognised(loss, recognised)

        def loss_g(part: Batch) -> Tensor:
            real, fake = drawn.for_generator(part)
            rows = self.class_rows(part.labels)
            loss = generator_loss(self.discriminator(fake, rows))
            return loss + self.matching_loss(self.discriminator, real, fake, rows)

        loss = self.minimise("D0", batch, loss_d)
        return {
            "discriminator": loss,
            "generator": self.minimise("G0", batch, loss_g),
            "l1": torch.zeros_like(loss),
        }

    def _step_patches(self, batch: Batch, scale: int) -> dict[str, Tensor]:
        refiner, judge = self.refiners[scale], self.judges[scale]

        def recognised(shown: ExtraImages) -> Tensor:
            patches = self._patches(shown, scale)
            return fake_losses(judge(patches.shown(patches.real, refiner.margin)))

        def draw(part: Batch) -> tuple[_Patches, Tensor]:
            patches = self._patches(part, scale)
            return patches, refiner(patches.condition)

        drawn = Drawn(draw)

        def loss_d(part: Batch) -> Tensor:
            patches, made = drawn.for_discriminator(part)
            loss = discriminator_loss(
                judge(patches.shown(patches.real, refiner.margin)),
                judge(patches.shown(made.detach(), refiner.margin)),
            )
            return part.with_recognised(loss, recognised)

        def loss_g(part: Batch) -> dict[str, Tensor]:
            patches, made = drawn.for_generator(part)
            shown = patches.shown(made, refiner.margin)
            real = patches.shown(patches.real, refiner.margin)
            adversarial = generator_loss(judge(shown)) + self.matching_loss(judge, real, shown)
            l1 = F.l1_loss(made, patches.real)
            return {
                "loss": adversarial + self.options.lambda_1 * l1,
                "generator": adversarial,
                "l1": l1,
            }

        loss = self.minimise(f"D{scale}", batch, loss_d)
        terms = self.minimise(f"G{scale}", batch, loss_g)
        return {"discriminator": loss, "generator": terms["generator"], "l1": terms["l1"]}

    def _patches(self, shown: Batch | ExtraImages, scale: int) -> _Patches:
        """A patch of each image, from anywhere or a region; reads the images one at a time."""
        size, patch, channels = self.sizes[scale], self.options.patch, self.spec.channels
        margin = self.refiners[scale].margin
        if isinstance(shown, ExtraImages) and shown.regions is not None:
            places = region_places(shown.regions, shown.draws("place").uniform(), size, patch)
        else:
            anywhere = shown.draws("place").integers((size - patch) // 2 + 1, 2)
            places = [(2 * y, 2 * x) for y, x in anywhere.tolist()]
        remaining = iter(places)

        def cut(image: Tensor) -> Tensor:
            y, x = next(remaining)
            low = extended(reduced(image, size // 2)[None], margin)
            real = reduced(image, size)[:, y : y + patch, x : x + patch]
            around = F.pad(real, (margin, margin, margin, margin))
            return torch.cat([around, upscaled(low, y, x, patch, margin)[0]])

        both = shown.each(cut)
        real, low = both[:, :channels], both[:, channels:]
        low = low + self.options.sigma * shown.draws("condition").normal(*low.shape[1:])
        where = [coordinates(y, x, patch, margin, size, low.device) for y, x in places]
        condition = torch.cat([low, torch.stack(where)], dim=1)
        return _Patches(without_margin(real, margin), condition)

    @property
    def latent_size(self) -> int:
        """Nz."""
        return self.options.nz

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        """G0(z, class), then refined scale by scale."""
        images = cast("Tensor", self.generator(z, self.class_rows(labels)))
        for scale in self.refiners:
            images = self.refined(images, scale)
        return images

    def refined(self, images: Tensor, scale: int, tile: int = _TILE) -> Tensor:
        """Images of the scale before, (N, C, s, s), at ``scale``: (N, C, 2 s, 2 s) in [-1, 1].

        Made in pieces of ``tile`` pixels, which do not show.
        """
        size, refiner = self.sizes[scale], self.refiners[scale]
        side, margin = min(tile, size), refiner.margin
        low = extended(images, margin)

        def part(y: int, x: int) -> Tensor:
            up = upscaled(low, y, x, side, margin)
            where = coordinates(y, x, side, margin, size, up.device)
            condition = torch.cat([up, where.expand(len(up), -1, -1, -1)], dim=1)
            return cast("Tensor", refiner(condition)).clamp(-1, 1)

        return stitched(part, size, side)
