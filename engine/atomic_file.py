"""Files that appear whole or not at all, whatever happens while they are written.

What is being written stands beside its place under the name of `partial_path`, by which a later
start knows whether its writer still lives (`interrupted_writes.py`).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO

from engine.errors import StorageError


def partial_path(path: Path) -> Path:
    """A new name beside ``path`` for what shall take its place: ``.NAME.HOST-PID-TOKEN.part``."""
    owner = f"{host_tag()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    return path.with_name(f".{path.name}.{owner}.part")


@cache
def host_tag() -> str:
    """Six hexadecimal digits that tell this computer from others which share a folder."""
    return hashlib.sha256(platform.node().encode("utf-8")).hexdigest()[:6]


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """Open a temporary file beside ``path`` that takes its place when the block ends well.

    Missing folders are made. With ``durable`` the bytes are forced to the disk first, so that a
    power cut leaves the old file or the new one. Raises `StorageError` when the disk refuses.
    """
    temporary = partial_path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise StorageError(
            f"Cannot write {path}: {error.strerror or error}. "
            "Check the free space and your rights in that folder."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Put ``content`` at ``path`` in one step; raises `StorageError` when the disk refuses."""
    with replacing(path, durable=durable) as file:
        file.write(content)
