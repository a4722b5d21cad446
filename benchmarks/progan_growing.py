"""Does growing pay? Time of progan to a distance, growing and at full size from the start.

    python benchmarks/progan_growing.py --steps 600 --patients 40

Both runs have the same net, initial weights, images, random numbers and number of images shown, on
one thread, on phantom hearts in memory. The distance is the sliced Wasserstein distance of Karras
et al. 2017, section 5: 7 x 7 patches of each level of a Laplacian pyramid (here 32, 16 and 8 px),
brought to mean 0 and standard deviation 1, times 1000, averaged over levels; averaged G. Time is
the processor time of training alone, which other work on the machine hardly changes. The target is
the larger of the two runs' best distances, so that both reach it; time is to the first evaluation
at or below it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.data.acdc import import_acdc
from engine.data.cache import TrainingArrays, training_arrays
from engine.data.phantom import write_acdc_phantom
from engine.gans.batch import Batch
from engine.gans.registry import variant_class
from engine.gans.variant import ImageSpec, Variant
from engine.training.data_order import DataOrder
from engine.training.ema import Ema
from engine.training.randomness import derived_seed, generator
from engine.workspace import Workspace

_SIZE, _BATCH, _EMA_DECAY = 32, 16, 0.99
_OPTIONS = {"latent": 32, "fmap_base": 256, "fmap_max": 32, "conditional": False}
_SMALLEST_LEVEL, _PATCH, _PATCHES_PER_IMAGE, _DIRECTIONS = 8, 7, 16, 256
_DRAWN = 512


@dataclass(frozen=True)
class Point:
    """The distance after ``seconds`` of training."""

    step: int
    seconds: float
    distance: float


def pyramid(images: Tensor) -> list[Tensor]:
    """Laplacian pyramid, box-filtered: what each level adds to the next smaller one, and that."""
    levels = []
    while images.shape[-1] > _SMALLEST_LEVEL:
        smaller = F.avg_pool2d(images, 2)
        levels.append(
            images - F.interpolate(smaller, scale_factor=2, mode="bilinear", align_corners=False)
        )
        images = smaller
    return [*levels, images]


def patches(level: Tensor) -> Tensor:
    """Normalised patches (M, 49 C) at random places, the same for every set of as many images."""
    found = F.unfold(level, _PATCH).transpose(1, 2)
    rng = generator("patches", level.shape[-1])
    chosen = torch.randint(found.shape[1], (len(level), _PATCHES_PER_IMAGE), generator=rng)
    rows = found.gather(1, chosen[:, :, None].expand(-1, -1, found.shape[2])).flatten(0, 1)
    each_channel = rows.view(len(rows), level.shape[1], -1)
    mean = each_channel.mean(dim=(0, 2), keepdim=True)
    sd = each_channel.std(dim=(0, 2), keepdim=True)
    return ((each_channel - mean) / sd.clamp_min(1e-6)).flatten(1)


def sliced_wasserstein(a: Tensor, b: Tensor) -> float:
    """Of two sets of as many images, times 1000, mean over the levels of the pyramid."""
    distances = []
    for level_a, level_b in zip(pyramid(a), pyramid(b), strict=True):
        rows_a, rows_b = patches(level_a), patches(level_b)
        directions = torch.randn(rows_a.shape[1], _DIRECTIONS, generator=generator("directions"))
        directions = directions / directions.norm(dim=0)
        projected = [(rows @ directions).sort(dim=0).values for rows in (rows_a, rows_b)]
        distances.append((projected[0] - projected[1]).abs().mean())
    return 1000 * float(torch.stack(distances).mean())


def phantoms(folder: Path, patients: int) -> TrainingArrays:
    workspace = Workspace.create(folder / "workspace")
    write_acdc_phantom(folder / "phantoms", patients=patients, seed=1)
    import_acdc(folder / "phantoms", workspace)
    return training_arrays(workspace, "acdc", _SIZE)


def train(
    data: TrainingArrays, *, grow: bool, growing: float, steps: int, every: int, seed: int
) -> list[Point]:
    options = {**_OPTIONS, "grow": grow, "growing": growing}
    variant: Variant = variant_class("progan").build(
        ImageSpec(channels=1, size=_SIZE), options, steps, generator(seed)
    )
    ema = Ema(variant, _EMA_DECAY)
    order = DataOrder(len(data), _BATCH, seed)
    real = torch.from_numpy(data.batch(order_of(len(data), seed)[:_DRAWN]))
    unknown = torch.full((_BATCH,), -1)
    seconds, points = 0.0, []
    for step in range(steps):
        began = time.process_time()
        images = torch.from_numpy(data.batch(order.rows(step)))
        variant.step(Batch(images, unknown, seed=derived_seed(seed, "step", step)), step)
        ema.update(variant, step)
        seconds += time.process_time() - began
        if (step + 1) % every == 0:
            with ema.applied(variant):
                drawn = variant.sample(len(real), 1, maps=False).images
            points.append(Point(step + 1, seconds, sliced_wasserstein(real, drawn)))
    return points


def order_of(n: int, seed: int) -> Tensor:
    return torch.randperm(n, generator=generator(seed, "evaluated"))


def reached(points: list[Point], target: float) -> Point:
    return next(point for point in points if point.distance <= target)


def compare(data: TrainingArrays, growing: float, steps: int, every: int, seed: int) -> float:
    """Print both curves; returns the ratio of their times to the target."""
    grown, full = (
        train(data, grow=grow, growing=growing, steps=steps, every=every, seed=seed)
        for grow in (True, False)
    )
    print(f"seed {seed}\n   step   growing: s, distance   full size: s, distance")
    for a, b in zip(grown, full, strict=True):
        print(f"  {a.step:5d}  {a.seconds:7.1f} {a.distance:8.1f}", end="")
        print(f"     {b.seconds:7.1f} {b.distance:8.1f}")
    best = [min(point.distance for point in points) for points in (grown, full)]
    target = max(best)
    first, second = reached(grown, target), reached(full, target)
    ratio = second.seconds / first.seconds
    print(f"  best distance: growing {best[0]:.1f}, full size {best[1]:.1f}; to {target:.1f}:")
    for name, point in (("growing", first), ("full size", second)):
        print(f"  {name} {point.seconds:.0f} s, step {point.step}")
    print(f"  time at full size / time growing: {ratio:.2f} x", flush=True)
    return ratio


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--growing", type=float, default=0.64, help="share of images until grown")
    parser.add_argument("--every", type=int, default=50, help="steps between evaluations")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--patients", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as scratch:
        data = phantoms(Path(scratch), options.patients)
        rows = order_of(len(data), 0)
        halves = [torch.from_numpy(data.batch(part[:_DRAWN])) for part in rows.chunk(2)]
        n = min(len(half) for half in halves)
        floor = sliced_wasserstein(halves[0][:n], halves[1][:n])
        print(f"{len(data)} phantom slices, {_SIZE} px; between two halves of them: {floor:.1f}")
        ratios = [
            compare(data, options.growing, options.steps, options.every, seed)
            for seed in options.seeds
        ]
    print("ratios: " + ", ".join(f"{ratio:.2f} x" for ratio in ratios))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
