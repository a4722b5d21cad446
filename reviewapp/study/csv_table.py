"""A table as CSV: UTF-8, comma, CRLF (RFC 4180), its texts safe in spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from engine.spreadsheet_cell import escape_cell
from reviewapp.study.parquet_table import Cell
from reviewapp.study.timestamps import to_iso


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, bom: bool = False) -> bytes:
    """The file; with ``bom`` a byte order mark comes first."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell_text(cell) for cell in row])
    return buffer.getvalue().encode("utf-8-sig" if bom else "utf-8")


def _cell_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return to_iso(cell)
    if isinstance(cell, str):
        return escape_cell(cell)
    return repr(cell)
