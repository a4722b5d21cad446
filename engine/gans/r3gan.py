"""R3GAN: Huang, Gokaslan, Kuleshov, Tompkin 2024, "The GAN is dead; long live the GAN! A modern
baseline GAN" (NeurIPS).

Relativistic pairing loss with R1 and R2 penalties, which together converge and keep all modes, on
plain modern networks: grouped residual blocks without normalisation, bilinear resampling, no
style, no progressive growing. Learning rate, γ, Adam's β2, average and augmentation follow a
cosine over the run. The augmentation is DiffAugment (Zhao et al. 2020), for small data sets.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, ClassVar, cast

import torch
from pydantic import Field
from torch import Tensor, nn

from engine.gans.batch import Batch, ExtraImages
from engine.gans.blocks.diff_augment import diff_augment
from engine.gans.blocks.discriminator_judge import DiscriminatorJudge
from engine.gans.blocks.multiscale_discriminator import discriminator_of
from engine.gans.blocks.normalisation_free import (
    ResidualBlock,
    ScaledConvolution,
    enlarged,
    initialise_scaled,
    reduced,
)
from engine.gans.latent_variant import LatentVariant
from engine.gans.variant import ImageSpec, PresetSize, VariantOptions, preset_config
from engine.losses.gradient_penalty import scores_and_squared_norms
from engine.losses.relativistic import (
    pairing_discriminator_loss,
    pairing_generator_loss,
    pairing_losses,
)
from engine.training.annealing import cosine
from engine.training.config import TrainConfig
from engine.training.updates import Drawn

# γ grows with the image as in the authors' settings: 2 at 64 px, 150 at 256 px.
_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "batch_size": 4,
        "options": {"nz": 16, "width": 16, "blocks": 1, "gamma": (0.05, 0.005)},
    },
    64: {"steps": 30_000, "batch_size": 64, "ema_decay": 0.999},
    128: {
        "steps": 40_000,
        "batch_size": 32,
        "ema_decay": 0.999,
        "options": {"gamma": (17.0, 1.7)},
    },
    256: {
        "steps": 60_000,
        "batch_size": 16,
        "ema_decay": 0.999,
        "options": {"gamma": (150.0, 15.0)},
    },
}

#: of the average, as a share of its longest; so short that nothing of the past is left
_SHORTEST_HALF_LIFE = 1e-6
#: a setting at the beginning and at the end of the run
_Probability = Annotated[float, Field(ge=0, le=1)]
_Decay = Annotated[float, Field(ge=0, lt=1)]
_Rate = Annotated[float, Field(gt=0, le=0.1)]
_Weight = Annotated[float, Field(ge=0, le=1e6)]


class R3ganOptions(VariantOptions):
    """The authors' settings; pairs go from the first to the second over the run.

    ``nz`` latents; ``width`` channels up to 32 px, halved at each doubling above (the authors have
    768); ``blocks`` residual blocks at each size; ``gamma`` weighs R1 and R2; ``p_augment`` is how
    likely each kind of DiffAugment is, (1, 1) as Zhao et al. have it for few images, (0, 0) none;
    ``conditional`` uses the data set's classes where it has any.
    """

    nz: int = Field(default=64, ge=1, le=4096)
    width: int = Field(default=256, ge=8, le=2048, multiple_of=8)
    blocks: int = Field(default=2, ge=1, le=8)
    lr: tuple[_Rate, _Rate] = (2e-4, 5e-5)
    gamma: tuple[_Weight, _Weight] = (2.0, 0.2)
    beta2: tuple[_Decay, _Decay] = (0.9, 0.99)
    p_augment: tuple[_Probability, _Probability] = (1.0, 1.0)
    conditional: bool = True


def widths(width: int, size: int) -> list[int]:
    """Channels of each stage, from 4 x 4 to ``size``: ``width`` up to 32 px, then halved."""
    levels = range(3, int(math.log2(size)) + 2)
    return [max(8, width // 2 ** max(0, level - 6) // 8 * 8) for level in levels]


class Generator(nn.Module):
    """Latents (N, nz) and class rows (N,) to images (N, C, S, S), not bounded."""

    def __init__(self, spec: ImageSpec, options: R3ganOptions, n_classes: int) -> None:
        super().__init__()
        stages = widths(options.width, spec.size)
        depth = options.blocks * len(stages)
        self.classes = nn.Embedding(n_classes + 1, options.nz) if n_classes else None
        start = 2 * options.nz if n_classes else options.nz
        self.strengths = nn.Linear(start, stages[0], bias=False)
        self.basis = nn.Parameter(torch.empty(stages[0], 4, 4))
        self.stages = nn.ModuleList(_blocks(channels, options, depth) for channels in stages)
        self.transitions = nn.ModuleList(
            _transition(wide, narrow) for wide, narrow in pairwise(stages)
        )
        self.image = ScaledConvolution(stages[-1], spec.channels)

    @torch.no_grad()
    def initialise(self, rng: torch.Generator) -> None:
        """Draw all weights, each layer's variance from its fan-in."""
        initialise_scaled(self, rng)
        nn.init.normal_(self.basis, generator=rng)
        _normal(self.strengths.weight, self.strengths.in_features, rng)
        if self.classes is not None:
            _normal(self.classes.weight, self.classes.num_embeddings, rng)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        """Draw one image for each row of ``z``."""
        if self.classes is not None:
            z = torch.cat([z, self.classes(labels)], dim=1)
        features = self.stages[0](self.strengths(z)[:, :, None, None] * self.basis)
        for transition, stage in zip(self.transitions, self.stages[1:], strict=True):
            features = stage(enlarged(transition(features)))
        return cast("Tensor", self.image(features))


