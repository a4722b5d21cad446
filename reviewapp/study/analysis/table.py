"""A table of typed columns, as CSV, and the columns and cells that several tables share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.file_set import replace_together
from reviewapp.study.analysis.rates import AgainstChance
from reviewapp.study.csv_table import csv_bytes
from reviewapp.study.data_dictionary import Column
from reviewapp.study.parquet_table import Cell
from reviewapp.study.statistics.equivalence import Equivalence
from reviewapp.study.statistics.estimate import NotEstimable, Result
from reviewapp.study.statistics.response_times import TimeSummary


@dataclass(frozen=True, slots=True)
class Table:
    """``name`` is the file's stem, ``title`` plain words; a row has a cell for each column."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table_bytes(table: Table, *, bom: bool = False) -> bytes:
    """The table as CSV."""
    return csv_bytes([column.name for column in table.columns], table.rows, bom=bom)


def write_tables(tables: Iterable[Table], folder: Path, *, bom: bool = False) -> list[Path]:
    """Write ``NAME.csv`` each and data_dictionary.csv, which tells what every column means.

    Raises `engine.errors.DataError` when the disk refuses.
    """
    chosen = tuple(tables)
    contents = {f"{table.name}.csv": table_bytes(table, bom=bom) for table in chosen}
    contents["data_dictionary.csv"] = csv_bytes(
        ("table", "column", "type", "unit", "meaning"),
        (
            (table.name, column.name, column.type, column.unit, column.meaning)
            for table in chosen
            for column in table.columns
        ),
        bom=bom,
    )
    return replace_together(folder, contents)


TIME_COLUMNS = (
    Column("n_times", "integer", "", "Answers with a usable response time"),
    Column("median_ms", "number", "ms", "Median response time"),
    Column("lower_quartile_ms", "number", "ms", "First quartile"),
    Column("upper_quartile_ms", "number", "ms", "Third quartile"),
)
RESULT_COLUMNS = (
    Column("value", "number", "", "Estimate; blank where there is none"),
    Column("lower", "number", "", "Lower end of the 95 % interval"),
    Column("upper", "number", "", "Upper end of the 95 % interval"),
    Column("n", "integer", "", "Observations behind the estimate"),
    Column("method", "text", "", "Method, or why there is no estimate or interval"),
)
TEST_COLUMNS = (
    Column("p_chance", "number", "", "p value of the test against guessing"),
    Column("equivalence_margin", "number", "", "Margin of the equivalence test"),
    Column("p_equivalence", "number", "", "p value of the test of equivalence to guessing"),
    Column("equivalent", "boolean", "", "Whether equivalence is shown at 5 %"),
)


def result_cells(result: Result) -> tuple[Cell, ...]:
    """The cells of `RESULT_COLUMNS`."""
    if isinstance(result, NotEstimable):
        return (None, None, None, None, f"not estimable: {result.reason}")
    lower, upper = result.interval or (None, None)
    return (result.value, lower, upper, result.n, result.method)


def chance_cells(found: AgainstChance) -> tuple[Cell, ...]:
    """The cells of `TEST_COLUMNS`."""
    p = None if isinstance(found.p_value, NotEstimable) else found.p_value
    equivalence = found.equivalence
    if not isinstance(equivalence, Equivalence):
        return (p, None, None, None)
    return (p, equivalence.margin, equivalence.p_value, equivalence.shown)


def time_cells(times: TimeSummary | NotEstimable) -> tuple[Cell, ...]:
    """The cells of `TIME_COLUMNS`."""
    if isinstance(times, NotEstimable):
        return (0, None, None, None)
    return (times.n, times.median_ms, times.lower_quartile_ms, times.upper_quartile_ms)
