"""Does the guard notice a generator that copies eight training images?

    python -m benchmarks.experiments.degradation.few_images OUT [--seeds 0 1 2] [--quick]

A small dcgan is trained on 8 phantoms (closed rings, 32 px) and, as the control, on 600, with the
guard looking every 20 steps at the thresholds it has by default. OUT/table.md tells at which step
each run was first warned of what, and the values that the memorisation rule judges at its end.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.experiments.degradation.phantom_library import fill, markdown, rings, train
from engine.degradation.config import GuardConfig
from engine.degradation.measurement import Measurement, read_measurements
from engine.degradation.rules import all_warnings
from engine.workspace import Workspace

FEW, MANY, UNSEEN = 8, 600, 200


def watched(workspace: Workspace, n: int, seed: int, steps: int, guard: GuardConfig) -> list[str]:
    """Train on ``n`` phantoms; returns the table's row."""
    dataset = f"rings-{n}-{seed}"
    fill(workspace, dataset, {"train": rings(n, seed), "test": rings(UNSEEN, seed + 10**6)})
    run_id = f"{dataset}-{steps}"
    train(workspace, dataset, run_id, seed=seed, steps=steps, guard=guard)
    rows = read_measurements(workspace, run_id)
    warned = [f"{each.name} at {each.step}" for each in all_warnings(rows, guard)]
    last = rows[-1]
    return [
        str(n),
        str(seed),
        ", ".join(warned) or "none",
        _number(last, "neighbour_ratio"),
        _number(last, "memorisation_p"),
        _number(last, "diversity"),
        _number(last, "frechet_distance"),
    ]


def _number(row: Measurement, name: str) -> str:
    return f"{row.values()[name]:.2g}"


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--quick", action="store_true", help="seconds; its figures say nothing")
    options = parser.parse_args(arguments)
    steps = 40 if options.quick else 600
    guard = GuardConfig(every=20, max_cost=None, images=UNSEEN // (4 if options.quick else 1))
    workspace = Workspace.create(options.out / "workspace")
    rows = [
        watched(workspace, n, seed, steps, guard) for n in (FEW, MANY) for seed in options.seeds
    ]
    head = ("Images", "Seed", "Warnings", "Distance ratio", "p", "Diversity", "FD")
    shown = markdown(head, rows)
    (options.out / "table.md").write_text(shown, encoding="utf-8")
    print(shown)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
