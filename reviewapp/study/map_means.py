"""Keeps the mean of every uncertainty map in the database, measured from the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.errors import DataError
from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.database import LIBRARY, Database

#: maps measured between two commits
_BATCH = 200


def sync_map_means(
    database: Database, workspace: Workspace, progress: ProgressReport, cancelled: CancelCheck
) -> int:
    """Measure new and changed maps, forget those that are gone; returns how many changed.

    A map whose file has not changed is not read again; a damaged one is passed over. What was
    measured before `Cancelled` is raised is kept.
    """
    # Pillow comes with it, which a rating session never needs.
    from engine.data.content_store import read_map

    table = schema.map_means
    with database.read() as connection:
        known = {
            (row.key, row.kind): row.fingerprint
            for row in connection.execute(
                table.select().with_only_columns(table.c.key, table.c.kind, table.c.fingerprint)
            )
        }
    present = {(key, kind): mark for key, kind, mark in _map_files(workspace, cancelled)}
    gone = [name for name in known if name not in present]
    new = [name for name, mark in present.items() if known.get(name) != mark]
    for start in range(0, len(gone), _BATCH):
        _replace(database, gone[start : start + _BATCH], [])
    for start in range(0, len(new), _BATCH):
        raise_if_cancelled(cancelled)
        progress(start, len(new), "uncertainty maps")
        names = new[start : start + _BATCH]
        rows = []
        for key, kind in names:
            try:
                found = read_map(workspace, key, kind)
            except DataError:
                continue
            rows.append(
                {
                    "key": key,
                    "kind": kind,
                    "mean": float(np.mean(found.values, dtype=np.float64)),
                    "unit": found.unit,
                    "fingerprint": present[key, kind],
                }
            )
        _replace(database, names, rows)
    return len(gone) + len(new)


def _replace(
    database: Database, names: list[tuple[str, str]], rows: list[dict[str, object]]
) -> None:
    table = schema.map_means
    with database.write(LIBRARY) as connection:
        for key, kind in names:
            connection.execute(table.delete().where(table.c.key == key, table.c.kind == kind))
        if rows:
            connection.execute(table.insert(), rows)


def _map_files(workspace: Workspace, cancelled: CancelCheck) -> Iterator[tuple[str, str, str]]:
    """Key, kind and fingerprint of every described map."""
    for folder in sorted(path for path in workspace.maps.glob("*") if path.is_dir()):
        raise_if_cancelled(cancelled)
        with os.scandir(folder) as entries:
            for entry in entries:
                key, _, rest = entry.name.partition(".")
                kind = rest.removesuffix(".npy")
                if rest.endswith(".npy") and Path(entry.path).with_suffix(".json").is_file():
                    status = entry.stat()
                    yield key, kind, f"{status.st_size}:{status.st_mtime_ns}"
