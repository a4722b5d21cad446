"""docs/csv.md names every column of every table that is written, in the same order."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path

from engine.degradation.measurement import Measurement
from engine.evaluation.evaluation_record import evaluations_csv
from engine.evaluation.sweep import write_tables
from engine.evaluation.sweep_config import SweepConfig
from engine.workspace import Workspace
from reviewapp.evaluation.evaluation_section import EvaluationView, section
from reviewapp.results.section import WordTable
from reviewapp.study.analysis.metric_agreement import MetricAgreement
from reviewapp.study.analysis.tables import tables as result_tables
from reviewapp.study.data_dictionary import (
    MARK_COLUMNS,
    RATING_COLUMNS,
    TRUTH_COLUMNS,
    Column,
    dictionary_rows,
)
from reviewapp.study.model import Mark
from reviewapp.study.statistics.estimate import NotEstimable
from tests.docs.markdown import DOCS, table_text, tables
from tests.study.test_analysis_results import MIXED, analysis_of

PAGE = DOCS / "csv.md"


def rows_of(columns: Sequence[Column]) -> list[list[str]]:
    """The columns as the page has them."""
    return [[f"`{c.name}`", c.type, c.unit, c.meaning] for c in columns]


def described() -> dict[str, list[list[str]]]:
    """Heading and rows of every table whose columns are described in the code."""
    mark = Mark("m", "s-R1", 0, "ellipse", 10, 10, 8, 8, "noise")
    rated = [dataclasses.replace(MIXED[0], marks=(mark,)), *MIXED[1:]]
    found = {
        "ratings.csv": rows_of(RATING_COLUMNS),
        "ratings.csv after unblinding": rows_of(TRUTH_COLUMNS),
        "marks.csv": rows_of(MARK_COLUMNS),
    }
    results = result_tables(analysis_of(rated))
    found |= {f"{table.name}.csv": rows_of(table.columns) for table in results}
    agreement = MetricAgreement("acdc", "recall", "Recall", "higher", (), NotEstimable("few"))
    blocks = section(EvaluationView((), {}, (agreement,)), 0).blocks
    shown = [block.data for block in blocks if isinstance(block, WordTable) and block.data]
    found |= {f"{table.name}.csv of the Evaluate page": rows_of(table.columns) for table in shown}
    return found


def test_every_described_column_stands_in_the_page() -> None:
    written = tables(PAGE)
    for heading, rows in described().items():
        assert written.get(heading) == rows, f"{heading} should be:\n{table_text(rows)}"


def test_the_page_has_no_other_tables() -> None:
    engine = {"evaluations", "degradation.csv"}
    engine |= {"cells.csv of a sweep", "summary.csv of a sweep"}
    assert set(tables(PAGE)) == set(described()) | engine


def test_the_columns_of_the_engine_s_tables(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path)
    config = SweepConfig(name="any", variants=("dcgan",), dataset="acdc")
    heads = {"evaluations": evaluations_csv([]).decode()}
    for path in write_tables(workspace, config, []):
        heads[f"{path.name} of a sweep"] = path.read_text(encoding="utf-8")
    fields = [field.name for field in dataclasses.fields(Measurement)]
    heads["degradation.csv"] = ",".join(fields)
    written = tables(PAGE)
    for heading, text in heads.items():
        (head,) = csv.reader(io.StringIO(text))
        assert [row[0].strip("`") for row in written[heading]] == head
        assert all(len(row[1]) > 3 for row in written[heading])


def test_the_dictionary_that_comes_with_an_export_says_the_same() -> None:
    page = tables(PAGE)
    names = ("ratings.csv", "ratings.csv after unblinding")
    exported = [[f"`{row[0]}`", *row[1:]] for row in dictionary_rows(unblinded=True)]
    documented = page[names[0]] + page[names[1]]
    assert exported[: len(documented)] == documented
