"""Manifests: which images a data set or run holds, one JSON record a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from engine.atomic_file import replacing
from engine.bounded_file import open_regular
from engine.data.records import ImageRecord
from engine.errors import DataError
from engine.workspace import Workspace

#: a record has a few hundred bytes
MAX_LINE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Merged:
    """Two lists of records as one; ``added`` counts new or changed records."""

    records: list[ImageRecord]
    added: int
    unchanged: int


def read_manifest(path: Path) -> list[ImageRecord]:
    """The records of a manifest, in file order; a missing manifest is empty.

    Raises `DataError` with the line number for a line that is not a record.
    """
    records = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            records.append(ImageRecord.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "the line"
            raise DataError(
                f"The manifest {path} is damaged in line {number} ({field}: {first['msg']}). "
                "Import the data set again, or restore the file from a copy."
            ) from error
    return records


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, read as they are asked for; none where there is no file."""
    try:
        with open_regular(path) as file:
            number = 0
            while line := file.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    raise DataError(
                        f"The manifest {path} is damaged in line {number} (longer than "
                        f"{MAX_LINE_BYTES // 1024} KiB). Import the data set again, or restore the "
                        "file from a copy."
                    )
                yield line
    except FileNotFoundError:
        return
    except OSError as error:
        raise DataError(f"The manifest {path} cannot be read: {error}.") from error


def write_manifest(path: Path, records: Iterable[ImageRecord]) -> None:
    """Write all records in one step: a reader sees the old manifest or the new one."""
    with replacing(path) as file:
        for record in records:
            file.write(record.model_dump_json(exclude_defaults=True).encode("utf-8") + b"\n")


def merge_records(existing: Iterable[ImageRecord], new: Iterable[ImageRecord]) -> Merged:
    """Add ``new`` to ``existing``; a record of the same id takes the old one's place.

    The order of ``existing`` is kept and new ids follow in their own order.
    """
    merged = {record.record_id: record for record in existing}
    added = unchanged = 0
    for record in new:
        if merged.get(record.record_id) == record:
            unchanged += 1
        else:
            added += 1
            merged[record.record_id] = record
    return Merged(list(merged.values()), added, unchanged)


def all_records(workspace: Workspace) -> Iterator[ImageRecord]:
    """Every record of the workspace: all data sets by name, then what all runs have drawn."""
    for path in sorted(workspace.datasets.glob("*.jsonl")):
        yield from read_manifest(path)
    for path in sorted(workspace.runs.glob("*/generated.jsonl")):
        yield from read_manifest(path)
