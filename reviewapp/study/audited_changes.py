"""Notes which audited rows a write transaction touches, whoever touches them.

The database's connections report every statement here, so that no function that writes can forget
the audit trail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import Connection, Delete, Insert, Update, event, select
from sqlalchemy.engine import CursorResult, Engine

from reviewapp.study.audited_rows import AUDITED, AuditedTable, canonical_text, key_of
from reviewapp.study.errors import StoreError

#: what a transaction does to a row or group; one that ends up gone is recorded as removed
Change = Literal["added", "changed"]
_SLOT = "audited_changes"


class AuditedChanges:
    """The keys of the rows that one transaction has touched, in the order it first did."""

    def __init__(self) -> None:
        self._touched: dict[tuple[str, str], tuple[dict[str, Any], Change]] = {}

    def __iter__(self) -> Iterator[tuple[AuditedTable, dict[str, Any], Change]]:
        for (name, _), (key, change) in self._touched.items():
            yield AUDITED[name], key, change

    def __len__(self) -> int:
        return len(self._touched)

    def note(self, audited: AuditedTable, key: dict[str, Any], change: Change) -> None:
        """Take a key in; what the transaction itself has added stays added."""
        self._touched.setdefault((audited.name, canonical_text(key)), (key, change))


def watch(engine: Engine) -> None:
    """Have all connections of ``engine`` report what they write."""
    event.listen(engine, "before_execute", _note_before)
    event.listen(engine, "after_execute", _note_after)


@contextmanager
def noted_changes(connection: Connection) -> Iterator[AuditedChanges]:
    """What is written on ``connection`` during the block; a block around this one is not told."""
    changes = AuditedChanges()
    # Asked for once: a connection that is lost meanwhile has none, and would hide why it is lost.
    info = connection.info
    around = info.get(_SLOT)
    info[_SLOT] = changes
    try:
        yield changes
    finally:
        info[_SLOT] = around


def _note_before(connection: Connection, statement: Any, *_: Any) -> None:
    """Of rows that are changed or removed: their keys, as long as they can be found."""
    if not isinstance(statement, Update | Delete):
        return
    changes, audited = _audited(connection, statement)
    if changes is None or audited is None:
        return
    keys = select(*(audited.table.c[name] for name in audited.key)).distinct()
    if statement.whereclause is not None:
        keys = keys.where(statement.whereclause)
    for row in connection.execute(keys).all():
        changes.note(audited, dict(row._mapping), "changed")


def _note_after(
    connection: Connection, statement: Any, _multi: Any, _one: Any, _options: Any, result: Any
) -> None:
    if not isinstance(statement, Insert):
        return
    changes, audited = _audited(connection, statement)
    if changes is None or audited is None:
        return
    for key in _inserted_keys(audited, result):
        changes.note(audited, key, "added")


def _audited(
    connection: Connection, statement: Insert | Update | Delete
) -> tuple[AuditedChanges | None, AuditedTable | None]:
    name = getattr(statement.table, "name", "")
    return connection.info.get(_SLOT), AUDITED.get(name)


def _inserted_keys(audited: AuditedTable, result: CursorResult[Any]) -> list[dict[str, Any]]:
    rows: Sequence[Mapping[str, Any]] = result.context.compiled_parameters
    if all(name in row for row in rows for name in audited.key):
        return [key_of(audited, row) for row in rows]
    made = result.inserted_primary_key if len(rows) == 1 else None
    if made is None or None in made or audited.is_grouped:
        raise StoreError(
            f"Rows of {audited.name} were written in a way that the audit trail cannot follow; "
            "write them one by one, or with their keys."
        )
    return [dict(made._mapping)]
