"""The tables and figures of a study by name, as sections ask for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from reviewapp.results.section import Picture
from reviewapp.study.analysis.table import Table
from reviewapp.study.figures.catalogue import FigureSpec
from reviewapp.study.parquet_table import Cell


@dataclass(frozen=True, slots=True)
class StudyOutputs:
    """Whatever has nothing to show is missing here."""

    tables: dict[str, Table]
    figures: dict[str, FigureSpec]

    @classmethod
    def of(cls, tables: Iterable[Table], figures: Iterable[FigureSpec]) -> StudyOutputs:
        """Tables and figures by their names, in order."""
        return cls({t.name: t for t in tables}, {f.name: f for f in figures})

    def pictures(self, *prefixes: str) -> tuple[Picture, ...]:
        """The figures whose names begin so."""
        return tuple(Picture(f) for name, f in self.figures.items() if name.startswith(prefixes))

    def rows_of(
        self, table: str, name: str, title: str, wanted: Callable[[tuple[Cell, ...]], bool]
    ) -> Table | None:
        """Some of a table's rows under another name; None where there are none."""
        whole = self.tables.get(table)
        rows = () if whole is None else tuple(row for row in whole.rows if wanted(row))
        return replace(whole, name=name, title=title, rows=rows) if whole and rows else None
