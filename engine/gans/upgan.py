"""UP-GAN: a cascade of U-Nets that restores images and says how sure it is of each pixel.

Upadhyay, Chen, Hepp, Gatidis, Akata 2021, "Uncertainty-guided progressive GANs for medical image
translation" (MICCAI). Primary GAN, then Subsequent GANs; each predicts mean b̂, scale α and shape β
of a generalised Gaussian residual, and is led by the uncertainty of the one before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from engine.gans.batch import Batch, SampleRequest
from engine.gans.blocks.channel_dropout import dropping
from engine.gans.blocks.multiscale_discriminator import discriminator_of
from engine.gans.blocks.patch_discriminator import PatchDiscriminator
from engine.gans.blocks.unet import UNet
from engine.gans.restoring_variant import RestoringVariant
from engine.gans.variant import (
    SD_UNIT,
    BatchMap,
    ImageSpec,
    PresetSize,
    Samples,
    VariantOptions,
    grey_level_sd,
    preset_config,
)
from engine.losses.generalised_gaussian import (
    ALPHA_BOUNDS,
    BETA_BOUNDS,
    bounded,
    negative_log_likelihood,
    variance,
)
from engine.losses.least_squares import fake_losses
from engine.training.annealing import cosine
from engine.training.config import TrainConfig
from engine.training.draws import Draws
from engine.training.updates import Drawn
from engine.uncertainty import aleatoric, mc_dropout

#: the published phases of each stage: weight of L1, weight of −log p
PHASES = ((1.0, 1e-4), (0.5, 1e-3), (0.1, 1e-2))
#: bounds of the attention map, whose mean is about 1
_ATTENTION_BOUNDS = (0.25, 4.0)

_PRESETS: Mapping[PresetSize, Mapping[str, Any]] = {
    "tiny": {
        "batch_size": 4,
        "options": {"width": 8, "depth": 2, "passes": 4, "ndf": 8},
    },
    64: {"steps": 12_000, "batch_size": 16, "options": {"width": 32, "depth": 3}},
    128: {"steps": 24_000, "batch_size": 8, "options": {"width": 48, "depth": 4}},
    256: {"steps": 48_000, "batch_size": 4, "options": {"width": 64, "depth": 4}},
}


class UpganOptions(VariantOptions):
    """The paper's settings: Adam 1e-4 annealed by a cosine in each stage, λ_adv 1e-3.

    ``stages`` counts Primary and Subsequent GANs; ``width`` and ``depth`` are the U-Nets', ``ndf``
    the discriminators'; ``passes`` are MC-dropout passes; ``decay`` of the learning rate ends at
    this fraction.
    """

    stages: int = Field(default=2, ge=1, le=4)
    width: int = Field(default=32, ge=8, le=256, multiple_of=8)
    depth: int = Field(default=3, ge=1, le=5)
    ndf: int = Field(default=32, ge=8, le=256)
    lr: float = Field(default=1e-4, gt=0, le=0.1)
    decay: float = Field(default=0.01, ge=0, le=1)
    dropout: float = Field(default=0.2, ge=0, lt=1)
    passes: int = Field(default=8, ge=1, le=256)
    lambda_adv: float = Field(default=1e-3, ge=0)


@dataclass(frozen=True, slots=True)
class Prediction:
    """b̂, α and β of a stage, each (N, C, H, W)."""

    mean: Tensor
    alpha: Tensor
    beta: Tensor

    def attention(self) -> Tensor:
        """Where to look next: the predicted SD over its mean, (N, C, H, W), without gradient."""
        sd = variance(self.alpha, self.beta).sqrt().detach()
        return (sd / sd.mean(dim=(1, 2, 3), keepdim=True)).clamp(*_ATTENTION_BOUNDS)


class ThreeHeadUNet(nn.Module):
    """A U-Net whose heads give mean, scale and shape for each pixel and channel."""

    def __init__(self, channels_in: int, channels: int, options: UpganOptions) -> None:
        super().__init__()
        self.body = UNet(channels_in, options.width, options.depth, options.dropout)
        self.mean, self.alpha, self.beta = (
            nn.Sequential(
                nn.Conv2d(options.width, options.width, 3, padding=1),
                nn.LeakyReLU(0.1),
                nn.Conv2d(options.width, channels, 3, padding=1),
            )
            for _ in range(3)
        )

    def forward(self, inputs: Tensor, start: Tensor) -> Prediction:
        """The mean is a correction of ``start``, the best image so far."""
        features = self.body(inputs)
        return Prediction(
            start + self.mean(features),
            bounded(self.alpha(features), ALPHA_BOUNDS),
            bounded(self.beta(features), BETA_BOUNDS),
        )


class Upgan(RestoringVariant):
    """Restores degraded images; maps the uncertainty of any image, real or generated."""

    name: ClassVar[str] = "upgan"
    title: ClassVar[str] = "UP-GAN (uncertainty-guided progressive)"
    options_model: ClassVar[type[VariantOptions]] = UpganOptions
    options: UpganOptions

    def __init__(self, spec: ImageSpec, options: UpganOptions, total_steps: int) -> None:
        super().__init__(spec, options, total_steps)
        channels = spec.channels
        self.generators = nn.ModuleList(
            ThreeHeadUNet(channels if stage == 0 else 4 * channels, channels, options)
            for stage in range(options.stages)
        )
        # The layout in which CPUs too convolve these maps faster.
        self.generators.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.discriminators = nn.ModuleList(
            discriminator_of(
                options.discriminator,
                lambda _: PatchDiscriminator(channels, options.ndf),
                spec.size,
            )
            for _ in range(options.stages)
        )

    @classmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """Twice the batch at 64 px, the paper's learning rate at every size."""
        return preset_config(cls.name, dataset, size, _PRESETS)

    def networks(self) -> dict[str, nn.Module]:
        """G0, D0 (Primary), G1, D1 (Subsequent-1) and so on."""
        return {
            f"{letter}{stage}": network
            for letter, group in (("G", self.generators), ("D", self.discriminators))
            for stage, network in enumerate(group)
        }

    def adam_settings(self, network: str) -> dict[str, Any]:  # noqa: ARG002 - all alike
        """The paper's 1e-4, where the annealing of each stage starts."""
        return {"lr": self.options.lr, "betas": (0.9, 0.999)}

    def sampling_networks(self) -> tuple[str, ...]:
        """All generators: the cascade is used as a whole."""
        return tuple(f"G{stage}" for stage in range(self.options.stages))

    def initialise(self, rng: torch.Generator) -> None:
        """He's initialisation; heads end in 0, so that each stage starts from its input."""
        for network in self.networks().values():
            for layer in network.modules():
                if isinstance(layer, nn.Conv2d):
                    nn.init.kaiming_normal_(layer.weight, a=0.1, generator=rng)
                    if layer.bias is not None:
                        nn.init.zeros_(layer.bias)
        for network in self.generators:
            assert isinstance(network, ThreeHeadUNet)
            for head in (network.mean, network.alpha, network.beta):
                last = head[-1]
                assert isinstance(last, nn.Conv2d)
                nn.init.zeros_(last.weight)

    def stage_at(self, step: int) -> tuple[int, float]:
        """The stage that ``step`` trains, and the fraction of that stage already done."""
        position = min(step / self.total_steps, 1 - 1e-9) * self.options.stages
        return int(position), position - int(position)

    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Train one stage's D, then its G; the stages before it are frozen."""
        stage, done = self.stage_at(step)
        weight_l1, weight_likelihood = PHASES[int(done * len(PHASES))]
        self._anneal(stage, done)
        discriminator = self.discriminators[stage]

        def draw(part: Batch) -> tuple[Prediction, Tensor]:
            start = self.degraded_inputs(part)
            with torch.no_grad():
                before = self._cascade(start, stage)
            attention = torch.ones_like(start) if before is None else before.attention()
            attention = part.emphasised(attention)
            with dropping([self.generators[stage]], part.draws("dropout")):
                return self._stage(stage, start, before), attention

        drawn = Drawn(draw)

        def loss_d(part: Batch) -> Tensor:
            predicted, _ = drawn.for_discriminator(part)
            real: Tensor = discriminator(part.images)
            fake: Tensor = discriminator(predicted.mean.detach())
            loss = (F.mse_loss(real, torch.ones_like(real)) + fake.square().mean()) / 2
            return part.with_recognised(
                loss, lambda shown: fake_losses(discriminator(shown.images))
            )

        def loss_g(part: Batch) -> dict[str, Tensor]:
            predicted, attention = drawn.for_generator(part)
            residual = predicted.mean - part.images
            fidelity = (attention * residual.abs()).mean()
            likelihood = (
                attention * negative_log_likelihood(residual, predicted.alpha, predicted.beta)
            ).mean()
            judged: Tensor = discriminator(predicted.mean)
            adversarial = F.mse_loss(judged, torch.ones_like(judged))
            adversarial = adversarial + self.matching_loss(
                discriminator, part.images, predicted.mean
            )
            loss = (
                weight_l1 * fidelity
                + weight_likelihood * likelihood
                + self.options.lambda_adv * adversarial
            )
            return {
                "loss": loss,
                "fidelity": fidelity,
                "likelihood": likelihood,
                "adversarial": adversarial,
            }

        judged = self.minimise(f"D{stage}", batch, loss_d)
        terms = self.minimise(f"G{stage}", batch, loss_g)
        return {
            "fidelity": terms["fidelity"],
            "likelihood": terms["likelihood"],
            "adversarial": terms["adversarial"],
            "discriminator": judged,
        }

    def answer(self, images: Tensor, request: SampleRequest) -> Samples:
        """The cascade's mean over MC-dropout passes, with an aleatoric and an epistemic map.

        Maps are one standard deviation, averaged over channels and passes.
        """
        passes = self.options.passes
        draws: Draws = request.draws("dropout", passes)
        with dropping([self.generators], draws):
            predicted = self._cascade(images.repeat_interleave(passes, dim=0), self.options.stages)
        assert predicted is not None
        means = mc_dropout.split_passes(predicted.mean, passes)
        noise = mc_dropout.split_passes(
            aleatoric.aleatoric_variance(predicted.alpha, predicted.beta), passes
        )
        maps = (
            BatchMap(grey_level_sd(noise.mean(dim=1)), aleatoric.KIND, SD_UNIT),
            BatchMap(
                grey_level_sd(mc_dropout.variance_over_passes(means)), mc_dropout.KIND, SD_UNIT
            ),
        )
        return Samples(means.mean(dim=1).clamp(-1, 1), maps if request.maps else ())

    def _cascade(self, start: Tensor, stages: int) -> Prediction | None:
        predicted = None
        for stage in range(stages):
            predicted = self._stage(stage, start, predicted)
        return predicted

    def _stage(self, stage: int, start: Tensor, before: Prediction | None) -> Prediction:
        if before is None:
            answer = self.generators[stage](start, start)
        else:
            seen = torch.cat([before.mean, before.alpha, before.beta, start], dim=1)
            answer = self.generators[stage](seen, before.mean)
        assert isinstance(answer, Prediction)
        return answer

    def _anneal(self, stage: int, done: float) -> None:
        rate = cosine(self.options.lr, self.options.lr * self.options.decay, done)
        for name in (f"G{stage}", f"D{stage}"):
            for group in self.optimisers()[name].param_groups:
                group["lr"] = rate
