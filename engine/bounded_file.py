"""Files that may come from elsewhere: no more of one is read than its kind can need.

What is wrong is an `OSError` or a `ValueError`, which readers turn into their own errors.
"""

from __future__ import annotations

import errno
import json
import stat
import tomllib
from io import BufferedReader
from pathlib import Path
from typing import Any

#: JSON and TOML files of settings, states, reports
MAX_SETTINGS_BYTES = 16 * 2**20
#: JSON tables of ratings, and other files with a row for each image
MAX_TABLE_BYTES = 256 * 2**20


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file, in bytes; raises `OSError` for pipes and devices, which never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return path.open("rb")


def read_bounded(path: Path, max_bytes: int = MAX_SETTINGS_BYTES) -> bytes:
    """The content of a regular file; raises `OSError` for pipes, devices and larger files."""
    with open_regular(path) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {max_bytes // 2**20} MiB", str(path))
    return content


def read_bounded_text(path: Path, max_bytes: int = MAX_SETTINGS_BYTES) -> str:
    """As `read_bounded`, as text in UTF-8; raises `UnicodeDecodeError`, a `ValueError`, as well."""
    return read_bounded(path, max_bytes).decode("utf-8")


def parse_json(content: str | bytes) -> Any:
    """What a JSON text says; raises `ValueError`, also where it is nested too deeply."""
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def parse_toml(text: str) -> dict[str, Any]:
    """What a TOML text says; raises `ValueError`, also where it is nested too deeply."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
