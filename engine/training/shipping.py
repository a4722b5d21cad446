"""Small checkpoints that travel: exported in half precision, installed as finished runs."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

from engine.atomic_file import write_bytes
from engine.errors import CheckpointError
from engine.training.checkpoint import (
    STATE,
    WEIGHTS,
    list_checkpoints,
    read_checkpoint,
    verify_checkpoint,
    write_state,
)
from engine.training.config import TrainConfig
from engine.training.runs import RunFolder, create_run, run_folder, write_status
from engine.workspace import Workspace

_CONFIG = "config.json"


def export_checkpoint(workspace: Workspace, run_id: str, folder: Path) -> Path:
    """Write the run's newest checkpoint to ``folder``: averaged weights, float16, no optimisers.

    Raises `CheckpointError` when the run has none.
    """
    run = run_folder(workspace, run_id)
    checkpoints = list_checkpoints(run.checkpoints)
    if not checkpoints:
        raise CheckpointError(f"The run {run_id} has no checkpoint to export.")
    checkpoint = checkpoints[-1]
    verify_checkpoint(checkpoint)
    tensors = load_file(checkpoint.folder / WEIGHTS)
    plain = {key: tensor for key, tensor in tensors.items() if not key.startswith("ema/")}
    averaged = {key: tensors.get(f"ema/{key}", tensor) for key, tensor in plain.items()}
    halved = {k: t.half() if t.is_floating_point() else t for k, t in averaged.items()}
    folder.mkdir(parents=True, exist_ok=True)
    save_file(halved, folder / WEIGHTS)
    digest = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
    state = checkpoint.state.model_copy(update={"sha256": {WEIGHTS: digest}, "param_groups": {}})
    write_state(folder / STATE, state)
    write_bytes(folder / _CONFIG, run.config.read_bytes())
    return folder


def install_checkpoint(workspace: Workspace, folder: Path, run_id: str) -> str:
    """Make a finished run of an exported checkpoint; returns ``run_id``.

    The run can draw images and be the parent of another. Raises `CheckpointError` when the files
    are damaged, `TrainingError` when the run exists.
    """
    checkpoint = read_checkpoint(folder)
    verify_checkpoint(checkpoint)
    config = TrainConfig.read(folder / _CONFIG)
    created = create_run(workspace, config, run_id, state="finished")
    run: RunFolder = run_folder(workspace, created)
    step = checkpoint.state.step
    target = run.checkpoints / f"step-{step:08d}"
    target.mkdir(parents=True)
    for name in (*checkpoint.state.sha256, STATE):
        shutil.copyfile(folder / name, target / name)
    write_status(run, "finished", step=step, message="Came with the program.")
    return created
