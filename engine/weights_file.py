"""Tensors in a safetensors file that is used only while it is what was written."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load, save
from torch import Tensor

from engine.atomic_file import write_bytes
from engine.bounded_file import open_regular


def save_weights(path: Path, tensors: Mapping[str, Tensor]) -> str:
    """Write tensors in one step; returns the file's sha256. Raises `StorageError`."""
    content = save({name: tensor.contiguous() for name, tensor in tensors.items()})
    write_bytes(path, content)
    return hashlib.sha256(content).hexdigest()


def load_weights(path: Path, sha256: str) -> dict[str, Tensor] | None:
    """The tensors of a file, read once; None when it is no longer the one with this hash.

    Raises `OSError` when it cannot be read and `SafetensorError` when it holds no tensors.
    """
    with open_regular(path) as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != sha256:
        return None
    return load(content)
