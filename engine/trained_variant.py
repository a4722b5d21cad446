"""A trained run as something to sample from."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

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
    kind, steps = variant_class(state.variant), max(1, state.total_steps)
    weights = sampling_weights(checkpoint)
    try:
        # Without memory first: options from elsewhere may ask for networks of any size, but only
        # those whose tensors are in the file are built.
        with torch.device("meta"):
            outline = kind.outline(state.spec, state.options, steps)
        _check_shapes(outline, weights)
        variant = kind.build(state.spec, state.options, steps, generator(0))
        networks = variant.networks()
        for name in variant.sampling_networks():
            networks[name].load_state_dict(_below(weights, name))
    except (RuntimeError, ValueError, IndexError, ArithmeticError) as error:
        raise CheckpointError(
            f"The checkpoint {checkpoint.folder} does not fit its own state.json: {error}"
        ) from error
    return variant


def _check_shapes(outline: Variant, weights: Mapping[str, Tensor]) -> None:
    """Raise `ValueError` unless a file has every tensor of all networks, in its shape."""
    for name, network in outline.networks().items():
        for key, tensor in network.state_dict().items():
            stored = weights.get(f"{name}/{key}")
            if stored is None or stored.shape != tensor.shape:
                found = "missing" if stored is None else f"of shape {tuple(stored.shape)}"
                raise ValueError(f"{name}/{key} is {found}, not of {tuple(tensor.shape)}")


def _below(weights: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    start = f"{name}/"
    return {key.removeprefix(start): t for key, t in weights.items() if key.startswith(start)}
