"""A disk of a few megabytes that can be filled, and be made read-only; Linux and root only."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class SmallDisk:
    """A mounted tmpfs at ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "filler"

    def fill(self, leave_bytes: int = 0) -> None:
        """Take all the room but so much."""
        with self._filler.open("ab", buffering=0) as file:
            for block in (65536, 4096):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * block)
            size = max(0, file.tell() - leave_bytes)
            file.truncate(size)
        if not leave_bytes:
            with pytest.raises(OSError) as full:
                (self.path / "probe").write_bytes(b"\0" * 8192)
            assert full.value.errno == errno.ENOSPC
            (self.path / "probe").unlink(missing_ok=True)

    def free(self) -> None:
        """Give the room back."""
        self._filler.unlink()


def _call(*command: str) -> None:
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        pytest.skip(f"this system lets no test mount a disk: {result.stderr.strip()}")


@contextmanager
def mounted(path: Path, size_mib: int = 24) -> Iterator[SmallDisk]:
    """Mount a disk at ``path``; skips the test where that is not possible."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    path.mkdir(parents=True)
    _call("mount", "-t", "tmpfs", "-o", f"size={size_mib}m", "tmpfs", str(path))
    try:
        yield SmallDisk(path)
    finally:
        # Lazily: what a failed test has left open must not keep it.
        subprocess.run(["umount", "-l", str(path)], check=True)


@contextmanager
def read_only(folder: Path, path: Path) -> Iterator[Path]:
    """The same folder at ``path``, where nobody may write."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a folder read-only")
    path.mkdir(parents=True)
    _call("mount", "--bind", str(folder), str(path))
    try:
        _call("mount", "-o", "remount,bind,ro", str(path))
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)
