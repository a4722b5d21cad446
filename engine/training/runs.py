"""Runs as folders: their settings, state and curves, read and written without torch."""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from engine.atomic_file import write_bytes
from engine.bounded_file import MAX_TABLE_BYTES, read_bounded_text
from engine.errors import EngineError, TrainingError
from engine.training.config import TrainConfig
from engine.training.events import RunState
from engine.workspace import Workspace

#: states in which a process works, or will work, on a run
_LIVE: tuple[RunState, ...] = ("queued", "running", "paused")
INTERRUPTED = "The program ended while this run was at work; it can be resumed."


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as lists show it; ``created_at`` is UTC, ISO 8601. ``message`` explains the state."""

    run_id: str
    config: TrainConfig
    state: RunState
    step: int
    created_at: str
    parent_run_id: str | None
    snapshot_sha256: str | None
    message: str


class RunStatus(BaseModel):
    """``status.json``: where a run stands and which process, if any, works on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: RunState
    step: int = Field(default=0, ge=0)
    message: str = ""
    created_at: str
    pid: int = Field(default=0, ge=0, lt=2**31)
    #: a pid comes back after a restart of the machine; with its start time it is unique
    process_started: float = 0.0

    @field_validator("created_at")
    @classmethod
    def _a_time(cls, text: str) -> str:
        datetime.fromisoformat(text)
        return text


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths inside ``runs/RUN``."""

    root: Path

    def check_present(self) -> None:
        """Raise `TrainingError` when the folder has gone: its drive unplugged, or itself moved."""
        if not self.config.is_file():
            raise TrainingError(
                f"The folder {self.root} of this run is not there any more: its drive may be "
                "disconnected, or the workspace was moved. Bring it back to its place and resume "
                "the run; it goes on from its last checkpoint."
            )

    @property
    def config(self) -> Path:
        """The run's `TrainConfig`, never changed."""
        return self.root / "config.json"

    @property
    def status(self) -> Path:
        """The run's `RunStatus`."""
        return self.root / "status.json"

    @property
    def metrics(self) -> Path:
        """Losses, one row per logged step."""
        return self.root / "metrics.csv"

    @property
    def degradation(self) -> Path:
        """What the degradation guard measured, one row a look."""
        return self.root / "degradation.csv"

    @property
    def checkpoints(self) -> Path:
        """One folder per kept checkpoint."""
        return self.root / "checkpoints"

    @property
    def samples(self) -> Path:
        """PNG grids under fixed latents."""
        return self.root / "samples"

    @property
    def ratings(self) -> Path:
        """The frozen ratings that a feedback run learns from."""
        return self.root / "feedback" / "ratings.json"

    @property
    def generated(self) -> Path:
        """The manifest of the images that this run has drawn."""
        return self.root / "generated.jsonl"


def run_folder(workspace: Workspace, run_id: str) -> RunFolder:
    """The folder of an existing run; raises `TrainingError` when there is none."""
    folder = RunFolder(workspace.run_path(run_id))
    if not folder.config.is_file():
        raise TrainingError(f"There is no run '{run_id}' in {workspace.runs}.")
    return folder


def create_run(
    workspace: Workspace,
    config: TrainConfig,
    run_id: str | None = None,
    state: RunState = "queued",
) -> str:
    """Make a run's folder with its settings and first state; returns its id.

    Without ``run_id`` the id tells variant, data set, size and time. Raises `TrainingError` when
    the run exists.
    """
    now = datetime.now(UTC)
    if run_id is None:
        dataset = re.sub(r"[^A-Za-z0-9-]", "-", config.dataset)[:30]
        stamp = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        run_id = f"{config.variant}-{dataset}-{config.size}-{stamp}"
    folder = RunFolder(workspace.run_path(run_id))
    if folder.config.exists():
        raise TrainingError(f"The run '{run_id}' exists already in {workspace.runs}.")
    write_bytes(folder.config, config.model_dump_json(indent=2).encode("utf-8"))
    write_status(folder, state, created_at=now.isoformat(timespec="seconds"))
    return run_id


def write_status(
    folder: RunFolder,
    state: RunState,
    *,
    step: int | None = None,
    message: str = "",
    created_at: str | None = None,
) -> None:
    """Put a run into ``state``, worked on by this process; ``step`` None keeps the last one."""
    previous = None if created_at else read_status(folder)
    if previous is not None:
        created_at = previous.created_at
        step = previous.step if step is None else step
    status = RunStatus(
        state=state,
        step=step or 0,
        message=message,
        created_at=created_at or datetime.now(UTC).isoformat(timespec="seconds"),
        pid=os.getpid(),
        process_started=psutil.Process().create_time(),
    )
    write_bytes(folder.status, status.model_dump_json(indent=2).encode("utf-8"))


def read_status(folder: RunFolder) -> RunStatus:
    """A run's status; live states without a living process read ``interrupted``.

    A missing or damaged ``status.json`` reads as interrupted at step 0, because everything that
    resuming needs is in the checkpoints. Raises `TrainingError` when the run is gone.
    """
    try:
        status = RunStatus.model_validate_json(read_bounded_text(folder.status))
    except (OSError, UnicodeDecodeError, ValidationError):
        folder.check_present()
        made = folder.config.stat().st_mtime
        created_at = datetime.fromtimestamp(made, UTC).isoformat(timespec="seconds")
        return RunStatus(state="interrupted", message=INTERRUPTED, created_at=created_at)
    if status.state in _LIVE and not _is_alive(status):
        return status.model_copy(update={"state": "interrupted", "message": INTERRUPTED})
    return status


def read_summary(workspace: Workspace, run_id: str) -> RunSummary:
    """One run; raises `TrainingError` when it is missing, `ConfigError` when it is damaged."""
    folder = run_folder(workspace, run_id)
    config = TrainConfig.read(folder.config)
    status = read_status(folder)
    return RunSummary(
        run_id=run_id,
        config=config,
        state=status.state,
        step=status.step,
        created_at=status.created_at,
        parent_run_id=config.parent.run_id if config.parent else None,
        snapshot_sha256=config.feedback.snapshot_sha256 if config.feedback else None,
        message=status.message,
    )


def list_runs(workspace: Workspace) -> list[RunSummary]:
    """All readable runs, newest first; folders that hold no readable run are left out."""
    found = []
    for path in sorted(workspace.runs.glob("*/config.json")):
        try:
            found.append(read_summary(workspace, path.parent.name))
        except EngineError:
            continue
    return sorted(found, key=lambda run: (run.created_at, run.run_id), reverse=True)


def read_metrics(workspace: Workspace, run_id: str) -> dict[str, list[float]]:
    """The logged curves of a run; see `read_table`. Raises `TrainingError` for an unknown run."""
    return read_table(run_folder(workspace, run_id).metrics)


def read_table(path: Path) -> dict[str, list[float]]:
    """Columns of numbers by name, equally long, ``step`` first; empty before the first row.

    A cell that is not a number reads as NaN, and a row cut short by a crash is dropped. Raises
    `TrainingError` for a file that is no table.
    """
    try:
        text = read_bounded_text(path, MAX_TABLE_BYTES)
        table = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TrainingError(f"The table {path} cannot be read: {error}.") from error
    header, *rows = table or [[]]
    whole = [row for row in rows if len(row) == len(header)]
    return {name: [_number(row[i]) for row in whole] for i, name in enumerate(header)}


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _is_alive(status: RunStatus) -> bool:
    try:
        started = psutil.Process(status.pid).create_time()
    except (psutil.Error, ValueError):
        return False
    return bool(abs(started - status.process_started) < 1.0)
