"""Trains the small generators that come with the app, on phantoms only, and exports them.

    python benchmarks/train_demo_checkpoints.py all --out resources/checkpoints
    python benchmarks/train_demo_checkpoints.py dcgan-acdc --steps 2000

The phantoms are written in the real formats and read by the real importers. Prints images/s, the
last losses and the size of what was exported.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from engine.data.acdc import import_acdc
from engine.data.idrid import import_idrid
from engine.data.phantom import write_acdc_phantom, write_idrid_phantom
from engine.training.config import TrainConfig
from engine.training.events import Event, Progress
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run
from engine.training.shipping import export_checkpoint
from engine.workspace import Workspace

_DCGAN = {"nz": 32, "ngf": 32, "ndf": 24}
_UPGAN = {"width": 8, "depth": 3, "ndf": 8, "lr": 1e-3, "stages": 2, "passes": 4}
#: variant, data set, steps, batch, options
RUNS: dict[str, tuple[str, str, int, int, dict[str, float]]] = {
    "dcgan-acdc": ("dcgan", "acdc", 2500, 32, _DCGAN),
    "dcgan-idrid": ("dcgan", "idrid", 2500, 32, _DCGAN),
    "upgan-acdc": ("upgan", "acdc", 1000, 8, _UPGAN),
    "upgan-idrid": ("upgan", "idrid", 1000, 8, _UPGAN),
}
_PATIENTS = 120
_FUNDUS_IMAGES = 400


def draw(workspace: Workspace, dataset: str) -> None:
    """Write and import the phantoms of one data set."""
    began = time.monotonic()
    source = workspace.root / "phantoms" / dataset
    if dataset == "acdc":
        write_acdc_phantom(source, patients=_PATIENTS, seed=1)
        report = import_acdc(source, workspace)
    else:
        write_idrid_phantom(source, images=_FUNDUS_IMAGES, seed=1)
        report = import_idrid(source, workspace, size=64)
    print(f"{report.summary()}\n  in {time.monotonic() - began:.0f} s", flush=True)


def train(workspace: Workspace, name: str, steps: int | None, out: Path) -> None:
    """Train one of `RUNS` and export it to ``out``/NAME."""
    variant, dataset, usual_steps, batch_size, options = RUNS[name]
    config = TrainConfig.checked(
        variant=variant,
        dataset=dataset,
        size=64,
        steps=steps or usual_steps,
        batch_size=batch_size,
        seed=1,
        ema_decay=0.995,
        threads=1,
        checkpoint_every=1000,
        sample_every=500,
        log_every=50,
        options=options,
    )
    run_id = create_run(workspace, config, name)
    last: list[Progress] = []

    def listen(event: Event) -> None:
        if isinstance(event, Progress):
            last[:] = [event]

    began = time.monotonic()
    Trainer(workspace, run_id, listen, always_run()).train()
    elapsed = time.monotonic() - began
    folder = export_checkpoint(workspace, run_id, out / name)
    size = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
    rate = config.steps * batch_size / elapsed
    losses = ", ".join(f"{loss} {value:.3f}" for loss, value in last[0].losses.items())
    print(f"{name}: {rate:.0f} images/s, {elapsed:.0f} s, {losses}, {size:.1f} MiB", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", choices=[*RUNS, "all"])
    parser.add_argument("--steps", type=int)
    parser.add_argument("--out", type=Path, default=Path("resources/checkpoints"))
    parser.add_argument("--workspace", type=Path, help="keep the workspace here")
    options = parser.parse_args()
    names = list(RUNS) if "all" in options.runs else options.runs
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Workspace.create(options.workspace or Path(scratch))
        for dataset in sorted({RUNS[name][1] for name in names}):
            draw(workspace, dataset)
        for name in names:
            train(workspace, name, options.steps, options.out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