class Discriminator(nn.Module):
    """Images (N, C, S, S) and class rows (N,) to logits (N,), the mirror image of G.

    Classes enter by projection (Miyato and Koyama 2018): the logit is the product of the image's
    and the class's vector.
    """

    def __init__(self, spec: ImageSpec, options: R3ganOptions, n_classes: int) -> None:
        super().__init__()
        stages = widths(options.width, spec.size)[::-1]
        depth = options.blocks * len(stages)
        last = stages[-1]
        self.image = ScaledConvolution(spec.channels, stages[0])
        self.stages = nn.ModuleList(_blocks(channels, options, depth) for channels in stages)
        self.transitions = nn.ModuleList(
            _transition(narrow, wide) for narrow, wide in pairwise(stages)
        )
        self.basis = nn.Conv2d(last, last, 4, groups=last, bias=False)
        self.strengths = nn.Linear(last, last if n_classes else 1, bias=False)
        self.classes = nn.Embedding(n_classes + 1, last) if n_classes else None

    @torch.no_grad()
    def initialise(self, rng: torch.Generator) -> None:
        """Draw all weights, each layer's variance from its fan-in."""
        initialise_scaled(self, rng)
        _normal(self.basis.weight, 4 * 4, rng)
        _normal(self.strengths.weight, self.strengths.in_features, rng)
        if self.classes is not None:
            rows, columns = self.classes.weight.shape
            _normal(self.classes.weight, rows * columns, rng)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """One logit for each image."""
        features = self.stages[0](self.image(images))
        for transition, stage in zip(self.transitions, self.stages[1:], strict=True):
            features = stage(transition(reduced(features)))
        vectors = self.strengths(self.basis(features).flatten(1))
        if self.classes is not None:
            vectors = vectors * self.classes(labels)
        return cast("Tensor", vectors.sum(dim=1))


def _blocks(channels: int, options: R3ganOptions, depth: int) -> nn.Sequential:
    return nn.Sequential(*(ResidualBlock(channels, depth) for _ in range(options.blocks)))


def _transition(channels_in: int, channels_out: int) -> nn.Module:
    if channels_in == channels_out:
        return nn.Identity()
    return ScaledConvolution(channels_in, channels_out)


def _normal(weight: Tensor, fan_in: int, rng: torch.Generator) -> None:
    nn.init.normal_(weight, 0.0, 1 / math.sqrt(fan_in), generator=rng)


