"""What feedback adds to a training step: dcgan with critic, pull and reweighting, and without.

    python benchmarks/feedback_step_cost.py [--size 64] [--batch 64] [--rounds 3] [--device cpu]

Both train the preset's networks on the same batches from the same weights, single steps in turn,
so that what else the machine does falls on both alike; on the CPU processor time counts. A round is
as many steps as the reward needs to come round once for each of the critic's networks. The critic
is of untrained copies of the discriminator, which cost what trained ones do; 100 recognised images
are held, of which each step sees a sixth of a batch. Fitting the critic, once a round, is not
part of a step. The ratio is the median over rounds. Target: at most 1.15.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from engine.data.content_store import write_image
from engine.feedback.image_pool import ImagePool, PoolImage
from engine.feedback.ordinal import OrdinalHead
from engine.feedback.realism_critic import MEMBERS, RealismCritic
from engine.feedback.reward import Reward
from engine.gans.batch import Batch
from engine.gans.dcgan import Dcgan
from engine.gans.registry import preset
from engine.gans.variant import ImageSpec
from engine.training.config import FeedbackConfig
from engine.training.randomness import derived_seed, generator
from engine.workspace import Workspace

TARGET = 1.15
_NEGATIVES = 100
_WARM_UP = 2


def built(size: int, device: torch.device) -> Dcgan:
    options = preset("dcgan", "acdc", 64).options
    variant = Dcgan.build(ImageSpec(channels=1, size=size), options, 1000, generator(1, "w"))
    assert isinstance(variant, Dcgan)
    variant.to(device)
    return variant


def reward_of(variant: Dcgan, config: FeedbackConfig) -> Reward:
    judges = [variant.image_judge() for _ in range(MEMBERS)]
    assert all(judge is not None for judge in judges)
    critic = RealismCritic(
        [judge for judge in judges if judge is not None], [OrdinalHead(1) for _ in judges]
    )
    critic.to(variant.device).eval().requires_grad_(False)
    return Reward(critic, copy.deepcopy(variant), config)


def pool_of(folder: Path, spec: ImageSpec, batch_size: int) -> ImagePool:
    workspace, rng = Workspace.create(folder), np.random.default_rng(2)
    shape = (spec.size, spec.size)
    keys = [
        write_image(workspace, rng.integers(0, 65536, shape).astype(np.uint16))
        for _ in range(_NEGATIVES)
    ]
    images = [PoolImage(key, 1.0) for key in keys]
    return ImagePool(workspace, images, spec, batch_size=batch_size, seed=3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = torch.device(options.device)
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    config = FeedbackConfig(methods=("critic", "reweighting"), snapshot_sha256="0" * 64)
    images = torch.randn(256, 1, options.size, options.size, generator=generator(4)).clamp(-1, 1)
    plain, taught = built(options.size, device), built(options.size, device)
    reward = reward_of(taught, config)
    with tempfile.TemporaryDirectory() as folder:
        pool = pool_of(Path(folder), taught.spec, options.batch)

    def batch(number: int, *, rated: bool) -> Batch:
        rows = torch.randint(256, (options.batch,), generator=generator(5, number))
        labels = torch.full((options.batch,), -1, device=device)
        negatives = pool.drawn(number, device) if rated else None
        seed = derived_seed(0, "step", number)
        return Batch(images[rows].to(device), labels, negatives, seed=seed)

    def seconds(name: str, number: int) -> float:
        start = clock()
        if name == "plain":
            plain.step(batch(number, rated=False), number)
        else:
            shown = batch(number, rated=True)
            taught.step(shown, number)
            reward.teach(taught, shown, number)
        if device.type == "cuda":
            torch.cuda.synchronize()
        return clock() - start

    names = ("plain", "taught")
    for number in range(_WARM_UP):
        for name in names:
            seconds(name, number)
    steps = config.reward_every * MEMBERS
    ratios: list[float] = []
    for round_number in range(options.rounds):
        spent = dict.fromkeys(names, 0.0)
        for number in range(round_number * steps, (round_number + 1) * steps):
            for name in sorted(names, reverse=bool(number % 2)):
                spent[name] += seconds(name, number)
        ratios.append(spent["taught"] / spent["plain"])
        print(
            f"  plain {spent['plain'] / steps:.3f} s, with feedback {ratios[-1]:.3f} x", flush=True
        )
    ratio = statistics.median(ratios)
    print(
        f"dcgan, {options.size} px, batch {options.batch}, {options.device}, reward every "
        f"{config.reward_every} steps, {options.rounds} rounds of {steps} steps"
    )
    print(f"  ratio   {ratio:6.3f} (rounds {min(ratios):.3f} to {max(ratios):.3f})")
    print(f"  target  {TARGET:6.3f}: {'met' if ratio <= TARGET else 'MISSED'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
