"""What the audit trail covers: which tables, by row or by group of rows, and the digest of each.

A table whose rows are recorded one by one has an entry for each row; one whose rows belong together
(a session's trials, a study's presented images) has an entry for the group. Columns without a value
are left out of a digest, so that a column added by a later version changes none.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, select

from reviewapp.study import schema

#: a row as a mapping of its columns that have a value, or the rows of a group in their order
Content: TypeAlias = "dict[str, Any] | list[dict[str, Any]]"


@dataclass(frozen=True, slots=True)
class AuditedTable:
    """A table and the columns that name one entry's row, or group of rows, in it."""

    table: Table
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    @property
    def is_grouped(self) -> bool:
        """Whether an entry stands for several rows."""
        return self.key != primary_key(self.table)


def primary_key(table: Table) -> tuple[str, ...]:
    """The names of the columns that tell rows apart."""
    return tuple(column.name for column in table.primary_key.columns)


def _by_row(table: Table) -> AuditedTable:
    return AuditedTable(table, primary_key(table))


#: every covered table by name, in an order in which rows can be written anew; leases, the image
#: library and measured maps are not covered: they can be made again, and no answer depends on them
AUDITED: Mapping[str, AuditedTable] = {
    audited.name: audited
    for audited in (
        _by_row(schema.readers),
        _by_row(schema.studies),
        AuditedTable(schema.presented_images, ("study_id",)),
        AuditedTable(schema.presented_frames, ("study_id",)),
        _by_row(schema.leak_audits),
        _by_row(schema.sessions),
        AuditedTable(schema.trials, ("session_id",)),
        _by_row(schema.packs),
        _by_row(schema.consents),
        _by_row(schema.answers),
        _by_row(schema.marks),
        _by_row(schema.withdrawn_marks),
        AuditedTable(schema.truths, ("study_id",)),
        _by_row(schema.class_labels),
        _by_row(schema.events),
    )
}


def canonical_text(value: object) -> str:
    """JSON in one way only: keys sorted, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def content_sha256(content: Content | None) -> str:
    """SHA-256 (hex) of a content's canonical JSON; "" of one that is gone."""
    if content is None:
        return ""
    return hashlib.sha256(canonical_text(content).encode("ascii")).hexdigest()


def read_content(
    connection: Connection, audited: AuditedTable, key: Mapping[str, Any]
) -> Content | None:
    """The row, or rows, that ``key`` names as they stand; None where there are none."""
    table = audited.table
    query = select(table).where(*(table.c[name] == key[name] for name in audited.key))
    if not audited.is_grouped:
        row = connection.execute(query).one_or_none()
        return None if row is None else _values(row._asdict())
    rows = connection.execute(query.order_by(*table.primary_key.columns))
    return [_values(row._asdict()) for row in rows] or None


def all_contents(
    connection: Connection, audited: AuditedTable
) -> Iterator[tuple[dict[str, Any], Content]]:
    """The key and content of everything in a table, in the order of its primary key."""
    table = audited.table
    ordered = select(table).order_by(*table.primary_key.columns)
    rows = connection.execute(ordered.execution_options(yield_per=1000))
    values = (_values(row._asdict()) for row in rows)
    if not audited.is_grouped:
        for own in values:
            yield key_of(audited, own), own
        return
    for _, group in groupby(values, lambda own: [own.get(name) for name in audited.key]):
        together = list(group)
        yield key_of(audited, together[0]), together


def key_of(audited: AuditedTable, values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a row that name its entry."""
    return {name: values.get(name) for name in audited.key}


def column_values(audited: AuditedTable, values: Mapping[str, Any]) -> dict[str, Any]:
    """A content's row as values for an insert; raises `ValueError` for a column not known here."""
    unknown = values.keys() - audited.table.c.keys()
    if unknown:
        raise ValueError(f"{audited.name} has no column {', '.join(sorted(unknown))}")
    return {
        name: base64.b64decode(value["base64"]) if isinstance(value, dict) else value
        for name, value in values.items()
    }


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items() if value is not None}


def _value(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return {"base64": base64.b64encode(value).decode("ascii")}
    return value
