"""Classes that specialists give to library images: added, never changed; the latest one counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.errors import StoreError
from reviewapp.study.model import ImageRow
from reviewapp.study.timestamps import from_iso, to_iso, utc_now

_MAX_CLASS, _MAX_READER = 80, 120


@dataclass(frozen=True, slots=True)
class ClassLabel:
    """What ``reader`` (id or name) calls an image; ``at`` is UTC."""

    record_id: str
    key: str
    dataset: str
    class_name: str
    reader: str
    at: datetime


def give_class(connection: Connection, image: ImageRow, class_name: str, reader: str) -> None:
    """Note that ``reader`` calls ``image`` a ``class_name``; "" takes an earlier class back.

    The same as before adds nothing. Raises `StoreError` for a name that is too long or a reader
    that is not told.
    """
    class_name, reader = class_name.strip(), reader.strip()
    if not reader or len(reader) > _MAX_READER:
        raise StoreError(f"Tell who gives the class, in 1 to {_MAX_READER} characters.")
    if len(class_name) > _MAX_CLASS:
        raise StoreError(f"The class '{class_name[:20]}…' is longer than {_MAX_CLASS} characters.")
    known = _latest(connection, image.dataset).get(image.record_id)
    if (known.class_name if known else "") == class_name:
        return
    connection.execute(
        schema.class_labels.insert().values(
            record_id=image.record_id,
            key=image.key,
            dataset=image.dataset,
            class_name=class_name,
            reader=reader,
            at=to_iso(utc_now()),
        )
    )


def read_class_labels(connection: Connection, dataset: str) -> dict[str, ClassLabel]:
    """The classes that count in a data set, by record id; those taken back are left out."""
    latest = _latest(connection, dataset)
    return {record_id: label for record_id, label in latest.items() if label.class_name}


def known_classes(connection: Connection, dataset: str) -> list[str]:
    """The classes that real images of a data set have, by name."""
    table = schema.images
    return list(
        connection.execute(
            select(table.c.class_label)
            .where(table.c.dataset == dataset, table.c.source == "real", table.c.class_label != "")
            .distinct()
            .order_by(table.c.class_label)
        ).scalars()
    )


def _latest(connection: Connection, dataset: str) -> dict[str, ClassLabel]:
    table = schema.class_labels
    rows = connection.execute(
        select(table).where(table.c.dataset == dataset).order_by(table.c.label_id)
    )
    return {
        row.record_id: ClassLabel(
            row.record_id, row.key, row.dataset, row.class_name, row.reader, from_iso(row.at)
        )
        for row in rows
    }
