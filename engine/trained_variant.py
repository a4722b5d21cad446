"""A trained run as something to sample from."""

from __future__ import annotations

from engine.errors import CheckpointError
from engine.gans.registry import variant_class
from engine.gans.variant import Variant
from engine.training.checkpoint import Checkpoint, list_checkpoints, sampling_weights
from engine.training.randomness import generator
from engine.training.runs import run_folder
from engine.workspace import Workspace


def newest_checkpoint(workspace: Workspace, run_id: str, step: int | None = None) -> Checkpoint:
    """The run's checkpoint at ``step``, or its newest; raises `CheckpointError` without one."""
    found = [
        checkpoint
        for checkpoint in list_checkpoints(run_folder(workspace, run_id).checkpoints)
        if step is None or checkpoint.state.step == step
    ]
    if not found:
        wanted = "" if step is None else f" at step {step}"
        raise CheckpointError(
            f"The run {run_id} has no checkpoint{wanted}. Train it until it has saved one."
        )
    return found[-1]


def sampling_variant(checkpoint: Checkpoint) -> Variant:
    """The variant of a checkpoint, on the CPU, with averaged weights where there are any.

    Raises `CheckpointError` when the weights are damaged or belong to other networks.
    """
    state = checkpoint.state
    variant = variant_class(state.variant).build(
        state.spec, state.options, max(1, state.total_steps), generator(0)
    )
    weights = sampling_weights(checkpoint)
    networks = variant.networks()
    try:
        for name in variant.sampling_networks():
            start = f"{name}/"
            networks[name].load_state_dict(
                {k.removeprefix(start): t for k, t in weights.items() if k.startswith(start)}
            )
    except RuntimeError as error:
        raise CheckpointError(
            f"The checkpoint {checkpoint.folder} does not fit its own state.json: {error}"
        ) from error
    return variant
