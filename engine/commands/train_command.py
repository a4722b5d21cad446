"""``medgan-engine train``: train a variant in this terminal, or go on with a run."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.commands.interrupt import stop_on_interrupt
from engine.errors import ConfigError, EngineError
from engine.training.config import TrainConfig
from engine.training.events import CheckpointSaved, DegradationWarning, Event, Progress
from engine.training.runs import create_run, run_folder, write_status
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.training.control import Wish

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
    """Train until the last step; Ctrl-C saves a checkpoint and stops. Returns the exit status.

    Under torchrun all processes train the one run together, and the first alone prints.
    """
    from engine.training.control import Control
    from engine.training.distributed import launched_processes, started_by_torchrun
    from engine.training.loop import Trainer
    from engine.training.updates import OneProcess

    workspace = Workspace.create(arguments.workspace)
    processes = (
        launched_processes(arguments.device or "auto") if started_by_torchrun() else OneProcess()
    )
    first = processes.rank == 0
    run_id = _run_id(arguments, workspace) if first else ""
    if isinstance(processes, OneProcess):
        emit: Callable[[Event], None] = _print_event
    else:
        run_id = processes.from_first(run_id)
        emit = _print_event if first else _ignore_event
    folder = run_folder(workspace, run_id)
    if first:
        print(f"run {run_id}", flush=True)
        write_status(folder, "running")
    with stop_on_interrupt() as stopped:
        wish = _wish(stopped)
        try:
            ending = Trainer(workspace, run_id, emit, Control(wish, wish), processes).train()
        except EngineError as error:
            if first:
                write_status(folder, "failed", message=str(error))
            raise
    if first:
        write_status(folder, "interrupted" if ending == "stopped" else ending)
        print(f"{ending}: {folder.root}")
    return 0 if ending == "finished" else 130


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


def _print_event(event: Event) -> None:
    if isinstance(event, Progress):
        losses = "  ".join(f"{name} {value:.4f}" for name, value in event.losses.items())
        print(
            f"step {event.step}/{event.total_steps}  {event.images_per_s:.0f} images/s  "
            f"{event.eta_s:.0f} s left  {event.memory_mib:.0f} MiB  {losses}",
            flush=True,
        )
    elif isinstance(event, CheckpointSaved):
        print(f"saved {event.path}", flush=True)
    elif isinstance(event, DegradationWarning):
        print(f"warning at step {event.step}: {event.name}. {event.message}", flush=True)


def _ignore_event(event: Event) -> None:
    """The first process tells for all."""


def _wish(stopped: list[bool]) -> Any:
    def wish() -> Wish:
        return "stop" if stopped else "run"

    return wish
