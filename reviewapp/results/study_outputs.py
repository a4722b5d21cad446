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

    def pictures(self, *names: str) -> tuple[Picture, ...]:
        """The figures of these names, in their own order."""
        return tuple(Picture(figure) for name, figure in self.figures.items() if name in names)

    def pictures_of(self, prefix: str) -> tuple[Picture, ...]:
        """All figures whose names begin so."""
        return self.pictures(*(name for name in self.figures if name.startswith(prefix)))

    def rows_of(
        self, table: str, name: str, title: str, wanted: Callable[[tuple[Cell, ...]], bool]
    ) -> Table | None:
        """Some of a table's rows under another name; None where there are none."""
        whole = self.tables.get(table)
        rows = () if whole is None else tuple(row for row in whole.rows if wanted(row))
        return replace(whole, name=name, title=title, rows=rows) if whole and rows else None
