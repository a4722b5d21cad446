"""Trains a run in this terminal: prints how far it is, stops at Ctrl-C, serves torchrun."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.commands.interrupt import stop_on_interrupt
from engine.errors import EngineError, ProcessLostError
from engine.training.events import CheckpointSaved, DegradationWarning, Event, Progress
from engine.training.runs import run_folder, write_status
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.training.control import Wish


def train_in_terminal(
    workspace: Workspace, find_run: Callable[[], str], device: str = "auto"
) -> int:
    """Train the run that ``find_run`` makes or names until its last step; returns the exit status.

    Ctrl-C or SIGTERM saves a checkpoint and stops. Under torchrun all processes train the one run
    together, and the first alone makes it and prints.
    """
    from engine.training.control import Control
    from engine.training.distributed import launched_processes, started_by_torchrun
    from engine.training.loop import Trainer
    from engine.training.updates import OneProcess

    processes = launched_processes(device) if started_by_torchrun() else OneProcess()
    first = processes.rank == 0
    run_id = find_run() if first else ""
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
        except ProcessLostError as error:
            if first:
                write_status(folder, "interrupted", message=str(error))
            raise
        except EngineError as error:
            if first:
                write_status(folder, "failed", message=str(error))
            raise
    if first:
        write_status(folder, "interrupted" if ending == "stopped" else ending)
        print(f"{ending}: {folder.root}")
    return 0 if ending == "finished" else 130


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
