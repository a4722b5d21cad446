"""Training images/s of upgan against a plain loop of the same networks, paired in one run.

    python benchmarks/upgan_speed.py [--threads 1 2] [--blocks 5] [--steps 2]

The plain loop is written the way the authors' code is (github.com/ExplainableML/UncerGuidedI2I,
``train_i2i_Cas_UNet3headGAN``): each image is degraded on its own, as a data set does; all stages
run forward with gradients; maps are enlarged and concatenated before they are convolved; the
likelihood is the paper's formula with ``pow`` and ``lgamma``; G's step computes all gradients,
those of D and of earlier stages too, which nothing uses; the optimiser is `torch.optim.Adam` as it
comes. Networks, sizes, dropout and attention are ours. Both work on random images of 64 px, in
blocks by turns; the ratio of a pair is taken from neighbouring blocks, and the median of the pairs
is printed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.data.degradation import degraded
from engine.gans.batch import Batch
from engine.gans.blocks.channel_dropout import dropping
from engine.gans.blocks.unet import DoubleConvolution
from engine.gans.registry import preset
from engine.gans.upgan import PHASES, Prediction, ThreeHeadUNet, Upgan, UpganOptions
from engine.gans.variant import ImageSpec
from engine.losses.generalised_gaussian import ALPHA_BOUNDS, BETA_BOUNDS, bounded
from engine.training.draws import BatchDraws
from engine.training.randomness import generator

TARGET = 1.2
_SIZE = 64
_TOTAL_STEPS = 1000


def plain_forward(network: ThreeHeadUNet, inputs: Tensor, start: Tensor) -> Prediction:
    """The network as papers draw it: enlarge, concatenate, convolve."""
    body = network.body
    features = body.entry(inputs)
    skips = []
    for block in body.down:
        skips.append(features)
        features = body.dropout(block(F.avg_pool2d(features, 2)))
    for block in body.up:
        enlarged = F.interpolate(features, scale_factor=2.0, mode="nearest")
        features = torch.cat([enlarged, skips.pop()], dim=1)
        for layer in cast("DoubleConvolution", block):
            features = layer(features)
        features = body.dropout(features)
    return Prediction(
        start + network.mean(features),
        bounded(network.alpha(features), ALPHA_BOUNDS),
        bounded(network.beta(features), BETA_BOUNDS),
    )


class PlainLoop:
    """The authors' loop for the stage that is trained last, on the networks of an `Upgan`."""

    def __init__(self, networks: Upgan, stage: int) -> None:
        self.generators = networks.generators[: stage + 1]
        self.generators.to(memory_format=torch.contiguous_format)
        self.discriminator = networks.discriminators[stage]
        lr = networks.options.lr
        self.optimiser_g = torch.optim.Adam(self.generators[-1].parameters(), lr=lr)
        self.optimiser_d = torch.optim.Adam(self.discriminator.parameters(), lr=lr)

    def step(self, images: Tensor, number: int) -> None:
        """One update of G, then of D."""
        weight_l1, weight_likelihood = PHASES[0]
        worse = torch.cat(
            [
                degraded(image[None], [generator(number, "degradation", row)])
                for row, image in enumerate(images)
            ]
        )
        draws = BatchDraws(number, "dropout", 0, len(images), len(images), "cpu")
        attention = torch.ones_like(worse)
        seen, start = worse, worse
        for network in self.generators:
            dropped = [network] if network is self.generators[-1] else []
            with dropping(dropped, draws):
                predicted = plain_forward(cast("ThreeHeadUNet", network), seen, start)
            if dropped:
                break
            attention = predicted.attention()
            seen = torch.cat([predicted.mean, predicted.alpha, predicted.beta, worse], dim=1)
            start = predicted.mean
        residual = (predicted.mean - images).abs()
        likelihood = (
            (residual / predicted.alpha) ** predicted.beta
            - predicted.beta.log()
            + (2 * predicted.alpha).log()
            + torch.lgamma(1 / predicted.beta)
        )
        judged = self.discriminator(predicted.mean)
        loss_g = (
            weight_l1 * (attention * residual).mean()
            + weight_likelihood * (attention * likelihood).mean()
            + 1e-3 * F.mse_loss(judged, torch.ones_like(judged))
        )
        self.optimiser_g.zero_grad()
        loss_g.backward()
        self.optimiser_g.step()
        real, fake = self.discriminator(images), self.discriminator(predicted.mean.detach())
        loss_d = (
            F.mse_loss(real, torch.ones_like(real)) + F.mse_loss(fake, torch.zeros_like(fake))
        ) / 2
        self.optimiser_d.zero_grad()
        loss_d.backward()
        self.optimiser_d.step()


def built(dataset: str) -> Upgan:
    """The 64 px preset with all stages, the same weights at each call."""
    config = preset("upgan", dataset, 64)
    spec = ImageSpec(channels=1 if dataset == "acdc" else 3, size=_SIZE)
    options = UpganOptions.model_validate(config.options).model_dump()
    variant = Upgan.build(spec, options, _TOTAL_STEPS, generator(1, "weights"))
    assert isinstance(variant, Upgan)
    return variant


def pairs(dataset: str, stage: int, blocks: int, steps: int) -> tuple[list[float], list[float]]:
    """Images/s of blocks of ours and of the plain loop, one after the other by turns."""
    batch_size = preset("upgan", dataset, 64).batch_size
    ours, plain = built(dataset), PlainLoop(built(dataset), stage)
    images = (
        torch.rand(batch_size, ours.spec.channels, _SIZE, _SIZE, generator=generator(1)) * 2 - 1
    )
    labels = torch.full((batch_size,), -1)
    first = stage * _TOTAL_STEPS // ours.options.stages

    def our_step(number: int) -> None:
        ours.step(Batch(images, labels, seed=number), first + number)

    def plain_step(number: int) -> None:
        plain.step(images, number)

    def rate(step: Callable[[int], None], block: int) -> float:
        began = time.perf_counter()
        for number in range(steps):
            step(block * steps + number)
        return steps * batch_size / (time.perf_counter() - began)

    our_step(0)
    plain_step(0)
    mine, theirs = [], []
    for block in range(blocks):
        order = (mine, theirs) if block % 2 == 0 else (theirs, mine)
        for rates in order:
            rates.append(rate(our_step if rates is mine else plain_step, block))
    return mine, theirs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--datasets", nargs="+", default=["acdc", "idrid"])
    parser.add_argument("--blocks", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2)
    options = parser.parse_args()
    met = True
    for threads in options.threads:
        torch.set_num_threads(threads)
        for dataset in options.datasets:
            seconds = {"ours": 0.0, "plain": 0.0}
            for stage in range(2):
                mine, theirs = pairs(dataset, stage, options.blocks, options.steps)
                ratio = statistics.median(a / b for a, b in zip(mine, theirs, strict=True))
                seconds["ours"] += 1 / statistics.median(mine)
                seconds["plain"] += ratio / statistics.median(mine)
                print(
                    f"{dataset}, {threads} thread(s), stage {stage}: ours "
                    f"{statistics.median(mine):.1f} images/s, plain loop "
                    f"{statistics.median(theirs):.1f}, ratio {ratio:.2f}",
                    flush=True,
                )
            whole = seconds["plain"] / seconds["ours"]
            met = met and whole >= TARGET
            print(f"{dataset}, {threads} thread(s), both stages of a run: ratio {whole:.2f}")
    print(f"target {TARGET}: {'met' if met else 'MISSED'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
