"""Where a run starts: fresh networks, its newest whole checkpoint, or its parent's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.data.cache import TrainingArrays
from engine.errors import CheckpointError
from engine.gans.registry import variant_class
from engine.gans.variant import ImageSpec, Variant
from engine.training.checkpoint import (
    Checkpoint,
    checkpoint_folders,
    list_checkpoints,
    load_checkpoint,
    read_checkpoint,
)
from engine.training.config import TrainConfig
from engine.training.ema import Ema
from engine.training.randomness import generator
from engine.training.runs import RunFolder, run_folder
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Restored:
    """The step a run goes on from; ``notice`` says which damaged checkpoint was passed over."""

    step: int
    notice: str = ""


def restore(
    workspace: Workspace,
    folder: RunFolder,
    config: TrainConfig,
    variant: Variant,
    ema: Ema,
    only_step: int | None = None,
) -> Restored:
    """Load the newest checkpoint of the run that is whole, or at its start its parent's.

    ``only_step`` is where another process of the run has gone on from. Raises `CheckpointError`
    when all of the run's checkpoints are damaged, the parent's is gone, or that step's is.
    """
    damaged = ""
    for step, path in reversed(checkpoint_folders(folder.checkpoints)):
        if only_step is not None and step != only_step:
            continue
        try:
            load_checkpoint(read_checkpoint(path), variant, ema)
        except CheckpointError as error:
            damaged = damaged or str(error)
            continue
        return Restored(step, f"Went on from step {step}. {damaged}" if damaged else "")
    if damaged:
        raise CheckpointError(
            f"No checkpoint of {folder.root.name} is whole. {damaged} Put the folder "
            f"{folder.checkpoints} back from a copy, or start a new run with the same settings."
        )
    if only_step:
        raise CheckpointError(
            f"The run goes on from step {only_step}, but this process finds no checkpoint of that "
            f"step in {folder.checkpoints}. All machines must see the same workspace folder, and "
            "new files in it at once."
        )
    if config.parent is not None:
        load_checkpoint(parent_checkpoint(workspace, config), variant, ema)
    return Restored(0)


def image_spec(data: TrainingArrays, size: int) -> ImageSpec:
    """What a network must know of the training data."""
    channels: Literal[1, 3] = 1 if data.images.shape[1] == 1 else 3
    depth: Literal[8, 16] = 16 if data.images.dtype == np.uint16 else 8
    return ImageSpec(
        channels=channels, size=size, bit_depth=depth, class_names=tuple(data.class_names)
    )


def build_variant(config: TrainConfig, spec: ImageSpec) -> Variant:
    """A fresh variant as ``config`` asks for; raises `ConfigError`."""
    return variant_class(config.variant).build(
        spec, config.options, config.steps, generator(config.seed, "weights")
    )


def parent_checkpoint(workspace: Workspace, config: TrainConfig) -> Checkpoint:
    """The checkpoint that a child run starts from; raises `CheckpointError` when it is gone."""
    parent = config.parent
    assert parent is not None, "only child runs have a parent"
    folder = run_folder(workspace, parent.run_id)
    for checkpoint in list_checkpoints(folder.checkpoints):
        if checkpoint.reference(parent.run_id) == parent:
            return checkpoint
    raise CheckpointError(
        f"The checkpoint at step {parent.step} of the run {parent.run_id} is gone or was changed. "
        "Start the round again from a checkpoint that is there."
    )
