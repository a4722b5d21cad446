"""``medgan-engine sample``: draw images of a run into the workspace's library."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.workspace import Workspace


def add_parser(subparsers: Any) -> None:
    """Add ``sample``."""
    parser = subparsers.add_parser("sample", help="draw images from a trained run")
    parser.add_argument("run_id", metavar="RUN")
    parser.add_argument("--workspace", "-w", type=Path, required=True, metavar="W")
    parser.add_argument("-n", type=int, default=64, help="how many (default 64)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--step", type=int, help="checkpoint (default: the newest)")
    parser.add_argument("--maps", metavar="RUN", help="upgan run that maps their uncertainty")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw the images and print how many there are."""
    from engine.generation import generate_batch

    records = generate_batch(
        Workspace.create(arguments.workspace),
        arguments.run_id,
        arguments.n,
        arguments.seed,
        checkpoint_step=arguments.step,
        uncertainty_run=arguments.maps,
    )
    print(f"{len(records)} images of {arguments.run_id} are in the library")
    return 0
