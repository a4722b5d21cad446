"""Which files lie under a folder, found within bounds and without following loops."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from engine.data.importing import Skipped
from engine.errors import DataError
from engine.progress import CancelCheck, never_cancelled, raise_if_cancelled

#: more directory entries than this are no data set but somebody's whole disk
MAX_ENTRIES = 300_000
#: folders within folders
MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """Regular files under ``root`` in a stable order, and what could not be searched."""

    root: Path
    files: list[Path]
    skipped: list[Skipped]

    def relative(self, path: Path) -> str:
        """``path`` as reports name it: relative to the searched folder, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def find_files(source: Path, *, cancelled: CancelCheck = never_cancelled) -> FoundFiles:
    """All regular files under ``source``, folders in name order; hidden ones are left out.

    Links within ``source`` are followed, to folders once each. One that leads out of it is not:
    what somebody sent must not bring in what else lies on this computer. That is reported, as is a
    link that leads back, to nothing, or to something that is not a file. Raises `DataError` when
    ``source`` is no readable folder or holds more than `MAX_ENTRIES` entries, and `Cancelled`.
    """
    try:
        root = source.expanduser().resolve(strict=True)
        if not root.is_dir():
            raise DataError(f"{source} is not a folder. Choose the data set's folder.")
        with os.scandir(root):
            pass
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"The folder {source} cannot be read: {reason}.") from error
    found = FoundFiles(root, [], [])
    # Depth first, in name order: the stack holds folders with the real folder behind each.
    visited = {root}
    stack = [(root, root)]
    n_entries = 0
    while stack:
        raise_if_cancelled(cancelled)
        folder, real_folder = stack.pop()
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            _skip(found, folder, f"the folder cannot be read ({error.strerror or error})")
            continue
        n_entries += len(entries)
        if n_entries > MAX_ENTRIES:
            raise DataError(
                f"{source} holds more than {MAX_ENTRIES} files. Choose the data set's own folder."
            )
        inner = []
        for entry in entries:
            path = folder / entry.name
            if entry.name.startswith("."):
                continue
            if not _is_text(entry.name):
                _skip(found, path, "its name is not valid text; rename it")
                continue
            try:
                is_folder, is_file = entry.is_dir(), entry.is_file()
                # Folders always: Windows has links to them that do not call themselves links.
                is_plain = is_file and not entry.is_symlink()
                target = real_folder / path.name if is_plain else path.resolve(strict=True)
            except (OSError, RuntimeError):  # RuntimeError: how Python 3.11 tells of a link loop
                _skip(found, path, "the link leads nowhere or back to itself")
                continue
            if not target.is_relative_to(root):
                _skip(found, path, "the link leads out of the chosen folder; copy what it names")
            elif is_file:
                found.files.append(path)
            elif not is_folder:
                _skip(found, path, "not a regular file")
            elif target in visited:
                _skip(found, path, "the link leads to a folder that was searched already")
            elif len(path.relative_to(root).parts) > MAX_DEPTH:
                _skip(found, path, f"the folder lies more than {MAX_DEPTH} folders deep")
            else:
                visited.add(target)
                inner.append((path, target))
        stack += reversed(inner)
    return found


def _is_text(name: str) -> bool:
    """False for names of undecodable bytes, which no manifest can hold."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _skip(found: FoundFiles, path: Path, reason: str) -> None:
    shown = found.relative(path).encode("utf-8", errors="backslashreplace").decode("utf-8")
    found.skipped.append(Skipped(shown, reason))
