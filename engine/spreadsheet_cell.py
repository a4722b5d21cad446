"""Text in CSV cells, so that no spreadsheet takes it for a formula and runs it.

A cell that begins with = + - @, a tab or a line break gets an apostrophe in front, as spreadsheets
write text themselves (OWASP, "CSV injection"); `unescape_cell` takes it off again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Apostrophes before the dangerous character count too, so that escaping can be undone exactly; so
# do blanks, which some spreadsheets pass over, and the wide forms of the four signs.
_FORMULA = re.compile(r"'*[ \u00a0\ufeff]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_ESCAPED = re.compile(rf"'{_FORMULA.pattern}")


def escape_cell(text: str) -> str:
    """``text`` so that no spreadsheet takes it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_cell(cell: str) -> str:
    """Inverse of `escape_cell`."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def escaped_row(row: Sequence[object]) -> list[object]:
    """A row whose texts are escaped; numbers stay as they are."""
    return [escape_cell(cell) if isinstance(cell, str) else cell for cell in row]
