"""What a table, and file names, say of a folder's pictures: classes, and places in sequences."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.bounded_file import read_bounded
from engine.data.records import MAX_CLASS_LENGTH
from engine.errors import DataError

MAX_TABLE_BYTES = 64 * 2**20
MAX_ROWS = 500_000
MAX_COLUMNS = 1000
#: a row's text; cells that hold nothing would take eight times their text otherwise
MAX_ROW_LENGTH = 2**20
_MAX_SEQUENCE_LENGTH = 200
_MAX_FRAME = 999_999
#: three digits at least: ``_t1`` and ``_t2`` are how MR files name their weighting
_FRAME_NAME = re.compile(r"(.+)_t(\d{3,6})(\.[^.]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FramePlace:
    """Which sequence a picture is a frame of, and its number in it."""

    sequence: str
    frame: int


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One row of the table; a blank class and no place are not known."""

    class_label: str
    place: FramePlace | None


def place_by_name(file: str) -> FramePlace | None:
    """``hearts/a_t007.png`` is frame 7 of ``hearts/a.png``; None for a name without a number."""
    match = _FRAME_NAME.fullmatch(file)
    return FramePlace(f"{match[1]}{match[3]}", int(match[2])) if match else None


def read_table(table: Path, files: list[str], notes: list[str]) -> dict[str, FileFacts]:
    """The table's rows by relative path; rows that fit no file, or several, are noted.

    Columns are ``file`` and ``class``, or ``sequence`` and ``frame``, or all four. Raises
    `DataError` for a table that cannot be read, and for rows that contradict each other.
    """
    rows = _rows(table)
    header = [cell.strip().lower() for cell in next(rows, [])]
    has_places = {"sequence", "frame"} <= set(header)
    if "file" not in header or not ("class" in header or has_places):
        raise DataError(
            f"{table} needs a first row with the columns 'file' and 'class' "
            "(or 'file', 'sequence' and 'frame')."
        )
    by_path = set(files)
    name_counts = Counter(path.rpartition("/")[2] for path in files)
    by_name = {path.rpartition("/")[2]: path for path in files}
    facts: dict[str, FileFacts] = {}
    taken: dict[FramePlace, str] = {}
    unused: list[str] = []
    for number, row in enumerate(rows, start=2):
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        path = cells.get("file", "").replace("\\", "/").removeprefix("./")
        if not path:
            continue
        if path not in by_path and name_counts[path] == 1:
            path = by_name[path]
        if path not in by_path:
            unused.append(path)
            continue
        place = _place(cells, f"{table.name}, row {number}") if has_places else None
        own = FileFacts(_class(cells, f"{table.name}, row {number}"), place)
        known = facts.setdefault(path, own)
        if known.class_label != own.class_label:
            raise DataError(f"{table.name} gives {path} two classes. Keep one row a file.")
        if known.place != own.place:
            raise DataError(f"{table.name} gives {path} two places. Keep one row a file.")
        if place is not None and taken.setdefault(place, path) != path:
            raise DataError(
                f"{table.name} gives frame {place.frame} of '{place.sequence}' to {path} and to "
                f"{taken[place]}. Number the frames of a sequence."
            )
    if unused:
        notes.append(
            f"{table.name}: {len(unused)} rows fit no file, or several (for example "
            f"'{unused[0][:80]}')."
        )
    missing = len(files) - len(facts)
    if missing and "class" in header:
        notes.append(f"{missing} files have no class in {table.name}.")
    return facts


def _rows(table: Path) -> Iterator[list[str]]:
    """The rows one by one, so that millions of empty cells take no more memory than their text."""
    try:
        lines = _Lines(read_bounded(table, MAX_TABLE_BYTES).decode("utf-8-sig"))
        for number, row in enumerate(csv.reader(lines), start=1):
            lines.row_length = 0
            if number > MAX_ROWS or len(row) > MAX_COLUMNS:
                raise DataError(
                    f"{table} has more than {MAX_ROWS} rows, or more than {MAX_COLUMNS} columns in "
                    f"row {number}."
                )
            yield row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"The table of classes {table} cannot be read: {error}.") from error


class _Lines:
    """The lines of a text; raises `csv.Error` where those of one row become too long."""

    def __init__(self, text: str) -> None:
        self._text = io.StringIO(text, newline="")
        self.row_length = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.row_length += len(line)
        if self.row_length > MAX_ROW_LENGTH:
            raise csv.Error(f"a row is longer than {MAX_ROW_LENGTH} signs")
        return line


def _class(cells: dict[str, str], where: str) -> str:
    label = cells.get("class", "")
    if len(label) > MAX_CLASS_LENGTH or not label.isprintable():
        raise DataError(
            f"{where}: the class '{label[:40]}' is longer than {MAX_CLASS_LENGTH} letters, or "
            "holds signs that cannot be shown."
        )
    return label


def _place(cells: dict[str, str], where: str) -> FramePlace | None:
    sequence, frame = cells.get("sequence", ""), cells.get("frame", "")
    if not sequence and not frame:
        return None
    if not sequence or len(sequence) > _MAX_SEQUENCE_LENGTH:
        raise DataError(f"{where}: give the sequence a name of 1 to {_MAX_SEQUENCE_LENGTH} signs.")
    if not (frame.isascii() and frame.isdecimal() and len(frame) <= 6):
        raise DataError(
            f"{where}: the frame '{frame[:40]}' is not a whole number from 0 to {_MAX_FRAME}."
        )
    return FramePlace(sequence, int(frame))
