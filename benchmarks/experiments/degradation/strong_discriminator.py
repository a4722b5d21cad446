"""Does the guard warn of a discriminator that is too strong before the images collapse?

    python -m benchmarks.experiments.degradation.strong_discriminator OUT [--seeds 0 1 2] [--quick]

A small dcgan is trained on 600 phantoms (closed rings, 32 px) at 25 times the published learning
rate. In the *strong* runs D has no batch normalisation and is updated three times a step; the
*control* differs in nothing else. (With batch normalisation neither 100 times the learning rate
nor eight updates a step nor four times the width of D made this dcgan collapse.) The guard looks
every 20 steps at the thresholds it has by default.

Told are the first step with a warning of vanishing curvature, and the step of the collapse, which
is taken from the images alone: the median Fréchet distance of three looks is more than three times
its lowest so far.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from torch import nn

from benchmarks.experiments.degradation.phantom_library import fill, markdown, rings, train
from engine.degradation.config import GuardConfig
from engine.degradation.measurement import Measurement, read_measurements
from engine.degradation.probe import Probe
from engine.degradation.rules import all_warnings
from engine.gans.batch import Batch
from engine.gans.dcgan import Dcgan
from engine.workspace import Workspace

_DATASET = "rings"
_LEARNING_RATE = 25 * 2e-4
_UPDATES = 3
_LOOKS = 3
_TIMES = 3.0


@contextlib.contextmanager
def strong_discriminator() -> Iterator[None]:
    """Inside the block dcgan's D has no batch normalisation and three updates a step."""
    build, minimise = Dcgan.__init__, Dcgan.minimise

    def built(self: Dcgan, *arguments: Any) -> None:
        build(self, *arguments)
        layers = self.discriminator.layers
        assert isinstance(layers, nn.Sequential)
        for number, layer in enumerate(layers):
            if isinstance(layer, nn.BatchNorm2d):
                layers[number] = nn.Identity()

    def repeated(self: Dcgan, name: str, batch: Batch, loss: Callable[[Batch], Any]) -> Any:
        # A look of the guard needs each loss once.
        more = _UPDATES - 1 if name == "D" and not isinstance(self.updates, Probe) else 0
        for _ in range(more):
            minimise(self, name, batch, loss)
        return minimise(self, name, batch, loss)

    with patch.object(Dcgan, "__init__", built), patch.object(Dcgan, "minimise", repeated):
        yield


def collapse_step(rows: list[Measurement]) -> int | None:
    """The first step at which the images have collapsed by their distance to real ones."""
    distances = [row.frechet_distance for row in rows]
    lowest = float("inf")
    for end in range(_LOOKS, len(rows) + 1):
        value = median(distances[end - _LOOKS : end])
        if value > _TIMES * lowest:
            return rows[end - 1].step
        lowest = min(lowest, value)
    return None


def watched(
    workspace: Workspace, strong: bool, seed: int, steps: int, guard: GuardConfig
) -> list[str]:
    """Train one run; returns the table's row."""
    arm = "strong" if strong else "control"
    run_id = f"{arm}-{seed}-{steps}"
    with strong_discriminator() if strong else contextlib.nullcontext():
        train(
            workspace,
            _DATASET,
            run_id,
            seed=seed,
            steps=steps,
            guard=guard,
            options={"lr": _LEARNING_RATE},
        )
    rows = read_measurements(workspace, run_id)
    warnings = all_warnings(rows, guard)
    first = next((each.step for each in warnings if each.name == "vanishing curvature"), None)
    collapsed = collapse_step(rows)
    others = [f"{w.name} at {w.step}" for w in warnings if w.name != "vanishing curvature"]
    return [
        arm,
        str(seed),
        "none" if first is None else str(first),
        "none" if collapsed is None else str(collapsed),
        ", ".join(others) or "none",
        f"{min(row.frechet_distance for row in rows):.2f}",
        f"{rows[-1].frechet_distance:.2f}",
        f"{rows[-1].precision:.2f}",
        f"{rows[-1].recall:.2f}",
        f"{rows[-1].diversity:.2f}",
    ]


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--quick", action="store_true", help="seconds; its figures say nothing")
    options = parser.parse_args(arguments)
    steps = 80 if options.quick else options.steps
    guard = GuardConfig(every=20, max_cost=None, images=16 if options.quick else 100)
    workspace = Workspace.create(options.out / "workspace")
    if not workspace.manifest_path(_DATASET).is_file():
        fill(workspace, _DATASET, {"train": rings(600, 0), "test": rings(200, 1)})
    rows = []
    for strong in (True, False):
        for seed in options.seeds:
            rows.append(watched(workspace, strong, seed, steps, guard))
            print(rows[-1], flush=True)
    head = (
        "D",
        "Seed",
        "Vanishing curvature",
        "Collapse",
        "Other warnings",
        "Lowest FD",
        "Last FD",
        "Precision",
        "Recall",
        "Diversity",
    )
    shown = markdown(head, rows)
    (options.out / "table.md").write_text(shown, encoding="utf-8")
    print(shown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
