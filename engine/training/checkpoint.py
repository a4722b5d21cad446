"""Checkpoints: safetensors and JSON, written whole, checked by hash; never pickle.

A checkpoint is a folder ``step-00001000`` with ``weights.safetensors`` (networks and, under
``ema/``, their average), ``optimisers.safetensors`` (absent in shipped ones) and ``state.json``.
Random numbers need no state of their own: each step's generator follows from seed and step.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.optim import Optimizer

from engine.atomic_file import partial_path, write_bytes
from engine.bounded_file import open_regular, read_bounded_text
from engine.errors import CheckpointError
from engine.gans.variant import ImageSpec, Variant
from engine.training.config import ParentRef, Sha256, explained
from engine.training.ema import Ema

STATE: Final = "state.json"
WEIGHTS: Final = "weights.safetensors"
OPTIMISERS: Final = "optimisers.safetensors"
_FOLDER = re.compile(r"step-(\d{8,})")
_EMA = "ema"
_PARTIAL = ".part"


CheckpointFile = Literal["weights.safetensors", "optimisers.safetensors"]


class CheckpointState(BaseModel):
    """``state.json``: what the tensors belong to, and the hashes of their files."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    variant: str
    step: int = Field(ge=0, lt=2**63)
    seed: int = Field(ge=0, lt=2**63)
    total_steps: int = Field(ge=0, lt=2**63)
    spec: ImageSpec
    options: dict[str, Any]
    #: of these files and no others: a state from elsewhere must not name what to open
    sha256: dict[CheckpointFile, Sha256]
    #: learning rates and the like, by optimiser; tensors are in ``optimisers.safetensors``
    param_groups: dict[str, list[dict[str, Any]]] = Field(default_factory=dict)
    torch_version: str = ""
    #: of all other fields, as `write_state` makes it; blank in shipped ones of earlier versions
    state_sha256: Sha256 | Literal[""] = ""

    @field_validator("sha256")
    @classmethod
    def _with_weights(cls, hashes: dict[str, Sha256]) -> dict[str, Sha256]:
        if WEIGHTS not in hashes:
            raise ValueError(f"the hash of {WEIGHTS} is missing")
        return hashes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A complete checkpoint on disk."""

    folder: Path
    state: CheckpointState

    def reference(self, run_id: str) -> ParentRef:
        """How a child run names this checkpoint."""
        return ParentRef(run_id=run_id, step=self.state.step, sha256=self.state.sha256[WEIGHTS])


def save_checkpoint(
    checkpoints: Path, variant: Variant, ema: Ema, *, step: int, seed: int, keep: int = 2
) -> Checkpoint:
    """Write the state after ``step`` steps, then drop all but the newest ``keep`` checkpoints.

    One of this step that is whole stays as it is. Raises `CheckpointError` when the disk refuses;
    earlier checkpoints are untouched then.
    """
    folder = checkpoints / f"step-{step:08d}"
    if (known := _whole(folder, variant, seed)) is not None:
        return known
    partial = partial_path(folder)
    try:
        partial.mkdir(parents=True)
        sha256: dict[CheckpointFile, str] = {
            WEIGHTS: _save(partial / WEIGHTS, _weights(variant, ema)),
            OPTIMISERS: _save(partial / OPTIMISERS, _optimiser_tensors(variant)),
        }
        state = CheckpointState(
            variant=variant.name,
            step=step,
            seed=seed,
            total_steps=variant.total_steps,
            spec=variant.spec,
            options=_options(variant),
            sha256=sha256,
            param_groups=_param_groups(variant),
            torch_version=torch.__version__,
        )
        state = write_state(partial / STATE, state)
        if folder.exists():
            # Damaged: it goes first, as a folder cannot be replaced in one step.
            _remove(folder)
        partial.rename(folder)
    except (OSError, SafetensorError) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise CheckpointError(
            f"The checkpoint {folder} cannot be written: {error}. Free some disk space and resume "
            "the run; it goes on from its last checkpoint."
        ) from error
    for old in [c.folder for c in list_checkpoints(checkpoints)][:-keep]:
        with contextlib.suppress(OSError):
            _remove(old)
    return Checkpoint(folder, state)


def remove_unfinished(checkpoints: Path) -> None:
    """Remove what processes that were killed while they wrote have left; nobody may write now."""
    for partial in checkpoints.glob(f".step-*{_PARTIAL}"):
        shutil.rmtree(partial, ignore_errors=True)


def _whole(folder: Path, variant: Variant, seed: int) -> Checkpoint | None:
    """The checkpoint in ``folder`` where it is one of the same run without damage."""
    try:
        found = read_checkpoint(folder)
        verify_checkpoint(found)
    except CheckpointError:
        return None
    state = found.state
    of_one_run = (
        (state.variant, state.seed, state.total_steps) == (variant.name, seed, variant.total_steps)
        and state.spec == variant.spec
        and state.options == json.loads(json.dumps(_options(variant)))
    )
    return found if of_one_run and OPTIMISERS in state.sha256 else None


def _remove(folder: Path) -> None:
    """Take a checkpoint away so that a crash meanwhile leaves none that looks whole."""
    going = partial_path(folder)
    folder.rename(going)
    shutil.rmtree(going, ignore_errors=True)


def list_checkpoints(checkpoints: Path) -> list[Checkpoint]:
    """Checkpoints whose ``state.json`` can be read, oldest first; hashes are not checked yet."""
    found = []
    for _, folder in checkpoint_folders(checkpoints):
        with contextlib.suppress(CheckpointError):
            found.append(read_checkpoint(folder))
    return sorted(found, key=lambda checkpoint: checkpoint.state.step)


def checkpoint_folders(checkpoints: Path) -> list[tuple[int, Path]]:
    """Steps and folders of all checkpoints by step, damaged ones too."""
    named = [(_FOLDER.fullmatch(path.name), path) for path in checkpoints.glob("step-*")]
    return sorted((int(name[1]), path) for name, path in named if name is not None)


def read_checkpoint(folder: Path) -> Checkpoint:
    """The checkpoint in ``folder``; raises `CheckpointError` when it is none of ours."""
    try:
        text = read_bounded_text(folder / STATE)
        state = CheckpointState.model_validate_json(text)
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        reason = explained(error) if isinstance(error, ValidationError) else str(error)
        raise CheckpointError(
            f"{folder} holds no checkpoint that can be read: {reason}."
        ) from error
    if state.state_sha256 and state.state_sha256 != _state_sha256(state):
        raise CheckpointError(
            f"The checkpoint file {folder / STATE} is damaged: it is not as it was written. "
            "Use an earlier checkpoint."
        )
    return Checkpoint(folder, state)


def write_state(path: Path, state: CheckpointState) -> CheckpointState:
    """Write ``state.json`` with its own hash and return what it holds; raises `StorageError`."""
    hashed = state.model_copy(update={"state_sha256": _state_sha256(state)})
    write_bytes(path, hashed.model_dump_json(indent=1).encode("utf-8"))
    return hashed


def _state_sha256(state: CheckpointState) -> str:
    # As it is read: JSON knows no tuples, and no numbers beyond the finite ones.
    fields = json.loads(state.model_dump_json(exclude={"state_sha256"}))
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode("utf-8")).hexdigest()


def load_checkpoint(checkpoint: Checkpoint, variant: Variant, ema: Ema) -> None:
    """Put a checkpoint's tensors into a variant, its optimisers and its average.

    Raises `CheckpointError` when a file is not the one that was written, is damaged, or belongs
    to other networks. A shipped checkpoint without optimisers leaves them as they are.
    """
    weights = _load(checkpoint, WEIGHTS)
    try:
        for name, network in variant.networks().items():
            network.load_state_dict(_below(weights, name))
        average = _below(weights, _EMA)
        for key, tensor in ema.average.items():
            tensor.copy_(average.get(key, weights[key]))
    except (RuntimeError, KeyError) as error:
        raise CheckpointError(
            f"The checkpoint {checkpoint.folder} belongs to other networks than this run's: {error}"
        ) from error
    if OPTIMISERS in checkpoint.state.sha256:
        _load_optimisers(checkpoint, variant)


def verify_checkpoint(checkpoint: Checkpoint) -> None:
    """Raise `CheckpointError` unless every file still has the hash it was written with."""
    for name in checkpoint.state.sha256:
        _checked(checkpoint, name)


def sampling_weights(checkpoint: Checkpoint) -> dict[str, Tensor]:
    """All tensors of ``weights.safetensors``, with the average in place of what it averages."""
    weights = _load(checkpoint, WEIGHTS)
    average = _below(weights, _EMA)
    return {k: average.get(k, v) for k, v in weights.items() if not k.startswith(f"{_EMA}/")}


def _checked(checkpoint: Checkpoint, name: CheckpointFile) -> Path:
    path = checkpoint.folder / name
    try:
        with open_regular(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"The checkpoint file {path} cannot be read: {error}.") from error
    if digest != checkpoint.state.sha256.get(name):
        raise CheckpointError(
            f"The checkpoint file {path} is damaged or was exchanged: its sha256 is not the one in "
            f"{STATE}. Use an earlier checkpoint."
        )
    return path


def _load(checkpoint: Checkpoint, name: CheckpointFile) -> dict[str, Tensor]:
    path = _checked(checkpoint, name)
    try:
        return {key: _full(tensor) for key, tensor in load_file(path).items()}
    # A header from elsewhere may name types and shapes that torch has not.
    except (OSError, SafetensorError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise CheckpointError(f"{path} is not a safetensors file: {error}.") from error


def _full(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def _save(path: Path, tensors: dict[str, Tensor]) -> str:
    save_file({key: t.detach().cpu().contiguous() for key, t in tensors.items()}, path)
    # Open for writing too, without which Windows forces nothing to the disk.
    with path.open("r+b") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _weights(variant: Variant, ema: Ema) -> dict[str, Tensor]:
    tensors = {
        f"{name}/{key}": tensor
        for name, network in variant.networks().items()
        for key, tensor in network.state_dict().items()
    }
    return tensors | {f"{_EMA}/{key}": tensor for key, tensor in ema.average.items()}


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    start = f"{prefix}/"
    return {key.removeprefix(start): t for key, t in tensors.items() if key.startswith(start)}


def _options(variant: Variant) -> dict[str, Any]:
    options = getattr(variant, "options", None)
    return options.model_dump() if isinstance(options, BaseModel) else {}


def _optimiser_tensors(variant: Variant) -> dict[str, Tensor]:
    return {
        f"{name}/{row}/{key}": value
        for name, optimiser in variant.optimisers().items()
        for row, values in optimiser.state_dict()["state"].items()
        for key, value in values.items()
        if isinstance(value, Tensor)
    }


def _param_groups(variant: Variant) -> dict[str, list[dict[str, Any]]]:
    return {
        name: [
            {key: value for key, value in group.items() if not isinstance(value, Tensor)}
            for group in optimiser.state_dict()["param_groups"]
        ]
        for name, optimiser in variant.optimisers().items()
    }


def _load_optimisers(checkpoint: Checkpoint, variant: Variant) -> None:
    tensors = _load(checkpoint, OPTIMISERS)
    for name, optimiser in variant.optimisers().items():
        state: dict[int, dict[str, Tensor]] = {}
        groups = checkpoint.state.param_groups.get(name)
        if groups is None:
            raise CheckpointError(f"{checkpoint.folder / STATE} lacks the optimiser '{name}'.")
        try:
            for key, tensor in _below(tensors, name).items():
                row, _, entry = key.partition("/")
                state.setdefault(int(row), {})[entry] = tensor
            optimiser.load_state_dict({"state": state, "param_groups": groups})
            _lay_out_as_parameters(optimiser)
        except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
            raise CheckpointError(
                f"The checkpoint {checkpoint.folder} belongs to another optimiser than this "
                f"run's: {error}"
            ) from error


def _lay_out_as_parameters(optimiser: Optimizer) -> None:
    """Files hold tensors row by row, but a fused update pairs numbers by their place in memory."""
    for parameter, values in optimiser.state.items():
        for key, tensor in values.items():
            if (
                isinstance(tensor, Tensor)
                and tensor.numel() > 1
                and tensor.shape != parameter.shape
            ):
                raise ValueError(f"'{key}' has the shape {tuple(tensor.shape)}")
            if isinstance(tensor, Tensor) and tensor.shape == parameter.shape:
                values[key] = torch.empty_like(parameter).copy_(tensor)
