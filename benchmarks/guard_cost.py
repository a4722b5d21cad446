"""What the degradation guard costs: dcgan at 64 px with its published widths.

    python benchmarks/guard_cost.py [--batch 64] [--steps 12] [--held-steps 1000]

First a run that the guard looks at every third of its steps, without limit: seconds of a step, of
a look, and of the preparation that comes once for a data set (training its encoder) or a run
(features of real images). The share of the training time at the usual interval follows from these.
Then a run of narrow networks whose guard would look after every step, with the usual limit: the
highest cost that any row of ``degradation.csv`` tells. Target: at most 10 %.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from engine.data.content_store import from_float, write_image
from engine.data.manifest import write_manifest
from engine.data.phantom_heart import draw_heart
from engine.data.records import ImageRecord
from engine.degradation.config import GuardConfig
from engine.degradation.measurement import Measurement, read_measurements
from engine.gans.registry import preset
from engine.training.config import TrainConfig
from engine.training.events import Event
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run
from engine.workspace import Workspace

SIZE = 64
TARGET = 0.1
_DATASET = "hearts"


def fill(workspace: Workspace, n: int) -> None:
    """Make a data set of drawn hearts."""
    rng = np.random.default_rng(0)
    records = [
        ImageRecord(
            record_id=f"{_DATASET}/{number:04d}",
            key=write_image(workspace, from_float(draw_heart(rng, SIZE), 16)),
            dataset=_DATASET,
            source="real",
            split="train" if number % 5 else "test",
            width=SIZE,
            height=SIZE,
            channels=1,
            bit_depth=16,
        )
        for number in range(n)
    ]
    write_manifest(workspace.manifest_path(_DATASET), records)


def looks(
    workspace: Workspace, steps: int, batch: int, guard: GuardConfig, width: int = 64
) -> list[Measurement]:
    """Train a run and return what its guard kept."""
    fields = preset("dcgan", _DATASET, 64).model_dump()
    changes = {
        "steps": steps,
        "batch_size": batch,
        "threads": 1,
        "checkpoint_every": steps,
        "sample_every": steps,
        "guard": guard.model_dump(),
        "options": {"ngf": width, "ndf": width},
    }
    run_id = create_run(workspace, TrainConfig.checked(**(fields | changes)))
    Trainer(workspace, run_id, _ignore, always_run()).train()
    return read_measurements(workspace, run_id)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--held-steps", type=int, default=1000)
    parser.add_argument("--images", type=int, default=600)
    options = parser.parse_args()
    usual = GuardConfig()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        fill(workspace, options.images)
        free = usual.model_copy(update={"every": options.steps // 3, "max_cost": None})
        rows = looks(workspace, options.steps, options.batch, free)
        spent = sum(row.seconds for row in rows)
        step_s = spent / rows[-1].cost / rows[-1].step
        look_s = min(row.seconds for row in rows[1:])
        share = look_s / (usual.every * step_s)
        print(f"a step of {options.batch} images: {step_s:.2f} s")
        print(f"a look: {look_s:.2f} s, as long as {look_s / step_s:.1f} steps")
        print(f"preparation, once: {rows[0].seconds - look_s:.1f} s")
        print(f"a look every {usual.every} steps: {share:.2%} of the training time")
        held = looks(
            workspace,
            options.held_steps,
            8,
            usual.model_copy(update={"every": 1}),
            width=8,
        )
    highest = max((row.cost for row in held), default=0.0)
    print(f"limit of {usual.max_cost:.0%}, a look wanted after each of {options.held_steps} steps:")
    print(f"{len(held)} looks, the highest cost at any of them {highest:.2%}")
    print(f"target: at most {TARGET:.0%}: {'met' if max(highest, share) <= TARGET else 'missed'}")
    return 0


def _ignore(event: Event) -> None:
    """Nobody listens."""


if __name__ == "__main__":
    raise SystemExit(main())
