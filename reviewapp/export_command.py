"""``medgan-review export``: rating CSVs without a window."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.errors import EngineError
from reviewapp.command_workspace import choose_study, opened_store
from reviewapp.study.errors import StudyError


def run_export(arguments: list[str]) -> int:
    """Write ratings, marks and data dictionary of a study; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _export(options)
    except (EngineError, StudyError) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medgan-review export",
        description="Export a study's ratings. Truth is part of the export once the study has "
        "been unblinded.",
    )
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--study", help="study id or name; may be left out if there is only one")
    parser.add_argument("--out", type=Path, help="folder (default: WORKSPACE/exports/STUDY)")
    parser.add_argument(
        "--bom", action="store_true", help="begin with a byte order mark, for spreadsheets"
    )
    parser.add_argument(
        "--blinded", action="store_true", help="leave the truth out, even after unblinding"
    )
    return parser


def _export(options: argparse.Namespace) -> int:
    from reviewapp.study.export import export_ratings

    with opened_store(options.workspace) as store:
        study = choose_study(store, options.study)
        folder = options.out or store.workspace.exports / study.study_id
        for path in export_ratings(
            store, study.study_id, folder, bom=options.bom, truth=not options.blinded
        ):
            print(path)
    return 0
