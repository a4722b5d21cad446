"""Guesses from names alone which data set a folder holds."""

from __future__ import annotations

import os
import re
from collections import deque
from pathlib import Path

from engine.data.importing import DatasetKind

_ACDC = re.compile(r"patient\d{3}(_.*)?", re.IGNORECASE)
_IDRID = re.compile(r"IDRiD_\d{2,3}\.jpe?g", re.IGNORECASE)
#: the guess must not keep a person waiting, also on a slow network drive
_MAX_ENTRIES = 2000
_MAX_DEPTH = 4


def detect_kind(folder: Path) -> DatasetKind | None:
    """``acdc`` or ``idrid`` by the names found near the top of ``folder``, else ``folder``.

    None when the folder cannot be read. Looks at a bounded number of names, the upper ones first.
    """
    waiting = deque([(folder, 0)])
    n_seen = 0
    while waiting:
        current, depth = waiting.popleft()
        try:
            with os.scandir(current) as scan:
                for entry in scan:
                    n_seen += 1
                    if _ACDC.fullmatch(entry.name.split(".")[0]):
                        return "acdc"
                    if _IDRID.fullmatch(entry.name):
                        return "idrid"
                    if n_seen >= _MAX_ENTRIES:
                        return "folder"
                    if depth < _MAX_DEPTH and entry.is_dir(follow_symlinks=False):
                        waiting.append((Path(entry.path), depth + 1))
        except OSError:
            if current == folder:
                return None
    return "folder"
