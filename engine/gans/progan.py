"""ProGAN: Karras, Aila, Laine, Lehtinen 2017, "Progressive growing of GANs for improved quality,
stability, and variation" (ICLR 2018).

G and D start at 4 x 4 pixels; layers for twice the size are faded in one after another. Equalised
learning rate, pixel norm in G, minibatch standard deviation in D, WGAN-GP with a drift term, Adam
with β1 = 0, latents on the hypersphere. As in the published code, a class is a one-hot vector
beside the latent, D also names the class (AC-GAN, Odena et al. 2016), and Adam starts afresh
whenever layers come in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, ClassVar, cast

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from engine.gans.batch import Batch, ExtraImages
from engine.gans.blocks.equalised import (
    HE_GAIN,
    EqualisedConv2d,
    EqualisedLinear,
    draw_equalised_weights,
)
from engine.gans.blocks.growing import (
    LOD_UNIT,
    Growing,
    enlarged,
    layers_in_use,
    lod_after,
    reduced,
    set_lod,
)
from engine.gans.blocks.minibatch_stddev import MinibatchStddev
from engine.gans.blocks.multiscale_discriminator import discriminator_of
from engine.gans.blocks.pixel_norm import PixelNorm, pixel_norm
from engine.gans.latent_variant import LatentVariant
from engine.gans.variant import ImageSpec, PresetSize, VariantOptions, preset_config
from engine.losses.gradient_penalty import drift, gradient_penalties, gradient_penalty
from engine.training.config import TrainConfig
from engine.training.updates import Drawn

_HALF_WIDTH = {"latent": 256, "fmap_base": 4096, "fmap_max": 256}
_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "batch_size": 8,
        "options": {"latent": 16, "fmap_base": 128, "fmap_max": 16},
    },
    64: {
        "steps": 30_000,
        "batch_size": 32,
        "ema_decay": 0.999,
        "options": _HALF_WIDTH,
    },
    128: {
        "steps": 50_000,
        "batch_size": 16,
        "ema_decay": 0.999,
        "options": _HALF_WIDTH,
    },
    256: {"steps": 75_000, "batch_size": 16, "ema_decay": 0.999},
}
#: pixels along each side where growing starts
_START = 4


class ProganOptions(VariantOptions):
    """The paper's settings.

    ``latent`` numbers in a latent; a layer at R pixels has 2 · ``fmap_base`` / R channels but at
    most ``fmap_max``. The size is reached after the share ``growing`` of the run's images (0.64 at
    the paper's 1024 px); of the images between two sizes the share ``fading`` fades the next one
    in. ``grow`` False trains at full size from the start. ``conditional`` uses the data set's
    classes where it has any, with the weight ``cond_weight``.
    """

    latent: int = Field(default=512, ge=1, le=4096)
    fmap_base: int = Field(default=8192, ge=16, le=65_536)
    fmap_max: int = Field(default=512, ge=4, le=4096)
    lr: float = Field(default=1e-3, gt=0, le=0.1)
    wgan_lambda: float = Field(default=10.0, ge=0, le=1000)
    epsilon_drift: float = Field(default=1e-3, ge=0, le=1)
    grow: bool = True
    growing: float = Field(default=0.64, gt=0, le=1)
    fading: float = Field(default=0.5, gt=0, le=1)
    conditional: bool = True
    cond_weight: float = Field(default=1.0, ge=0, le=100)

    def channels(self, size: int) -> int:
        """Feature maps of a layer that works on ``size`` pixels."""
        return max(1, min(2 * self.fmap_base // size, self.fmap_max))


def sizes(full: int) -> list[int]:
    """4, 8, 16 … ``full``."""
    return [_START * 2**level for level in range(int(math.log2(full // _START)) + 1)]


def _convolved(channels_in: int, channels_out: int, *norm: nn.Module) -> list[nn.Module]:
    return [EqualisedConv2d(channels_in, channels_out, 3), nn.LeakyReLU(0.2), *norm]


class Generator(Growing):
    """Latents (N, latent) and one-hot classes (N, H) to images of the size grown to by now."""

    def __init__(self, spec: ImageSpec, options: ProganOptions, n_classes: int) -> None:
        super().__init__()
        widths = [options.channels(size) for size in sizes(spec.size)]
        # The paper's 4 x 4 convolution of a single pixel: dense, with 16 times its fan-in and one
        # bias a feature map.
        self.latent = EqualisedLinear(
            options.latent + n_classes, 16 * widths[0], gain=HE_GAIN / 4, bias=False
        )
        self.latent_bias = nn.Parameter(torch.zeros(widths[0], 1, 1))
        self.start = nn.Sequential(
            nn.LeakyReLU(0.2), PixelNorm(), *_convolved(widths[0], widths[0], PixelNorm())
        )
        self.blocks = nn.ModuleList(
            nn.Sequential(
                nn.Upsample(scale_factor=2.0, mode="nearest"),
                *_convolved(wide, narrow, PixelNorm()),
                *_convolved(narrow, narrow, PixelNorm()),
            )
            for wide, narrow in pairwise(widths)
        )
        self.to_image = nn.ModuleList(
            EqualisedConv2d(width, spec.channels, 1, gain=1) for width in widths
        )

    def forward(self, z: Tensor, classes: Tensor) -> Tensor:
        """Draw one image for each row of ``z``, (N, C, R, R), not bounded."""
        missing, old = self.phase()
        level = len(self.blocks) - missing
        latent = self.latent(pixel_norm(torch.cat([z, classes], dim=1)))
        features = self.start(latent.unflatten(1, (-1, _START, _START)) + self.latent_bias)
        before = features
        for block in self.blocks[:level]:
            before, features = features, block(features)
        images = self.to_image[level](features)
        if old:
            images = torch.lerp(images, enlarged(self.to_image[level - 1](before)), old)
        return cast("Tensor", images)


class Discriminator(Growing):
    """Images (N, C, R, R) to (N, 1 + H): the critic's score, then the logits of the classes.

    Images may be larger than the size grown to by now; they are reduced.
    """

    def __init__(self, spec: ImageSpec, options: ProganOptions, n_classes: int) -> None:
        super().__init__()
        widths = [options.channels(size) for size in sizes(spec.size)]
        self.from_image = nn.ModuleList(
            nn.Sequential(EqualisedConv2d(spec.channels, width, 1), nn.LeakyReLU(0.2))
            for width in widths
        )
        self.blocks = nn.ModuleList(
            nn.Sequential(*_convolved(narrow, narrow), *_convolved(narrow, wide), nn.AvgPool2d(2))
            for wide, narrow in pairwise(widths)
        )
        self.end = nn.Sequential(
            MinibatchStddev(),
            *_convolved(widths[0] + 1, widths[0]),
            nn.Flatten(),
            EqualisedLinear(16 * widths[0], options.channels(2)),
            nn.LeakyReLU(0.2),
            EqualisedLinear(options.channels(2), 1 + n_classes, gain=1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Judge each image, beside the others of its group."""
        missing, old = self.phase()
        level = len(self.blocks) - missing
        images = F.avg_pool2d(images, images.shape[-1] // (_START * 2**level))
        features = self.from_image[level](images)
        for number in reversed(range(level)):
            features = self.blocks[number](features)
            if old and number == level - 1:
                reduced = self.from_image[number](F.avg_pool2d(images, 2))
                features = torch.lerp(features, reduced, old)
        return cast("Tensor", self.end(features))


class Progan(LatentVariant):
    """The progressively growing GAN."""

    name: ClassVar[str] = "progan"
    title: ClassVar[str] = "ProGAN (progressive growing)"
    options_model: ClassVar[type[VariantOptions]] = ProganOptions
    options: ProganOptions

    def __init__(self, spec: ImageSpec, options: ProganOptions, total_steps: int) -> None:
        super().__init__(spec, options, total_steps)
        self.n_classes = spec.n_classes if options.conditional else 0
        self.generator = Generator(spec, options, self.n_classes)
        self.discriminator = discriminator_of(
            options.discriminator,
            lambda size: Discriminator(spec.at(size), options, self.n_classes),
            spec.size,
        )
        # D1 of the multi-scale discriminator sees half the size: both start at 8 x 8 then.
        start = 2 * _START if options.discriminator == "multiscale" else _START
        self.doublings = len(sizes(spec.size)) - len(sizes(start)) if options.grow else 0
        self._set_lod(self.doublings * LOD_UNIT)

    @classmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """Half the paper's width up to 128 px, its full width at 256; its batch of 16, or more."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """The generator G and the discriminator D."""
        return {"G": self.generator, "D": self.discriminator}

    def adam_settings(self, network: str) -> dict[str, Any]:  # noqa: ARG002 - both alike
        """The paper's 1e-3, β1 = 0, β2 = 0.99."""
        return {"lr": self.options.lr, "betas": (0.0, 0.99)}

    def sampling_networks(self) -> tuple[str, ...]:
        """The generator."""
        return ("G",)

    def initialise(self, rng: torch.Generator) -> None:
        """N(0, 1) for all weights, 0 for all biases."""
        for network in self.networks().values():
            draw_equalised_weights(network, rng)

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Grow as far as the images shown ask for; update D, then G."""
        self._grow(step * batch.total, self.total_steps * batch.total)

        def draw(part: Batch) -> Tensor:
            z = part.draws("latent").normal(self.latent_size)
            return cast("Tensor", self.generator(z, self._one_hot(part.labels)))

        drawn = Drawn(draw)

        def score(images: Tensor) -> Tensor:
            return cast("Tensor", self.discriminator(images)[..., 0])

        def recognised(shown: ExtraImages, real: Tensor, real_scores: Tensor) -> Tensor:
            # Beside the mean real image, as in the Wasserstein distance: only differences count.
            images = self._reduced(shown.images)
            beside = real[torch.arange(len(images)) % len(real)]
            mix = shown.draws("mix").uniform()
            penalties = gradient_penalties(score, beside, images, mix)
            scores = score(images).float() - real_scores.mean(dim=0)
            return scores + self.options.wgan_lambda * penalties

        def loss_d(part: Batch) -> dict[str, Tensor]:
            real, fake = self._reduced(part.images), drawn.for_discriminator(part).detach()
            judged_real = self.discriminator(real).float()
            judged_fake = self.discriminator(fake).float()
            real_scores, fake_scores = judged_real[..., 0], judged_fake[..., 0]
            wasserstein = real_scores.mean() - fake_scores.mean()
            mix = part.draws("mix").uniform()
            penalty = gradient_penalty(score, real, fake, mix)
            named = self._class_loss(judged_real, part) + self._class_loss(judged_fake, part)
            loss = (
                -wasserstein
                + self.options.wgan_lambda * penalty
                + self.options.epsilon_drift * drift(real_scores)
                + self.options.cond_weight * named
            )
            loss = part.with_recognised(loss, lambda shown: recognised(shown, real, real_scores))
            return {"loss": loss, "wasserstein": wasserstein, "gradient penalty": penalty}

        def loss_g(part: Batch) -> Tensor:
            fake = drawn.for_generator(part)
            judged = self.discriminator(fake).float()
            loss = self.options.cond_weight * self._class_loss(judged, part)
            matching = self.matching_loss(self.discriminator, self._reduced(part.images), fake)
            fooled: Tensor = judged[..., 0].mean()
            return loss - fooled + matching

        terms = self.minimise("D", batch, loss_d)
        generator = self.minimise("G", batch, loss_g)
        return {"discriminator": terms.pop("loss"), "generator": generator, **terms}

    @property
    def latent_size(self) -> int:
        """Numbers in a latent."""
        return self.options.latent

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        """G(z, class) at full size: what has not grown yet is enlarged."""
        images: Tensor = self.generator(z, self._one_hot(labels))
        return enlarged(images.clamp(-1, 1), self.spec.size // int(images.shape[-1]))

    def realness(self, judged: Tensor) -> Tensor:
        """The critic's score, without its class logits; the mean over scales."""
        return super().realness(judged[..., 0])

    def _reduced(self, images: Tensor) -> Tensor:
        return reduced(images, *self.generator.phase())

    def _grow(self, shown: int, total: int) -> None:
        """Let the networks grow, never shrink: a child run goes on at its parent's size."""
        before = int(self.generator.lod.item())
        options = self.options
        lod = lod_after(shown, total, self.doublings, options.growing, options.fading)
        lod = min(lod, before)
        if lod == before:
            return
        self._set_lod(lod)
        if layers_in_use(lod) != layers_in_use(before):
            for optimiser in self.optimisers().values():
                optimiser.state.clear()

    def _set_lod(self, lod: int) -> None:
        # The same number at both scales: D1, at half the size, lacks as many doublings as D2.
        for network in self.networks().values():
            set_lod(network, lod)

    def _one_hot(self, labels: Tensor) -> Tensor:
        """Classes float32 (N, H); an unknown one, for which D asks nothing, is all zeros."""
        rows = self.class_rows(labels)
        one_hot: Tensor = F.one_hot(rows, self.spec.n_classes + 1)
        return one_hot[:, : self.n_classes].float()

    def _class_loss(self, judged: Tensor, part: Batch) -> Tensor:
        """Cross-entropy of D's logits (N, 1 + H) or (N, 2, 1 + H); unknown classes count 0."""
        if not self.n_classes:
            return judged.new_zeros(())
        log_p = F.log_softmax(judged[..., 1:], dim=-1)
        wanted = self._one_hot(part.labels)
        if log_p.dim() == 3:
            wanted = wanted[:, None]
        named: Tensor = (wanted * log_p).sum(dim=-1).mean()
        return -named
