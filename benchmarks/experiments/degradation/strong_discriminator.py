"""Does vanishing curvature warn before the images collapse, where D was made too strong?

    python -m benchmarks.experiments.degradation.strong_discriminator OUT [--seeds 0 1 2 3 4]
                                                                         [--quick]

A small dcgan is trained on 600 phantoms (closed rings, 32 px). *Too strong*: D without batch norm,
three updates for each one of G, both learning rates ten times as high. *Control*: the networks as
they are. (With batch norm this dcgan collapsed neither by a D of 100 times the learning rate, nor
by eight updates, nor by four times the width.) The guard looks every 20 steps at the thresholds it
has by default. A run counts as collapsed from the first look on at which precision or diversity,
as the median of the three newest looks, is below half of its best so far. OUT/table.md tells the
first step of both for each run.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
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
from engine.gans.dcgan import Dcgan
from engine.workspace import Workspace

_RATE = 10
_UPDATES = 3
_LOOKS = 3
_SHARE = 0.5


@contextlib.contextmanager
def too_strong() -> Iterator[None]:
    """Inside the block every dcgan has a discriminator that wins."""
    init, settings, minimise = Dcgan.__init__, Dcgan.adam_settings, Dcgan.minimise

    def without_batch_norm(self: Dcgan, *arguments: Any) -> None:
        init(self, *arguments)
        layers = self.discriminator.layers
        assert isinstance(layers, nn.Sequential)
        for number, layer in enumerate(layers):
            if isinstance(layer, nn.BatchNorm2d):
                layers[number] = nn.Identity()

    def faster(self: Dcgan, network: str) -> dict[str, Any]:
        found = settings(self, network)
        return found | {"lr": found["lr"] * _RATE}

    def more_often(self: Dcgan, name: str, batch: Any, loss: Any) -> Any:
        # A guard that only looks must see the losses of one step, not of three.
        times = _UPDATES if name == "D" and not isinstance(self.updates, Probe) else 1
        for _ in range(times):
            returned = minimise(self, name, batch, loss)
        return returned

    with (
        patch.object(Dcgan, "__init__", without_batch_norm),
        patch.object(Dcgan, "adam_settings", faster),
        patch.object(Dcgan, "minimise", more_often),
    ):
        yield


def collapsed_at(rows: list[Measurement]) -> int | None:
    """The first look at which samples have collapsed; None where they never have."""
    for end in range(_LOOKS + 1, len(rows) + 1):
        for name in ("precision", "diversity"):
            values = [row.values()[name] for row in rows[:end]]
            smooth = [median(values[k - _LOOKS : k]) for k in range(_LOOKS, end + 1)]
            if smooth[-1] < _SHARE * max(smooth[:-1]):
                return rows[end - 1].step
    return None


def watched(workspace: Workspace, seed: int, steps: int, guard: GuardConfig, strong: bool) -> None:
    """Train one run to its end, unless it has been."""
    dataset = f"rings-{seed}"
    fill(workspace, dataset, {"train": rings(600, seed), "test": rings(200, seed + 10**6)})
    with too_strong() if strong else contextlib.nullcontext():
        train(workspace, dataset, _name(seed, strong), seed=seed, steps=steps, guard=guard)


def row_of(workspace: Workspace, seed: int, guard: GuardConfig, strong: bool) -> list[str]:
    """The table's row of a run."""
    rows = read_measurements(workspace, _name(seed, strong))
    warnings = all_warnings(rows, guard)
    vanishing = [each.step for each in warnings if each.name == "vanishing curvature"]
    others = [f"{e.name} at {e.step}" for e in warnings if e.name != "vanishing curvature"]
    collapse = collapsed_at(rows)
    return [
        "too strong" if strong else "control",
        str(seed),
        str(vanishing[0]) if vanishing else "never",
        "never" if collapse is None else str(collapse),
        ", ".join(others) or "none",
        f"{min(row.precision for row in rows[_LOOKS:]):.2f}",
        f"{rows[-1].frechet_distance:.1f}",
    ]


def _name(seed: int, strong: bool) -> str:
    return f"{'strong' if strong else 'control'}-{seed}"


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--quick", action="store_true", help="seconds; its figures say nothing")
    options = parser.parse_args(arguments)
    steps = 80 if options.quick else options.steps
    guard = GuardConfig(every=20, max_cost=None, images=100)
    workspace = Workspace.create(options.out / "workspace")
    table = []
    for strong in (True, False):
        for seed in options.seeds:
            watched(workspace, seed, steps, guard, strong)
            table.append(row_of(workspace, seed, guard, strong))
            print(*table[-1], flush=True)
    head = ("Run", "Seed", "Vanishing curvature", "Collapse", "Other warnings", "Lowest precision")
    shown = markdown((*head, "Last FD"), table)
    (options.out / "table.md").write_text(shown, encoding="utf-8")
    print(shown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
