"""``medgan-engine train``: train a variant in this terminal, or go on with a run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine.commands.terminal_training import train_in_terminal
from engine.errors import ConfigError
from engine.training.config import TrainConfig
from engine.training.runs import create_run
from engine.workspace import Workspace

_PRESET_SIZES = {"tiny": "tiny", "64": 64, "128": 128, "256": 256}


def add_parser(subparsers: Any) -> None:
    """Add ``train``."""
    parser = subparsers.add_parser("train", help="train a GAN variant on an imported data set")
    parser.add_argument("variant", nargs="?", help="dcgan, progan, upgan …")
    parser.add_argument("dataset", nargs="?", help="the name of an imported data set")
    parser.add_argument("--workspace", "-w", type=Path, required=True, metavar="W")
    parser.add_argument("--preset", choices=tuple(_PRESET_SIZES), default="64")
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--precision", choices=("fp32", "bf16"))
    parser.add_argument("--threads", type=int, help="threads on the CPU (default: all but one)")
    parser.add_argument(
        "--name",
        metavar="RUN",
        help="the run's name; go on with it where it exists (for torchrun's restarts)",
    )
    parser.add_argument("--resume", metavar="RUN", help="go on with this run instead")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train until the last step, or until Ctrl-C; returns the exit status."""
    workspace = Workspace.create(arguments.workspace)
    return train_in_terminal(
        workspace, lambda: _run_id(arguments, workspace), arguments.device or "auto"
    )


def _run_id(arguments: argparse.Namespace, workspace: Workspace) -> str:
    """The run to go on with, or a new one as the arguments ask for."""
    if arguments.resume:
        return str(arguments.resume)
    if not (arguments.variant and arguments.dataset):
        raise ConfigError("Say which VARIANT to train on which DATASET, or --resume a RUN.")
    if arguments.name and (workspace.run_path(arguments.name) / "config.json").is_file():
        return str(arguments.name)
    return create_run(workspace, _config(arguments), arguments.name)


def _config(arguments: argparse.Namespace) -> TrainConfig:
    from engine.gans.registry import preset

    size: Any = _PRESET_SIZES[arguments.preset]
    config = preset(arguments.variant, arguments.dataset, size)
    changes = {
        name: value
        for name in ("steps", "batch_size", "seed", "device", "precision", "threads")
        if (value := getattr(arguments, name)) is not None
    }
    return TrainConfig.checked(**(config.model_dump() | changes))
