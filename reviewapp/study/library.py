"""The images table: a searchable copy of the workspace's manifests, rebuilt from them."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.exc import IntegrityError

from engine.data.manifest import read_manifest
from engine.data.records import CINE_USE, USE, ImageRecord
from engine.errors import DataError
from engine.workspace import Workspace
from reviewapp.study import schema
from reviewapp.study.database import Database
from reviewapp.study.errors import StoreError
from reviewapp.study.model import ImageFilter, ImageRow

_FACETS = ("dataset", "source", "variant", "class_label", "run_id", "split")
_FIELDS = tuple(ImageRow.__dataclass_fields__)


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


def find_images(
    connection: Connection, image_filter: ImageFilter, offset: int = 0, limit: int | None = None
) -> list[ImageRow]:
    """Fitting images in a stable order: by data set, source (real last), run and record id."""
    table = schema.images
    query = (
        select(*(table.c[name] for name in _FIELDS))
        .where(*_conditions(image_filter))
        .order_by(table.c.dataset, table.c.source, table.c.run_id, table.c.record_id)
        .offset(offset)
    )
    if limit is not None:
        query = query.limit(limit)
    return [ImageRow(**row._asdict()) for row in connection.execute(query)]


def count_images(connection: Connection, image_filter: ImageFilter) -> int:
    """How many images fit."""
    query = select(func.count()).select_from(schema.images).where(*_conditions(image_filter))
    return int(connection.execute(query).scalar_one())


def image_facets(connection: Connection) -> dict[str, list[str]]:
    """The different non-blank values of each field that `ImageFilter` can name."""
    table = schema.images
    return {
        name: list(
            connection.execute(
                select(table.c[name]).where(table.c[name] != "").distinct().order_by(table.c[name])
            ).scalars()
        )
        for name in _FACETS
    }


def _conditions(image_filter: ImageFilter) -> list[ColumnElement[bool]]:
    columns = schema.images.c
    conditions: list[ColumnElement[bool]] = [
        columns[name] == value
        for name in ImageFilter.__dataclass_fields__
        if name != "cine_frames" and (value := getattr(image_filter, name)) is not None
    ]
    if not image_filter.cine_frames:
        conditions.append(columns.attributes[USE].as_string().is_distinct_from(CINE_USE))
    return conditions


def _fingerprint(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}:{status.st_mtime_ns}"


def _replace_manifest(
    database: Database, name: str, fingerprint: str | None, records: list[ImageRecord]
) -> None:
    images, manifests = schema.images, schema.manifests
    rows = [{**record.model_dump(), "manifest": name} for record in records]
    try:
        with database.write() as connection:
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
