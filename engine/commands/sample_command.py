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
    parser.add_argument("--maps", metavar="RUN", help="upgan or higan run that maps them")
    parser.add_argument(
        "--refine", metavar="RUN", help="upgan or higan run that makes a refined copy of each"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Draw the images and print how many there are."""
    from engine.generation import generate_batch
    from engine.restoration import refine_images

    workspace = Workspace.create(arguments.workspace)
    records = generate_batch(
        workspace,
        arguments.run_id,
        arguments.n,
        arguments.seed,
        checkpoint_step=arguments.step,
        uncertainty_run=arguments.maps,
    )
    print(f"{len(records)} images of {arguments.run_id} are in the library")
    if arguments.refine:
        refined = refine_images(workspace, arguments.refine, records, seed=arguments.seed)
        print(f"{len(refined)} refined copies by {arguments.refine} are beside them")
    return 0
