"""How fast dcgan trains: our step beside the loop of PyTorch's DCGAN tutorial, same networks.

    python benchmarks/dcgan_speed.py [--size 64] [--batch 32] [--steps 20] [--rounds 5]

Ours: what the loop does for each step – the batch of the data order, read from a training array of
16-bit images, and `Dcgan.step`; no average is kept. Reference: the same batch, then zero_grad, D on
real images and backward, D on drawn images and backward, Adam; zero_grad, D on the drawn images
again, backward, Adam. Both start from the same weights, with the same fused Adam, and take single
steps in turn on the same threads, so that what else the machine does falls on both alike. The ratio
is the median over rounds. Target: at least 1.0.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F
from torch.optim import Adam

from engine.gans.batch import Batch
from engine.gans.dcgan import Dcgan
from engine.gans.variant import ImageSpec
from engine.training.data_order import DataOrder
from engine.training.randomness import derived_seed, generator

TARGET = 1.0
_IMAGES = 256
#: a step that trains on the rows it is given
Step = Callable[[NDArray[np.int64], int], object]


def built(size: int) -> Dcgan:
    variant = Dcgan.build(ImageSpec(channels=1, size=size), {}, 1000, generator(1, "weights"))
    assert isinstance(variant, Dcgan)
    return variant


def to_batch(images: NDArray[np.uint16], rows: NDArray[np.int64]) -> torch.Tensor:
    return torch.from_numpy(images[rows].astype(np.float32) / 32767.5 - 1)


def our_step(variant: Dcgan, images: NDArray[np.uint16]) -> Step:
    def step(rows: NDArray[np.int64], number: int) -> object:
        batch = Batch(
            lambda part: to_batch(images, rows[part]),
            torch.full((len(rows),), -1),
            seed=derived_seed(0, "step", number),
        )
        return variant.step(batch, number)

    return step


def reference_step(variant: Dcgan, images: NDArray[np.uint16]) -> Step:
    """The tutorial's loop; its BCE of a sigmoid is taken on logits, as cheaply."""
    g, d = variant.generator, variant.discriminator
    adam_g = Adam(g.parameters(), fused=True, **variant.adam_settings("G"))
    adam_d = Adam(d.parameters(), fused=True, **variant.adam_settings("D"))

    def step(rows: NDArray[np.int64], number: int) -> object:  # noqa: ARG001 - as ours
        real = to_batch(images, rows)
        classes = torch.zeros(len(real), dtype=torch.long)
        ones, zeros = torch.ones(len(real)), torch.zeros(len(real))
        adam_d.zero_grad()
        loss_real = F.binary_cross_entropy_with_logits(d(real, classes), ones)
        loss_real.backward()
        fake = g(torch.randn(len(real), variant.latent_size), classes)
        loss_fake = F.binary_cross_entropy_with_logits(d(fake.detach(), classes), zeros)
        loss_fake.backward()
        adam_d.step()
        adam_g.zero_grad()
        loss_g = F.binary_cross_entropy_with_logits(d(fake, classes), ones)
        loss_g.backward()
        adam_g.step()
        return loss_real + loss_fake, loss_g

    return step


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20, help="steps of each loop in a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    rng = np.random.default_rng(1)
    shape = (_IMAGES, 1, options.size, options.size)
    images = rng.integers(0, 65536, shape).astype(np.uint16)
    order = DataOrder(_IMAGES, options.batch, 0)
    loops = {
        "ours": our_step(built(options.size), images),
        "reference": reference_step(built(options.size), images),
    }

    def seconds(name: str, number: int) -> float:
        start = time.perf_counter()
        loops[name](order.rows(number), number)
        return time.perf_counter() - start

    for name in loops:
        for number in range(2):
            seconds(name, number)
    speeds: dict[str, list[float]] = {name: [] for name in loops}
    for _ in range(options.rounds):
        spent = dict.fromkeys(loops, 0.0)
        for number in range(options.steps):
            for name in sorted(loops, reverse=bool(number % 2)):
                spent[name] += seconds(name, number)
        for name, total in spent.items():
            speeds[name].append(options.steps * options.batch / total)
    ratios = [ours / theirs for ours, theirs in zip(*speeds.values(), strict=True)]
    ratio = statistics.median(ratios)
    print(
        f"dcgan, {options.size} px, batch {options.batch}, {options.threads} thread(s), "
        f"{options.rounds} rounds of {options.steps} steps"
    )
    for name, measured in speeds.items():
        print(f"  {name:10} {statistics.median(measured):8.1f} images/s")
    print(f"  ratio      {ratio:8.2f} (rounds {min(ratios):.2f} to {max(ratios):.2f})")
    print(f"  target     {TARGET:8.2f}: {'met' if ratio >= TARGET else 'MISSED'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
