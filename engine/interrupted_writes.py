"""What a killed program leaves half done in a folder: removed, or finished where it was whole."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

from engine.atomic_file import host_tag
from engine.file_set import finish_replacement
from engine.progress import CancelCheck, never_cancelled

#: what another computer, or an older version, has left half written is removed after so long
FOREIGN_LIFETIME_S = 24 * 3600.0
_PARTIAL = re.compile(r"\..+\.(?P<host>[0-9a-f]{6})-(?P<pid>\d+)-[0-9a-f]{8}\.part")
#: names of earlier versions, which do not tell their writer
_PARTIAL_OF_NOBODY = re.compile(r"\..+\.[0-9a-f]{8,12}\.part")
_WHOLE = re.compile(r"\.files\.[0-9a-f]{12}\.whole")


def tidy(folder: Path, cancelled: CancelCheck = never_cancelled) -> int:
    """Finish or remove what dead processes left under ``folder``; returns how many entries.

    What a living process is writing stays, also if this one is. What cannot be removed is left for
    the next time. Links are not followed.
    """
    return _settle(_interrupted(folder, cancelled))


def tidy_beside(path: Path) -> int:
    """Remove what dead processes left half written in place of ``path``; returns how many."""
    left = [
        entry
        for entry in _listed(path.parent)
        if entry.name.startswith(f".{path.name}.") and _is_left_behind(entry)
    ]
    return _settle(left)


def _settle(left: Iterable[os.DirEntry[str]]) -> int:
    settled = 0
    for entry in left:
        with contextlib.suppress(OSError):
            if _WHOLE.fullmatch(entry.name):
                finish_replacement(Path(entry.path).parent)
            elif entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                Path(entry.path).unlink()
            settled += 1
    return settled


def _interrupted(folder: Path, cancelled: CancelCheck) -> Iterator[os.DirEntry[str]]:
    waiting = [folder]
    while waiting and not cancelled():
        for entry in _listed(waiting.pop()):
            if entry.name.startswith("."):
                if _is_left_behind(entry):
                    yield entry
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _is_left_behind(entry: os.DirEntry[str]) -> bool:
    if _WHOLE.fullmatch(entry.name):
        return entry.is_dir(follow_symlinks=False)
    owned = _PARTIAL.fullmatch(entry.name)
    if owned is None and not _PARTIAL_OF_NOBODY.fullmatch(entry.name):
        return False
    try:
        changed = entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return False
    if owned is None or owned["host"] != host_tag():
        return time.time() - changed > FOREIGN_LIFETIME_S
    return not _is_alive(int(owned["pid"]), changed)


def _is_alive(pid: int, changed: float) -> bool:
    """Whether the process that changed a file then lives; another may have its number by now."""
    try:
        process = psutil.Process(pid)
        ended = process.status() == psutil.STATUS_ZOMBIE
        return not ended and process.create_time() <= changed + 1.0
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
