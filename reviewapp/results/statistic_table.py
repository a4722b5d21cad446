"""Tables of estimates in words: a column for each statistic, footnotes where one is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewapp.results.result_words import Notes, Scale
from reviewapp.results.section import WordTable
from reviewapp.study.analysis.table import Table
from reviewapp.study.statistics.estimate import NotEstimable, Result


@dataclass(frozen=True, slots=True)
class Statistic:
    """A column: one result for each row."""

    title: str
    scale: Scale
    results: Sequence[Result]


def statistic_table(
    title: str,
    label_columns: tuple[str, ...],
    labels: Sequence[tuple[str, ...]],
    statistics: Sequence[Statistic],
    data: Table | None = None,
    remark: str = "",
) -> WordTable:
    """A row for each of ``labels``.

    A statistic that no row has is left out, and its reason told below the table.
    """
    notes = Notes()
    shown: list[Statistic] = []
    missing: list[str] = [remark] if remark else []
    for statistic in statistics:
        reasons = {r.reason for r in statistic.results if isinstance(r, NotEstimable)}
        if reasons and all(isinstance(r, NotEstimable) for r in statistic.results):
            missing.append(f"{statistic.title} is not estimable. {' '.join(sorted(reasons))}")
        else:
            shown.append(statistic)
    rows = tuple(
        (*label, *(notes.cell(s.results[row], s.scale) for s in shown))
        for row, label in enumerate(labels)
    )
    columns = (*label_columns, *(s.title for s in shown))
    return WordTable(title, columns, rows, (*notes.texts(), *missing), data)
