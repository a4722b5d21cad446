"""Writes figures, tables and the report of the study on show, in the background."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.atomic_file import write_bytes
from engine.progress import CancelCheck, ProgressReport
from reviewapp.context import AppContext
from reviewapp.study.analysis.study_analysis import StudyAnalysis
from reviewapp.study.analysis.table import Table
from reviewapp.study.figures.catalogue import FigureSpec
from reviewapp.tasks import Task, Work

SVG_FILTER = "Drawing that can be scaled (*.svg)"
PNG_FILTER = "Picture (*.png)"
CSV_FILTER = "Table (*.csv)"
#: for print: journals ask for 300 dots per inch at least
PRINT_DPI = 300


class ResultFiles(QObject):
    """``started`` with every piece of work (a `Task`); ``written`` with what was written.

    Unless another place is given, files go below the workspace's exports, by study.
    """

    started = Signal(object)
    written = Signal(object)
    failed = Signal(str)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context

    def folder(self, study_id: str) -> Path:
        """Where the study's files go."""
        return self._context.workspace.exports / study_id

    def save_figure(self, spec: FigureSpec, path: Path) -> Task:
        """Write one figure for paper, as PNG where ``path`` ends so, else as SVG."""

        def work(_progress: ProgressReport, _cancelled: CancelCheck) -> list[Path]:
            from reviewapp.study.figures.catalogue import png_bytes, svg_bytes
            from reviewapp.study.figures.theme import PAPER

            as_png = path.suffix.lower() == ".png"
            content = png_bytes(spec, PAPER, PRINT_DPI) if as_png else svg_bytes(spec, PAPER)
            write_bytes(path, content)
            return [path]

        return self._run("Saving the figure", work)

    def save_table(self, table: Table, path: Path, *, bom: bool = False) -> Task:
        """Write one table as CSV."""

        def work(_progress: ProgressReport, _cancelled: CancelCheck) -> list[Path]:
            from reviewapp.study.analysis.table import table_bytes

            write_bytes(path, table_bytes(table, bom=bom))
            return [path]

        return self._run("Saving the table", work)

    def save_tables(self, tables: Sequence[Table], folder: Path) -> Task:
        """Write all tables as CSV."""

        def work(_progress: ProgressReport, _cancelled: CancelCheck) -> list[Path]:
            from reviewapp.study.analysis.table import write_tables

            return write_tables(tables, folder)

        return self._run("Saving the tables", work)

    def write_report(self, analysis: StudyAnalysis, folder: Path) -> Task:
        """Write the report as PDF and HTML."""
        store = self._context.store

        def work(progress: ProgressReport, cancelled: CancelCheck) -> list[Path]:
            from reviewapp.study.report.written_report import write_report

            return write_report(store, analysis, folder, progress, cancelled)

        return self._run("Writing the report", work)

    def _run(self, title: str, work: Work) -> Task:
        task = self._context.tasks.prepare(title, work)
        task.succeeded.connect(self.written)
        task.failed.connect(self.failed)
        self.started.emit(task)
        return self._context.tasks.launch(task)


def proposed_name(study_name: str, stem: str, suffix: str) -> str:
    """A file name that says which study and what it is, on every file system."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", study_name).strip("-").lower() or "study"
    return f"{plain}-{stem}{suffix}"


def with_suffix(path: Path, wanted: str) -> Path:
    """``path`` with the suffix of the chosen kind, where it has none of its own."""
    return path if path.suffix.lower() in (".svg", ".png", ".csv") else Path(f"{path}{wanted}")


def written_text(paths: Sequence[Path]) -> str:
    """What was written, in words."""
    if len(paths) == 1:
        return f"Saved {paths[0]}"
    names = f"{len(paths)} files" if len(paths) > 3 else " and ".join(path.name for path in paths)
    return f"Saved {names} in {paths[0].parent}"
