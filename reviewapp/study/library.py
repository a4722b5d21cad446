"""The images table: a searchable copy of the workspace's manifests, rebuilt from them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from engine.data.manifest import read_manifest
from engine.data.records import ImageRecord
from engine.errors import DataError
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.database import LIBRARY, Database
from reviewapp.study.errors import StoreError


def sync_library(database: Database, workspace: Workspace) -> int:
    """Bring the table up to date with all manifests; returns how many of these had changed.

    An unchanged manifest is not read again. All readable manifests are taken in before a damaged
    one raises `engine.errors.DataError`; a record id in two manifests raises `StoreError`.
    """
    present = {
        path.relative_to(workspace.root).as_posix(): path
        for path in (
            *sorted(workspace.datasets.glob("*.jsonl")),
            *sorted(workspace.runs.glob("*/generated.jsonl")),
        )
    }
    with database.read() as connection:
        known = {row.path: row.fingerprint for row in connection.execute(select(schema.manifests))}
    changed = 0
    damaged: DataError | None = None
    for name in sorted(known.keys() - present.keys()):
        _replace_manifest(database, name, None, [])
        changed += 1
    for name, path in present.items():
        fingerprint = _fingerprint(path)
        if known.get(name) == fingerprint:
            continue
        try:
            records = read_manifest(path)
        except DataError as error:
            damaged = damaged or error
            continue
        _replace_manifest(database, name, fingerprint, records)
        changed += 1
    if damaged is not None:
        raise damaged
    return changed


def _fingerprint(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}:{status.st_mtime_ns}"


def _replace_manifest(
    database: Database, name: str, fingerprint: str | None, records: list[ImageRecord]
) -> None:
    images, manifests = schema.images, schema.manifests
    rows = [
        {**record.model_dump(), "cine": record.is_cine_frame, "manifest": name}
        for record in records
    ]
    try:
        with database.write(LIBRARY) as connection:
            connection.execute(images.delete().where(images.c.manifest == name))
            connection.execute(manifests.delete().where(manifests.c.path == name))
            if rows:
                connection.execute(images.insert(), rows)
            if fingerprint is not None:
                connection.execute(manifests.insert().values(path=name, fingerprint=fingerprint))
    except StoreError as error:
        if not isinstance(error.__cause__, IntegrityError):
            raise
        raise StoreError(
            f"The manifest {name} holds a record id twice, or one that another manifest holds too. "
            "Import that data set again under a name of its own."
        ) from error
