"""HI-GAN: one network for fidelity, one for texture, and a third that learns to fuse both.

Vo, Nguyen, Le, Lee 2020, "HI-GAN: A hierarchical generative adversarial network for blind denoising
of real photographs" (Information Sciences 570). G_b knows pixels alone and gets no discriminator,
which keeps it true but smooth; G_a is trained against D_a and keeps texture; the boosting network
G_c fuses both answers, again without a discriminator.

The networks are those of the authors' code. It does not hold their training; the weights of G_a's
terms are ESRGAN's (Wang et al. 2018, section 4.1), and G_c's loss is ours: L1 plus perceptual.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, cast

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from engine.gans.batch import Batch, ExtraImages, SampleRequest
from engine.gans.blocks.dense_unet import PUBLISHED_LAYERS, DenseUNet, ResidualDenseBlock
from engine.gans.blocks.multiscale_discriminator import discriminator_of, scales
from engine.gans.blocks.patch_discriminator import PatchDiscriminator
from engine.gans.restoring_variant import RestoringVariant
from engine.gans.variant import (
    GREY_LEVELS_PER_UNIT,
    SD_UNIT,
    BatchMap,
    ImageSpec,
    PresetSize,
    Samples,
    VariantOptions,
    preset_config,
)
from engine.losses.perceptual import FeatureExtractor, RandomConvolutions, perceptual_loss, vgg19
from engine.losses.relativistic import pairing_discriminator_loss, pairing_losses
from engine.losses.relativistic_average import average_loss, below_average_losses
from engine.training.config import TrainConfig
from engine.training.updates import Drawn
from engine.uncertainty.disagreement import KIND, disagreement

#: what each step of G_c adds to its input is scaled by this
RESIDUAL_SCALE = 0.2
#: without normalisation, dense blocks would start by amplifying what goes through them
_DENSE_INITIALISATION = 0.1

_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "batch_size": 4,
        "options": {"width": 8, "growth": 4, "dense_layers": (1, 2, 1, 1), "ndf": 8},
    },
    64: {
        "steps": 16_000,
        "batch_size": 16,
        "options": {"width": 32, "growth": 16},
    },
    128: {"steps": 32_000, "batch_size": 8},
    256: {"steps": 64_000, "batch_size": 4},
}


_Layers = Annotated[int, Field(ge=1, le=64)]


class HiganOptions(VariantOptions):
    """The published networks: ``width`` 64, ``growth`` 32 and ``dense_layers`` of each dense U-Net.

    ``boosting_from`` is the part of the run after which G_a, G_b and D_a are frozen and G_c learns.
    ``relativistic`` "pairing" is RSGAN, which the paper names, "average" RaSGAN. G_a minimises
    ``lambda_perceptual`` · perceptual + ``lambda_adv`` · adversarial + ``eta`` · L1, G_c L1 +
    ``lambda_fusion`` · perceptual. Features are VGG-19's where ``vgg19`` names a safetensors file
    (checked against ``vgg19_sha256`` if given), else random convolutions of ``extractor_seed``.
    """

    width: int = Field(default=64, ge=4, le=256)
    growth: int = Field(default=32, ge=2, le=128)
    dense_layers: tuple[_Layers, _Layers, _Layers, _Layers] = PUBLISHED_LAYERS
    ndf: int = Field(default=32, ge=8, le=256)
    lr: float = Field(default=1e-4, gt=0, le=0.1)
    boosting_from: float = Field(default=0.7, gt=0, lt=1)
    relativistic: Literal["pairing", "average"] = "pairing"
    lambda_perceptual: float = Field(default=1.0, ge=0, le=1000)
    lambda_adv: float = Field(default=5e-3, ge=0, le=1000)
    eta: float = Field(default=1e-2, ge=0, le=1000)
    lambda_fusion: float = Field(default=0.1, ge=0, le=1000)
    vgg19: str = ""
    vgg19_sha256: str = Field(default="", pattern=r"^([0-9a-fA-F]{64})?$")
    extractor_seed: int = Field(default=0, ge=0, lt=2**63)


def _dense_unet(channels_in: int, channels_out: int, options: HiganOptions) -> DenseUNet:
    return DenseUNet(channels_in, channels_out, options.width, options.growth, options.dense_layers)


class Restorer(nn.Module):
    """G_a or G_b: two dense U-Nets; the answer is a correction of the input (N, C, H, W).

    The first makes four images' worth of channels, the second, which also sees the input, eight;
    the input is added to the first image of each, the first's channels to the second's last.
    """

    def __init__(self, channels: int, options: HiganOptions) -> None:
        super().__init__()
        self.first = _dense_unet(channels, 4 * channels, options)
        self.second = _dense_unet(5 * channels, 8 * channels, options)
        self.exit = nn.Conv2d(8 * channels, channels, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        """The restored images, unbounded."""
        n = images.shape[1]
        seen = self.first(images)
        seen = torch.cat([seen[:, :n] + images, seen[:, n:]], dim=1)
        deep = self.second(torch.cat([images, seen], dim=1))
        deep = torch.cat([deep[:, :n] + images, deep[:, n : 4 * n], deep[:, 4 * n :] + seen], dim=1)
        return cast("Tensor", self.exit(deep) + images)


class BoostingNetwork(nn.Module):
    """G_c: the mean of both answers, and `RESIDUAL_SCALE` of what three dense U-Nets add to it.

    Each U-Net sees all channels so far twice, as they were before and after the last.
    """

    def __init__(self, channels: int, options: HiganOptions) -> None:
        super().__init__()
        self.steps = nn.ModuleList(
            _dense_unet(width, width, options)
            for width in (2 * channels, 4 * channels, 8 * channels)
        )
        self.exit = nn.Conv2d(8 * channels, channels, 3, padding=1)

    def forward(self, texture: Tensor, fidelity: Tensor) -> Tensor:
        """One image from the answers of G_a and G_b, each (N, C, H, W); unbounded."""
        seen = torch.cat([texture, fidelity], dim=1)
        for number, step in enumerate(self.steps):
            before = seen
            seen = RESIDUAL_SCALE * step(before) + before
            if number + 1 < len(self.steps):
                seen = torch.cat([before, seen], dim=1)
        return cast("Tensor", RESIDUAL_SCALE * self.exit(seen) + (texture + fidelity) / 2)


class Higan(RestoringVariant):
    """Restores degraded images; where texture and fidelity disagree is its map."""

    name: ClassVar[str] = "higan"
    title: ClassVar[str] = "HI-GAN (hierarchical)"
    options_model: ClassVar[type[VariantOptions]] = HiganOptions
    options: HiganOptions

    def __init__(self, spec: ImageSpec, options: HiganOptions, total_steps: int) -> None:
        super().__init__(spec, options, total_steps)
        self.texture = Restorer(spec.channels, options)
        self.fidelity = Restorer(spec.channels, options)
        self.boosting = BoostingNetwork(spec.channels, options)
        self.discriminator = discriminator_of(
            options.discriminator,
            lambda _: PatchDiscriminator(spec.channels, options.ndf),
            spec.size,
        )

    @classmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """The published networks from 128 px on; half their width at 64 px."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """G_a with its D_a, G_b and G_c."""
        return {
            "G_a": self.texture,
            "G_b": self.fidelity,
            "G_c": self.boosting,
            "D_a": self.discriminator,
        }

    def adam_settings(self, network: str) -> dict[str, Any]:  # noqa: ARG002 - all alike
        """ESRGAN's 1e-4 with β1 = 0.9."""
        return {"lr": self.options.lr, "betas": (0.9, 0.999)}

    def sampling_networks(self) -> tuple[str, ...]:
        """The three generators."""
        return ("G_a", "G_b", "G_c")

    def initialise(self, rng: torch.Generator) -> None:
        """He's initialisation, a tenth of it in dense blocks (ESRGAN, section 3.1).

        Exits end in 0, so that each network starts from its input.
        """
        for network in self.networks().values():
            for layer in network.modules():
                if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
                    nn.init.kaiming_normal_(layer.weight, generator=rng)
                    if layer.bias is not None:
                        nn.init.zeros_(layer.bias)
            for block in network.modules():
                if isinstance(block, ResidualDenseBlock):
                    for weight in block.parameters():
                        weight.detach().mul_(_DENSE_INITIALISATION)
        for network in (self.texture, self.fidelity, self.boosting):
            nn.init.zeros_(network.exit.weight)

    @cached_property
    def extractor(self) -> FeatureExtractor:
        """What the perceptual loss compares by; `ConfigError` where VGG-19's file is no use.

        Made for the first step: a finished run draws without it.
        """
        made: FeatureExtractor = (
            vgg19(Path(self.options.vgg19), self.options.vgg19_sha256)
            if self.options.vgg19
            else RandomConvolutions(self.spec.channels, self.options.extractor_seed)
        )
        return made.to(self.device)

    def boosts_at(self, step: int) -> bool:
        """Whether ``step`` trains G_c; before, G_b and G_a with D_a are trained."""
        return step >= self.options.boosting_from * self.total_steps

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Train G_b, D_a and G_a, or later G_c alone, whose adversarial terms are 0."""
        if self.boosts_at(step):
            return self._train_boosting(batch)
        return self._train_fidelity(batch) | self._train_texture(batch)

    def _train_fidelity(self, batch: Batch) -> dict[str, Tensor]:
        def loss_b(part: Batch) -> Tensor:
            return F.l1_loss(self.fidelity(self.degraded_inputs(part)), part.images)

        return {"pixel": self.minimise("G_b", batch, loss_b)}

    def _train_texture(self, batch: Batch) -> dict[str, Tensor]:
        options, discriminator = self.options, self.discriminator

        def draw(part: Batch) -> Tensor:
            return cast("Tensor", self.texture(self.degraded_inputs(part)))

        drawn = Drawn(draw)

        def loss_d(part: Batch) -> Tensor:
            restored = drawn.for_discriminator(part).detach()
            real = discriminator(part.images)
            loss = self._realer(real, discriminator(restored))
            return part.with_recognised(loss, lambda shown: self._recognised(real, shown))

        def loss_a(part: Batch) -> dict[str, Tensor]:
            restored = drawn.for_generator(part)
            perceptual = perceptual_loss(self.extractor, part.images, restored)
            # The roles are exchanged: restored images shall look the more real ones.
            with torch.no_grad():
                real = discriminator(part.images)
            adversarial = self._realer(discriminator(restored), real)
            loss = (
                options.lambda_perceptual * perceptual
                + options.lambda_adv * adversarial
                + options.eta * F.l1_loss(restored, part.images)
                + self.matching_loss(discriminator, part.images, restored)
            )
            return {"loss": loss, "perceptual": perceptual, "adversarial": adversarial}

        judged = self.minimise("D_a", batch, loss_d)
        terms = self.minimise("G_a", batch, loss_a)
        return {
            "perceptual": terms["perceptual"],
            "adversarial": terms["adversarial"],
            "discriminator": judged,
        }

    def _train_boosting(self, batch: Batch) -> dict[str, Tensor]:
        def loss_c(part: Batch) -> dict[str, Tensor]:
            start = self.degraded_inputs(part)
            with torch.no_grad():
                texture, fidelity = self.texture(start), self.fidelity(start)
            fused = self.boosting(texture, fidelity)
            pixel = F.l1_loss(fused, part.images)
            perceptual = perceptual_loss(self.extractor, part.images, fused)
            loss = pixel + self.options.lambda_fusion * perceptual
            return {"loss": loss, "pixel": pixel, "perceptual": perceptual}

        terms = self.minimise("G_c", batch, loss_c)
        none = torch.zeros_like(terms["loss"])
        return {
            "pixel": terms["pixel"],
            "perceptual": terms["perceptual"],
            "adversarial": none,
            "discriminator": none,
        }

    def _realer(self, these: Tensor, those: Tensor) -> Tensor:
        """The relativistic loss that falls when ``these`` scores exceed ``those``."""
        if self.options.relativistic == "pairing":
            return pairing_discriminator_loss(these, those)
        pairs = zip(
            scales(these, self.discriminator), scales(those, self.discriminator), strict=True
        )
        losses = [average_loss(a, b) for a, b in pairs]
        return torch.stack(losses).mean()

    def _recognised(self, real: Tensor, shown: ExtraImages) -> Tensor:
        """D_a's loss of each recognised image, a map: as of a restored one."""
        scores: Tensor = self.discriminator(shown.images)
        if self.options.relativistic == "pairing":
            return pairing_losses(real[torch.arange(len(shown)) % len(real)], scores)
        pairs = zip(
            scales(real, self.discriminator), scales(scores, self.discriminator), strict=True
        )
        return torch.stack([below_average_losses(a, b) for a, b in pairs], dim=1)

    def answer(self, images: Tensor, request: SampleRequest) -> Samples:
        """G_c's image, and |G_a − G_b| as the map of disagreement in grey levels."""
        texture, fidelity = self.texture(images), self.fidelity(images)
        fused = self.boosting(texture, fidelity).clamp(-1, 1)
        if not request.maps:
            return Samples(fused)
        apart = GREY_LEVELS_PER_UNIT * disagreement(texture, fidelity)
        return Samples(fused, (BatchMap(apart, KIND, SD_UNIT),))