class R3gan(LatentVariant):
    """The regularised relativistic GAN."""

    name: ClassVar[str] = "r3gan"
    title: ClassVar[str] = "R3GAN (modern baseline)"
    options_model: ClassVar[type[VariantOptions]] = R3ganOptions
    options: R3ganOptions

    def __init__(self, spec: ImageSpec, options: R3ganOptions, total_steps: int) -> None:
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
        """A third of the authors' width, for data sets of hundreds to thousands of images."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """The generator G and the discriminator D."""
        return {"G": self.generator, "D": self.discriminator}

    def adam_settings(self, network: str) -> dict[str, Any]:  # noqa: ARG002 - both alike
        """β1 = 0, no momentum; learning rate and β2 where their schedules start."""
        return {"lr": self.options.lr[0], "betas": (0.0, self.options.beta2[0])}

    def sampling_networks(self) -> tuple[str, ...]:
        """The generator."""
        return ("G",)

    def ema_decay_at(self, final: float, step: int) -> float:
        """The average's half-life grows along a cosine from 0 to that of ``final``."""
        half_life = max(cosine(0.0, 1.0, self._done(step)), _SHORTEST_HALF_LIFE)
        return float(final ** (1 / half_life))

    def initialise(self, rng: torch.Generator) -> None:
        """Normal weights scaled by fan-in and depth; every residual block starts as identity."""
        for network in self.networks().values():
            for layer in network.modules():
                if isinstance(layer, (Generator, Discriminator)):
                    layer.initialise(rng)

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Update D on pairs with R1 and R2, then G on the same pairs."""
        done = self._done(step)
        gamma = cosine(*self.options.gamma, done)
        p_augment = cosine(*self.options.p_augment, done)
        self._anneal(done)

        def draw(part: Batch) -> Tensor:
            z = part.draws("latent").normal(self.latent_size)
            return cast("Tensor", self.generator(z, self.class_rows(part.labels)))

        def altered(shown: Batch | ExtraImages, images: Tensor, name: str) -> Tensor:
            return diff_augment(images, shown.draws(f"augment {name}"), p_augment)

        def judged(shown: Batch | ExtraImages, images: Tensor, name: str) -> tuple[Tensor, Tensor]:
            rows = self.class_rows(shown.labels)
            return scores_and_squared_norms(
                lambda images: self.discriminator(altered(shown, images, name), rows), images
            )

        def recognised(shown: ExtraImages, real_logits: Tensor) -> Tensor:
            # Each is one more drawn image: paired with a real one, with R2 of its own.
            logits, r2 = judged(shown, shown.images, "recognised")
            beside = real_logits[torch.arange(len(shown)) % len(real_logits)]
            return pairing_losses(beside, logits) + gamma / 2 * r2

        drawn = Drawn(draw)

        def loss_d(part: Batch) -> dict[str, Tensor]:
            real_logits, r1 = judged(part, part.images, "real")
            fake_logits, r2 = judged(part, drawn.for_discriminator(part), "drawn")
            adversarial = pairing_discriminator_loss(real_logits, fake_logits)
            penalty = gamma / 2 * (r1 + r2).mean()
            loss = part.with_recognised(
                adversarial + penalty, lambda shown: recognised(shown, real_logits)
            )
            return {"loss": loss, "adversarial": adversarial, "penalty": penalty}

        def loss_g(part: Batch) -> Tensor:
            rows = self.class_rows(part.labels)
            real = altered(part, part.images, "real for G")
            fake = altered(part, drawn.for_generator(part), "drawn for G")
            with torch.no_grad():
                real_logits = self.discriminator(real, rows)
            loss = pairing_generator_loss(real_logits, self.discriminator(fake, rows))
            return loss + self.matching_loss(self.discriminator, real, fake, rows)

        terms = self.minimise("D", batch, loss_d)
        return {
            "discriminator": terms["adversarial"],
            "penalty": terms["penalty"],
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

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        """G(z, class), cut to [-1, 1]."""
        return cast("Tensor", self.generator(z, self.class_rows(labels))).clamp(-1, 1)

    def _done(self, step: int) -> float:
        return min(step / self.total_steps, 1.0)

    def _anneal(self, done: float) -> None:
        for optimiser in self.optimisers().values():
            for group in optimiser.param_groups:
                group["lr"] = cosine(*self.options.lr, done)
                group["betas"] = (0.0, cosine(*self.options.beta2, done))
