"""Writes a study's report, and everything else that its analysis gives, into a folder."""

from __future__ import annotations

from pathlib import Path

from engine.file_set import replace_together
from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled
from reviewapp.study.analysis.study_analysis import StudyAnalysis
from reviewapp.study.analysis.table import write_tables
from reviewapp.study.analysis.tables import tables
from reviewapp.study.figures.catalogue import figures, write_figures
from reviewapp.study.report.content import report_of
from reviewapp.study.report.html_report import html_report
from reviewapp.study.report.pdf_report import pdf_report
from reviewapp.study.store import StudyStore


def write_report(
    store: StudyStore,
    analysis: StudyAnalysis,
    folder: Path,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> list[Path]:
    """Write report.html and report.pdf together; returns their paths. Logged before.

    Raises `engine.errors.DataError` when the disk refuses, and `engine.errors.Cancelled`.
    """
    report = report_of(analysis, store)
    contents = {
        "report.html": html_report(report, progress, cancelled),
        "report.pdf": pdf_report(report, progress, cancelled),
    }
    return replace_together(
        folder, contents, lambda: store.log_export(analysis.study.study_id, "report")
    )


def write_analysis(
    store: StudyStore,
    analysis: StudyAnalysis,
    folder: Path,
    *,
    bom: bool = False,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> list[Path]:
    """Write tables/*.csv, figures/*.svg and *.png, report.html and report.pdf."""
    paths = write_tables(tables(analysis), folder / "tables", bom=bom)
    paths += write_figures(
        figures(analysis), folder / "figures", progress=progress, cancelled=cancelled
    )
    return paths + write_report(store, analysis, folder, progress, cancelled)
