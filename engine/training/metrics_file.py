"""``metrics.csv``: the losses of a run, appended while it trains."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from engine.atomic_file import write_bytes
from engine.errors import StorageError


class MetricsFile:
    """Collects rows of (step, losses) and appends them in one write at each `flush`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[tuple[int, dict[str, float]]] = []

    def add(self, step: int, losses: dict[str, float]) -> None:
        """Keep a row for the next `flush`; every row has the same names."""
        self._rows.append((step, losses))

    def flush(self) -> None:
        """Append what was added; a crash meanwhile cuts at most the last row.

        Raises `StorageError` when the disk refuses.
        """
        if not self._rows:
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        names = list(self._rows[0][1])
        if not self._path.exists():
            writer.writerow(["step", *names])
        writer.writerows([step, *(values[name] for name in names)] for step, values in self._rows)
        try:
            with self._path.open("a", encoding="utf-8", newline="") as file:
                file.write(text.getvalue())
        except OSError as error:
            raise StorageError(
                f"Cannot write {self._path}: {error.strerror or error}. "
                "Check the free space and your rights in that folder."
            ) from error
        self._rows.clear()

    def cut(self, step: int) -> None:
        """Drop rows beyond ``step``, which will be written again, and rows cut by a crash."""
        if not self._path.exists():
            return
        # What follows the last line break is of a row that was cut, though it may look whole.
        text = self._path.read_text(encoding="utf-8", errors="replace")
        header, *rows = text.split("\n")[:-1] or [""]
        kept = [
            row
            for row in rows
            if row.count(",") == header.count(",")
            and re.fullmatch(r"[0-9]{1,18}", row.split(",")[0])
            and int(row.split(",")[0]) <= step
        ]
        # A header that was cut would stand over rows of other columns: begin anew.
        text = "".join(f"{row}\n" for row in [header, *kept]) if header else ""
        if text:
            write_bytes(self._path, text.encode("utf-8"))
        else:
            self._path.unlink()
