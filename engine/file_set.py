"""Several files of a folder that change together: all of them, or none.

They are written into a hidden folder first. Its new name, ``.files.TOKEN.whole``, is the moment
from which all of them count; what is cut off while they move to their places is finished by
`finish_replacement`, at the next writing or the next start.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from engine.atomic_file import partial_path
from engine.errors import StorageError

_WHOLE = ".files.*.whole"


def replace_together(
    folder: Path, contents: Mapping[str, bytes], before: Callable[[], object] | None = None
) -> list[Path]:
    """Write ``contents`` by file name into ``folder``, made where missing; returns the paths.

    ``before`` is called when nothing can fail for lack of space any more; what it raises leaves
    the folder as it was. Raises `StorageError` when the disk refuses; that leaves the folder as it
    was too, unless another program holds one of the files open.
    """
    partial = partial_path(folder / "files")
    try:
        try:
            partial.mkdir(parents=True)
            finish_replacement(folder)
            for name, content in contents.items():
                with (partial / name).open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
            if before is not None:
                before()
            whole = folder / f".files.{uuid.uuid4().hex[:12]}.whole"
            partial.rename(whole)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        _move_out(whole)
    except OSError as error:
        raise StorageError(
            f"Cannot write to {folder}: {error.strerror or error}"
            f"{f' ({error.filename})' if error.filename else ''}. Check the free space and your "
            "rights in that folder, and close programs that have its files open."
        ) from error
    return [folder / name for name in contents]


def finish_replacement(folder: Path) -> None:
    """Move files to their places that were whole when their writer was ended; raises `OSError`."""
    found = [path for path in folder.glob(_WHOLE) if path.is_dir()]
    for whole in sorted(found, key=lambda path: path.stat().st_mtime_ns):
        _move_out(whole)


def _move_out(whole: Path) -> None:
    for path in sorted(whole.iterdir()):
        # Another process may be finishing the same files.
        with contextlib.suppress(FileNotFoundError):
            path.replace(whole.parent / path.name)
    with contextlib.suppress(FileNotFoundError):
        whole.rmdir()
