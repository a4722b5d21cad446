"""Train variants on real images for a CPU budget each; save grids of samples with their maps.

    python benchmarks/real_images.py DATA OUT [--cpu-seconds 240] [--variants dcgan upgan …]

The networks are those of the ``tiny`` presets at ``--size`` pixels, batches of 16 and an average of
decay 0.99 (or, with ``--networks preset``, the preset of that size): what a CPU can train.

DATA holds ``acdc/`` and ``idrid/`` as their owners lay them out. Each run gets as many steps as fit
its budget of CPU time at the speed that a few steps at several points of its schedule need. OUT
gets, for each run, ``DATASET-VARIANT.png``: samples above, their uncertainty below (each map from 0
to its own maximum); and ``figures.csv``. Samples of variants that restore images are derived from
real ones: OUT is not for publication where the data's licence forbids it.
"""

from __future__ import annotations

import argparse
import csv
import time
from pathlib import Path

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from PIL import Image

from engine.data.acdc import import_acdc
from engine.data.cache import TrainingArrays, training_arrays
from engine.data.idrid import import_idrid
from engine.gans.batch import Batch
from engine.gans.registry import preset, variants
from engine.gans.variant import Samples
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.training.config import TrainConfig
from engine.training.data_order import DataOrder
from engine.training.loop import Trainer, always_run
from engine.training.restoring import build_variant, image_spec
from engine.training.runs import create_run, read_metrics
from engine.workspace import Workspace

#: points of a schedule whose speed is looked at, and steps at each
_PROBES = (0.05, 0.5, 0.95)
_PROBE_STEPS = 1
_COLUMNS = 8
_COMPARED = 128


def seconds_per_step(config: TrainConfig, data: TrainingArrays) -> float:
    """CPU seconds of a step, averaged over the schedule, by a throw-away network."""
    variant = build_variant(config, image_spec(data, config.size))
    order = DataOrder(len(data), config.batch_size, 0)
    spent = 0.0
    for probe in _PROBES:
        for number in range(_PROBE_STEPS + 1):
            step = int(probe * config.steps) + number
            rows = order.rows(step)
            batch = Batch(
                torch.from_numpy(data.batch(rows)), torch.from_numpy(data.labels[rows]), seed=step
            )
            began = time.process_time()
            variant.step(batch, min(step, config.steps - 1))
            # The first step at each point also makes buffers and optimisers' state.
            spent += (time.process_time() - began) if number else 0.0
    return spent / (len(_PROBES) * _PROBE_STEPS)


def distances(samples: NDArray[np.float32], data: TrainingArrays) -> tuple[float, float]:
    """Diversity and nearness of samples, each against what real images show among themselves.

    The mean pairwise pixel distance of samples over that of real images (1 = as diverse, 0 =
    collapsed), and the mean distance to the nearest training image over that of a training image
    to its nearest neighbour (far below 1 = copies).
    """
    real = torch.from_numpy(data.batch(np.arange(len(data)))).flatten(1)
    drawn = torch.from_numpy(samples).flatten(1)
    among_real, among_drawn = torch.cdist(real, real), torch.cdist(drawn, drawn)
    diversity = float(among_drawn.sum()) / (len(drawn) * (len(drawn) - 1))
    diversity /= float(among_real.sum()) / (len(real) * (len(real) - 1))
    nearest_real = float((among_real + torch.eye(len(real)) * 1e9).min(dim=1).values.mean())
    nearest = float(torch.cdist(drawn, real).min(dim=1).values.mean())
    return diversity, nearest / nearest_real


