"""``medgan-review analyse``: a study's tables, figures and report without a window."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.errors import EngineError
from reviewapp.command_workspace import choose_study, opened_store
from reviewapp.study.errors import StudyError


def run_analyse(arguments: list[str]) -> int:
    """Write all results of a study; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _analyse(options)
    except (EngineError, StudyError) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medgan-review analyse",
        description="Analyse a study: tables (CSV), figures (SVG, PNG) and a report (HTML, PDF). "
        "While the study is blinded, only counts and times are written.",
    )
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--study", help="study id or name; may be left out if there is only one")
    parser.add_argument("--out", type=Path, help="folder (default: WORKSPACE/exports/STUDY)")
    parser.add_argument(
        "--margin",
        type=_margin,
        default=0.05,
        help="how far from guessing still counts as guessing, as a share (default: 0.05)",
    )
    parser.add_argument(
        "--bom", action="store_true", help="begin tables with a byte order mark, for spreadsheets"
    )
    return parser


def _analyse(options: argparse.Namespace) -> int:
    from reviewapp.study.analysis.study_analysis import analyse_study
    from reviewapp.study.report.written_report import write_analysis

    with opened_store(options.workspace) as store:
        study = choose_study(store, options.study)
        analysis = analyse_study(store, study.study_id, margin=options.margin)
        print(analysis.sentence)
        for caveat in analysis.caveats:
            print(f"- {caveat}")
        folder = options.out or store.workspace.exports / study.study_id
        for path in write_analysis(store, analysis, folder, bom=options.bom):
            print(path)
    return 0


def _margin(text: str) -> float:
    try:
        margin = float(text)
    except ValueError:
        margin = 0.0
    if not 0 < margin < 0.5:
        raise argparse.ArgumentTypeError("give a share between 0 and 0.5, such as 0.05")
    return margin
