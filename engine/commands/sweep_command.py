"""``medgan-engine sweep``: training and evaluation over training-set sizes and settings."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.commands.interrupt import stop_on_interrupt
from engine.errors import Cancelled
from engine.workspace import Workspace


def add_parser(subparsers: Any) -> None:
    """Add ``sweep``."""
    parser = subparsers.add_parser(
        "sweep", help="train and evaluate over training-set sizes and drawn settings"
    )
    parser.add_argument("config", type=Path, metavar="CONFIG", help="a TOML or JSON file")
    parser.add_argument("--workspace", "-w", type=Path, required=True, metavar="W")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Go through the sweep, or go on with it; Ctrl-C stops after a checkpoint."""
    from engine.evaluation.sweep import run_sweep, spreads, sweep_folder
    from engine.evaluation.sweep_config import SweepConfig

    workspace = Workspace.create(arguments.workspace)
    config = SweepConfig.read(arguments.config)
    last = ""

    def tell(done: int, total: int, item: str) -> None:
        nonlocal last
        run_id = item.partition(":")[0]
        if item and run_id != last:
            last = run_id
            print(f"{done + 1} of {total}: {run_id}" if ":" in item else item, flush=True)

    with stop_on_interrupt() as stopped:
        try:
            results = run_sweep(workspace, config, progress=tell, cancelled=lambda: bool(stopped))
        except Cancelled:
            print("stopped; start the sweep again to go on")
            return 130
    failed = [result for result in results if result.failure]
    for spread in spreads(results):
        print(
            f"{spread.label}  {spread.variant}  {spread.fraction:.0%} of the patients: median "
            f"{spread.median:.4g} ({spread.lower_quartile:.4g} to {spread.upper_quartile:.4g}, "
            f"{spread.n} draws)"
        )
    for result in failed:
        print(f"{result.cell.run_id} failed: {result.failure}")
    print(f"tables and plots: {sweep_folder(workspace, config.name)}")
    return 0
