"""SSGAN: a GAN whose discriminator also tells classes, and learns them from few labels.

Salimans et al. 2016, "Improved techniques for training GANs", sections 3.1 and 5; Odena 2016,
"Semi-supervised learning with generative adversarial networks". D has one logit for each of H
classes; "drawn" is class H + 1, its logit fixed at 0. Images without a label (-1) teach D through
D(x) = Z / (Z + 1) alone. G matches the mean of D's last features and, being class-conditional,
minimises D's cross-entropy for the class that it was asked for (as Odena's G does for its class
"real"). Without classes H is 1: a plain GAN with feature matching.

Layers are those of the reference code for 32 x 32 px (openai/improved-gan, CIFAR-10); above, one
strided convolution for each doubling. Its data-dependent initialisation of weight norm is replaced
by lengths that keep the expected variance of features.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, cast

import torch
from pydantic import Field
from torch import Tensor, nn

from engine.errors import ConfigError
from engine.gans.batch import Batch, ExtraImages
from engine.gans.blocks.channel_dropout import ChannelDropout, dropping
from engine.gans.blocks.discriminator_judge import DiscriminatorJudge
from engine.gans.blocks.element_dropout import ElementDropout
from engine.gans.blocks.feature_widths import widths
from engine.gans.blocks.multiscale_discriminator import discriminator_of, scales
from engine.gans.blocks.weight_norm import direction, weight_normed
from engine.gans.latent_variant import LatentVariant
from engine.gans.variant import ImageSpec, PresetSize, VariantOptions, evaluating, preset_config
from engine.losses.adversarial import discriminator_loss, fake_losses, generator_loss
from engine.losses.feature_matching import recorded_activations
from engine.losses.recognised import recognised_loss
from engine.losses.semi_supervised import class_loss, class_losses, log_z, means_mismatch
from engine.training.config import TrainConfig
from engine.training.updates import Drawn

_SLOPE = 0.2
#: length of weights that keeps the expected square of features
_GAIN = nn.init.calculate_gain("leaky_relu", _SLOPE)
#: length of the last layers' weights at first, the only one that is learned
_LAST_GAIN = 1.0
#: the size that the reference code's discriminator is made for
_PUBLISHED_SIZE = 32

_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "batch_size": 8,
        "options": {"nz": 16, "ngf": 8, "ndf": 8},
    },
    64: {"steps": 20_000, "batch_size": 64, "ema_decay": 0.999},
    128: {
        "steps": 40_000,
        "batch_size": 32,
        "ema_decay": 0.999,
        "options": {"ngf": 32},
    },
    256: {
        "steps": 60_000,
        "batch_size": 16,
        "ema_decay": 0.999,
        "options": {"ngf": 16},
    },
}


class SsganOptions(VariantOptions):
    """The reference code's settings for CIFAR-10.

    ``nz`` latents; ``ngf`` channels of G beside the image, ``ndf`` of D; dropout of pixels
    (``dropout_input``) and features (``dropout_d``) and Gaussian noise of SD ``noise_d`` (the
    paper's for MNIST) keep D from learning images by heart; ``dropout_g`` gives each drawn image
    an epistemic map. ``lambda_fm``, ``lambda_class`` and ``lambda_adv`` weigh G's feature
    matching, its class and the original GAN's loss; ``lambda_unsupervised`` weighs D's.
    """

    nz: int = Field(default=100, ge=1, le=4096)
    ngf: int = Field(default=64, ge=4, le=512)
    ndf: int = Field(default=96, ge=4, le=512, multiple_of=2)
    lr: float = Field(default=3e-4, gt=0, le=0.1)
    beta1: float = Field(default=0.5, ge=0, lt=1)
    weight_norm: bool = True
    dropout_input: float = Field(default=0.2, ge=0, lt=1)
    dropout_d: float = Field(default=0.5, ge=0, lt=1)
    noise_d: float = Field(default=0.0, ge=0, le=10)
    dropout_g: float = Field(default=0.0, ge=0, lt=1)
    lambda_fm: float = Field(default=1.0, ge=0, le=1000)
    lambda_class: float = Field(default=0.1, ge=0, le=1000)
    lambda_adv: float = Field(default=0.0, ge=0, le=1000)
    lambda_unsupervised: float = Field(default=1.0, gt=0, le=1000)


Layer = TypeVar("Layer", nn.Linear, nn.ConvTranspose2d)


def _last(layer: Layer, normed: bool) -> Layer:
    return weight_normed(layer, _LAST_GAIN, learned=True) if normed else layer


class Generator(nn.Module):
    """Latents (N, nz) and class rows (N,) to images (N, C, S, S) in (-1, 1)."""

    def __init__(self, spec: ImageSpec, options: SsganOptions) -> None:
        super().__init__()
        self.classes = nn.Embedding(spec.n_classes + 1, options.nz) if spec.n_classes else None
        wide, *rest = reversed(widths(options.ngf, spec.size))
        layers: list[nn.Module] = [
            nn.Linear(2 * options.nz if spec.n_classes else options.nz, wide * 16, bias=False),
            nn.Unflatten(1, (wide, 4, 4)),
            # By channel, not by number as published: a single image must have a variance too.
            nn.BatchNorm2d(wide),
            nn.ReLU(),
        ]
        for narrow in rest:
            layers += [
                ChannelDropout(options.dropout_g),
                nn.ConvTranspose2d(wide, narrow, 5, 2, 2, output_padding=1, bias=False),
                nn.BatchNorm2d(narrow),
                nn.ReLU(),
            ]
            wide = narrow
        last = nn.ConvTranspose2d(wide, spec.channels, 5, 2, 2, output_padding=1)
        layers += [_last(last, options.weight_norm), nn.Tanh()]
        self.layers = nn.Sequential(*layers)

    def forward(self, z: Tensor, labels: Tensor) -> Tensor:
        """Draw one image for each row of ``z``."""
        if self.classes is not None:
            z = torch.cat([z, self.classes(labels)], dim=1)
        return cast("Tensor", self.layers(z))


class Discriminator(nn.Module):
    """Images (N, C, S, S) to class logits (N, H); the logit of "drawn" is 0."""

    def __init__(self, spec: ImageSpec, options: SsganOptions, n_logits: int) -> None:
        super().__init__()
        self._weight_norm = options.weight_norm
        narrow, wide = options.ndf, 2 * options.ndf
        enters: int = spec.channels
        layers: list[nn.Module] = [ElementDropout(options.dropout_input)]
        for _ in range(int(math.log2(max(spec.size // _PUBLISHED_SIZE, 1)))):
            layers += self._convolution(enters, narrow // 2, stride=2)
            enters = narrow // 2
        # The published network ends with features of 6 x 6 px; 4 x 4 would vanish here.
        padding = 0 if spec.size >= 16 else 1
        layers += [
            *self._convolution(enters, narrow),
            *self._convolution(narrow, narrow),
            *self._convolution(narrow, narrow, stride=2),
            ElementDropout(options.dropout_d),
            *self._convolution(narrow, wide),
            *self._convolution(wide, wide),
            *self._convolution(wide, wide, stride=2),
            ElementDropout(options.dropout_d),
            *self._convolution(wide, wide, padding=padding),
            *self._convolution(wide, wide, kernel=1, padding=0),
            *self._convolution(wide, wide, kernel=1, padding=0),
        ]
        self.features = nn.Sequential(*layers)
        last = nn.Linear(wide, n_logits)
        self.logits = _last(last, options.weight_norm)

    def _convolution(
        self, enters: int, leaves: int, kernel: int = 3, stride: int = 1, padding: int = 1
    ) -> list[nn.Module]:
        layer = nn.Conv2d(enters, leaves, kernel, stride, padding)
        if self._weight_norm:
            layer = weight_normed(layer, _GAIN)
        return [layer, nn.LeakyReLU(_SLOPE)]

    def forward(self, images: Tensor) -> Tensor:
        """One logit for each class."""
        return cast("Tensor", self.logits(self.features(images).mean(dim=(2, 3))))


class Ssgan(LatentVariant):
    """The semi-supervised GAN; needs few labels, and tells the class of any image."""

    name: ClassVar[str] = "ssgan"
    title: ClassVar[str] = "SSGAN (semi-supervised)"
    options_model: ClassVar[type[VariantOptions]] = SsganOptions
    options: SsganOptions

    def __init__(self, spec: ImageSpec, options: SsganOptions, total_steps: int) -> None:
        super().__init__(spec, options, total_steps)
        self.generator = Generator(spec, options)
        self.discriminator = discriminator_of(
            options.discriminator,
            lambda size: Discriminator(spec.at(size), options, max(spec.n_classes, 1)),
            spec.size,
        )

    @classmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """The reference code's learning rate; G has 512 channels at 4 x 4 px at every size."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """The generator G and the discriminator and classifier D."""
        return {"G": self.generator, "D": self.discriminator}

    def adam_settings(self, network: str) -> dict[str, Any]:  # noqa: ARG002 - both alike
        """The reference code's 3e-4 with β1 = 0.5."""
        return {"lr": self.options.lr, "betas": (self.options.beta1, 0.999)}

    def sampling_networks(self) -> tuple[str, ...]:
        """The generator."""
        return ("G",)

    def initialise(self, rng: torch.Generator) -> None:
        """N(0, 0.05), as published, but He's initialisation for D without weight norm."""
        weighted = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)
        for network in self.networks().values():
            for layer in network.modules():
                if isinstance(layer, nn.Conv2d) and not self.options.weight_norm:
                    nn.init.kaiming_normal_(layer.weight, a=_SLOPE, generator=rng)
                elif isinstance(layer, (*weighted, nn.Embedding)):
                    nn.init.normal_(direction(layer), 0.0, 0.05, generator=rng)
                if isinstance(layer, weighted) and layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:  # noqa: ARG002 - all alike
        """Update D on labels, real, drawn and recognised images, then G."""
        # The supervised loss is a mean over the labelled images of this process's batch.
        images_per_label = len(batch) / (batch.labels >= 0).sum().clamp_min(1)

        def draw(part: Batch) -> tuple[Tensor, Tensor]:
            z = part.draws("latent").normal(self.latent_size)
            labels = self._asked_for(part)
            with dropping([self.generator], part.draws("dropout G")):
                return self.generate(z, labels), labels

        def judge(shown: Batch | ExtraImages, images: Tensor, name: str) -> Tensor:
            if self.options.noise_d:
                noise = shown.draws(f"noise D {name}").normal(*images.shape[1:])
                images = images + self.options.noise_d * noise
            with dropping([self.discriminator], shown.draws(f"dropout D {name}")):
                return cast("Tensor", self.discriminator(images))

        drawn = Drawn(draw)

        def loss_d(part: Batch) -> dict[str, Tensor]:
            fake, _ = drawn.for_discriminator(part)
            real_logits = judge(part, part.images, "real")
            fake_logits = judge(part, fake.detach(), "drawn")
            supervised = images_per_label * class_loss(real_logits, part.labels)
            if part.labelled is not None:
                named = judge(part.labelled, part.labelled.images, "named")
                each = class_losses(named, part.labelled.labels)
                supervised = supervised + recognised_loss(each, part.labelled.weights, len(part))
            unsupervised = discriminator_loss(log_z(real_logits), log_z(fake_logits))
            unsupervised = part.with_recognised(
                unsupervised,
                lambda shown: fake_losses(log_z(judge(shown, shown.images, "recognised"))),
            )
            loss = supervised + self.options.lambda_unsupervised * unsupervised
            return {"loss": loss, "supervised": supervised, "unsupervised": unsupervised}

        def loss_g(part: Batch) -> dict[str, Tensor]:
            fake, labels = drawn.for_generator(part)
            with torch.no_grad(), recorded_activations(self.discriminator) as wanted:
                judge(part, part.images, "matched")
            with recorded_activations(self.discriminator) as found:
                logits = judge(part, fake, "fooled")
            matching = means_mismatch(
                self._last_features(wanted, logits), self._last_features(found, logits)
            )
            loss = (
                self.options.lambda_fm * matching
                + self.options.lambda_class * class_loss(logits, labels)
                + self.options.lambda_adv * generator_loss(log_z(logits))
                + self.matching_loss(self.discriminator, part.images, fake)
            )
            return {"loss": loss, "matching": matching}

        judged = self.minimise("D", batch, loss_d)
        return {
            "discriminator": judged["unsupervised"],
            "supervised": judged["supervised"],
            "generator": self.minimise("G", batch, loss_g)["loss"],
        }

    def _asked_for(self, part: Batch) -> Tensor:
        """Classes to draw: those of the batch; where unknown, any class or unknown itself."""
        if not self.spec.n_classes:
            return part.labels
        any_class = part.draws("class").integers(self.spec.n_classes + 1) - 1
        return torch.where(part.labels < 0, any_class, part.labels)

    def _last_features(self, activations: list[Tensor], logits: Tensor) -> list[Tensor]:
        """The features (N, F) before the logits, of each scale."""
        each = len(activations) // len(scales(logits, self.discriminator))
        return [features.mean(dim=(2, 3)) for features in activations[each - 1 :: each]]

    def image_judge(self) -> nn.Module:
        """Log Z of D's classes, which says how real an image is."""
        return DiscriminatorJudge(copy.deepcopy(self.discriminator), None, log_z)

    @property
    def latent_size(self) -> int:
        """Nz."""
        return self.options.nz

    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        """G(z, class)."""
        return cast("Tensor", self.generator(z, self.class_rows(labels)))

    def realness(self, judged: Tensor) -> Tensor:
        """Log Z of the class logits; the mean over scales."""
        return super().realness(log_z(judged))

    @torch.no_grad()
    def class_probabilities(self, images: Tensor) -> Tensor:
        """p(y | x, y ≤ H) of images (N, C, S, S): float32 (N, H), on the variant's device.

        Raises `ConfigError` where the data set had no classes.
        """
        if not self.spec.n_classes:
            raise ConfigError(
                "This ssgan was trained on images without classes and cannot tell any. "
                "Import the data set with its classes, and train again."
            )
        with evaluating([self.discriminator]):
            logits: Tensor = self.discriminator(images.to(self.device))
        each = [one.float().softmax(dim=-1) for one in scales(logits, self.discriminator)]
        return torch.stack(each).mean(dim=0)
