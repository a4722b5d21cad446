"""A table as CSV: UTF-8, comma, CRLF (RFC 4180).

A text cell that a spreadsheet would take for a formula (it begins with = + - @, a tab or a line
break) gets an apostrophe in front, as spreadsheets write text themselves; `unescape_cell` takes it
off again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from reviewapp.study.parquet_table import Cell
from reviewapp.study.timestamps import to_iso

# Apostrophes before the dangerous character count too, so that escaping can be undone exactly.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_ESCAPED = re.compile(r"''*[=+\-@\t\r\n]")


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, bom: bool = False) -> bytes:
    """The file; with ``bom`` a byte order mark comes first."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell_text(cell) for cell in row])
    return buffer.getvalue().encode("utf-8-sig" if bom else "utf-8")


def escape_cell(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_cell(cell: str) -> str:
    """Inverse of `escape_cell`."""
    return cell[1:] if _ESCAPED.match(cell) else cell


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
