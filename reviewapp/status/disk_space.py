"""How much room the disk of a workspace has left."""

from __future__ import annotations

import shutil
from pathlib import Path

_GIB = 2**30
#: below this an import or a run may soon fail
_LOW_BYTES = 2 * _GIB


def free_space(folder: Path) -> int | None:
    """Bytes free on the folder's disk; None where it cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def is_low(free: int | None) -> bool:
    """Whether the user should make room."""
    return free is not None and free < _LOW_BYTES


def space_words(free: int | None) -> str:
    """``412 GB free``, in powers of ten as file managers count."""
    if free is None:
        return "Disk not reachable"
    if free < 10**9:
        return f"{free / 10**6:.0f} MB free"
    gigabytes = free / 10**9
    return f"{gigabytes:.1f} GB free" if gigabytes < 10 else f"{gigabytes:,.0f} GB free"
