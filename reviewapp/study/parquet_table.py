"""A table as Parquet, with the types of the data dictionary; needs pyarrow, which is optional."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from importlib.util import find_spec
from typing import Any

from reviewapp.study.data_dictionary import Column, ColumnType
from reviewapp.study.errors import StoreError

Cell = str | int | float | bool | datetime | None


def parquet_possible() -> bool:
    """Whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def parquet_bytes(columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> bytes:
    """The Parquet file of ``rows``; text as it was given, datetimes in UTC to the millisecond.

    Raises `StoreError` where pyarrow is missing.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise StoreError(
            "Parquet files need pyarrow. Install it (pip install pyarrow), or export CSV only."
        ) from error
    types: dict[ColumnType, Any] = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "boolean": pyarrow.bool_(),
        "datetime": pyarrow.timestamp("ms", tz="UTC"),
    }
    arrays = [
        pyarrow.array([row[place] for row in rows], types[column.type])
        for place, column in enumerate(columns)
    ]
    described = [
        pyarrow.field(
            column.name,
            types[column.type],
            metadata={"meaning": column.meaning, "unit": column.unit},
        )
        for column in columns
    ]
    buffer = io.BytesIO()
    table = pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(described))
    pyarrow.parquet.write_table(table, buffer)
    return buffer.getvalue()