def write_grid(samples: Samples, path: Path) -> None:
    """Samples, and below each row the first kind of map, as one PNG."""
    levels = ((samples.images.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    pictures = levels.permute(0, 2, 3, 1).expand(-1, -1, -1, 3).numpy()
    values = samples.maps[0].values
    scaled = (values / values.amax(dim=(1, 2), keepdim=True).clamp_min(1e-6) * 255).to(torch.uint8)
    maps = scaled[..., None].expand(-1, -1, -1, 3).numpy()
    rows = [
        np.concatenate(list(images[at : at + _COLUMNS]), axis=1)
        for at in range(0, len(pictures), _COLUMNS)
        for images in (pictures, maps)
    ]
    Image.fromarray(np.concatenate(rows)).save(path)


def settings(variant: str, dataset: str, options: argparse.Namespace) -> TrainConfig:
    if options.networks == "preset":
        return preset(variant, dataset, options.size)
    changes = {"size": options.size, "batch_size": 16, "ema_decay": 0.99}
    tiny = preset(variant, dataset, "tiny")
    return TrainConfig.checked(**(tiny.model_dump() | changes))


def train(workspace: Workspace, variant: str, dataset: str, options: argparse.Namespace) -> None:
    usual = settings(variant, dataset, options)
    data = training_arrays(workspace, dataset, options.size)
    steps = max(20, int(options.cpu_seconds / seconds_per_step(usual, data)))
    length = {"steps": steps, "sample_every": steps, "checkpoint_every": steps, "threads": 1}
    config = TrainConfig.checked(**(usual.model_dump() | length))
    run_id = create_run(workspace, config)
    began, cpu_began = time.monotonic(), time.process_time()
    Trainer(workspace, run_id, lambda _: None, always_run()).train()
    cpu, wall = time.process_time() - cpu_began, time.monotonic() - began
    trained = sampling_variant(newest_checkpoint(workspace, run_id))
    inputs = None
    if trained.needs_inputs:
        inputs = torch.from_numpy(data.batch(np.arange(_COMPARED) % len(data)))
    drawn = trained.sample(_COMPARED, 1, inputs=inputs, maps=False)
    shown = trained.sample(2 * _COLUMNS, 1, inputs=None if inputs is None else inputs[:16])
    options.out.mkdir(parents=True, exist_ok=True)
    write_grid(shown, options.out / f"{dataset}-{variant}.png")
    diversity, nearness = distances(drawn.images.numpy(), data)
    losses = {name: curve[-1] for name, curve in read_metrics(workspace, run_id).items()}
    figures = {
        "dataset": dataset,
        "variant": variant,
        "size": options.size,
        "steps": steps,
        "batch": config.batch_size,
        "cpu_s": round(cpu),
        "wall_s": round(wall),
        "images_per_cpu_s": round(steps * config.batch_size / cpu, 1),
        "rss_mib": round(psutil.Process().memory_info().rss / 2**20),
        "diversity": round(diversity, 3),
        "nearness": round(nearness, 3),
        "map": f"{shown.maps[0].kind}, mean {float(shown.maps[0].values.mean()):.1f}",
        "losses": " ".join(f"{n}={v:.3g}" for n, v in losses.items() if n != "step"),
    }
    print(figures, flush=True)
    table = options.out / "figures.csv"
    is_new = not table.exists()
    with table.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(figures))
        if is_new:
            writer.writeheader()
        writer.writerow(figures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--cpu-seconds", type=float, default=240)
    parser.add_argument("--size", type=int, default=64, choices=(64, 128, 256))
    parser.add_argument("--networks", choices=("tiny", "preset"), default="tiny")
    parser.add_argument("--variants", nargs="+", default=list(variants()))
    parser.add_argument("--datasets", nargs="+", default=["acdc", "idrid"])
    options = parser.parse_args()
    torch.set_num_threads(1)
    workspace = Workspace.create(options.out / "workspace")
    for dataset in options.datasets:
        if not workspace.manifest_path(dataset).is_file():
            {"acdc": import_acdc, "idrid": import_idrid}[dataset](options.data / dataset, workspace)
        for variant in options.variants:
            train(workspace, variant, dataset, options)


if __name__ == "__main__":
    main()
