"""Readers: the specialists who rate."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection, select

from reviewapp.study import schema
from reviewapp.study.errors import StoreError
from reviewapp.study.model import READER_ROLES, Reader
from reviewapp.study.timestamps import to_iso, utc_now

_READER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_FIELDS = tuple(Reader.__dataclass_fields__)
_MAX_TEXT = 120


def add_reader(connection: Connection, reader: Reader) -> Reader:
    """Register a reader and return it as stored; a blank id becomes the next of R01, R02 …

    The same reader again changes nothing. Raises `StoreError` when the id belongs to somebody
    else or a field is out of range.
    """
    known = {known.reader_id: known for known in list_readers(connection)}
    stored = replace(
        reader,
        reader_id=reader.reader_id.strip() or _next_id(known.keys()),
        name=reader.name.strip(),
        specialty=reader.specialty.strip(),
    )
    _check(stored)
    if stored.reader_id in known:
        if known[stored.reader_id] == stored:
            return stored
        raise StoreError(
            f"Reader '{stored.reader_id}' exists already with other details; choose another id."
        )
    connection.execute(
        schema.readers.insert().values(
            {name: getattr(stored, name) for name in _FIELDS} | {"created_at": to_iso(utc_now())}
        )
    )
    return stored


def list_readers(connection: Connection) -> list[Reader]:
    """All readers by id."""
    table = schema.readers
    rows = connection.execute(
        select(*(table.c[name] for name in _FIELDS)).order_by(table.c.reader_id)
    )
    return [Reader(**row._asdict()) for row in rows]


def _next_id(taken: Collection[str]) -> str:
    number = 1
    while f"R{number:02d}" in taken:
        number += 1
    return f"R{number:02d}"


def _check(reader: Reader) -> None:
    if not _READER_ID.fullmatch(reader.reader_id):
        raise StoreError(
            f"'{reader.reader_id}' cannot be a reader's id: use up to 40 letters, digits, "
            "'-' and '_', without a name that tells who it is."
        )
    for field, text in (("name", reader.name), ("specialty", reader.specialty)):
        if len(text) > _MAX_TEXT:
            raise StoreError(f"The reader's {field} is longer than {_MAX_TEXT} characters.")
    if reader.role not in READER_ROLES:
        raise StoreError(
            f"'{reader.role}' is no role of a reader: use {', '.join(filter(None, READER_ROLES))}, "
            "or leave it blank."
        )
    years = reader.experience_years
    if years is not None and not (math.isfinite(years) and 0 <= years <= 80):
        raise StoreError(f"experience_years is {years}; give 0 to 80, or leave it out.")
