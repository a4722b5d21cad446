"""Reads files in a process of its own and tells, as JSON, what came of each and what it took.

    python -m tests.hostile.peak_memory KIND=PATH …

``peak_mib`` is how far the process has grown at most since before the first file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from engine.data.folder_table import read_table
from engine.data.manifest import read_manifest
from engine.data.npy_file import map_array
from engine.data.picture import read_picture
from engine.data.volume import read_cine, read_volume
from engine.errors import EngineError
from engine.feedback.ratings_file import read_ratings
from engine.training.checkpoint import read_checkpoint, sampling_weights
from reviewapp.study.errors import StudyError
from reviewapp.study.pack_container import read_header
from reviewapp.study.protocol import load_protocol

READERS: dict[str, Callable[[Path], object]] = {
    "picture": read_picture,
    "volume": read_volume,
    "cine": read_cine,
    "array": map_array,
    "classes": lambda path: read_table(path, ["a.png"], []),
    "manifest": read_manifest,
    "ratings": read_ratings,
    "protocol": load_protocol,
    "checkpoint": lambda path: sampling_weights(read_checkpoint(path)),
    "pack": read_header,
}


def _peak_mib() -> float:
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset) / 2**20
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main(arguments: list[str]) -> None:
    """Read what the arguments name; anything but an error of the layers ends the process."""
    before = _peak_mib()
    for argument in arguments:
        kind, _, path = argument.partition("=")
        message = ""
        try:
            READERS[kind](Path(path))
        except (EngineError, StudyError) as error:
            message = str(error)
        name = Path(path).name
        print(json.dumps({"name": name, "message": message, "peak_mib": _peak_mib() - before}))


if __name__ == "__main__":
    main(sys.argv[1:])
