"""``medgan-review export``: rating CSVs without a window."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.errors import EngineError
from engine.workspace import Workspace
from reviewapp.study.errors import StudyError


def run_export(arguments: list[str]) -> int:
    """Write ratings.csv, marks.csv and data_dictionary.csv of a study; returns the exit code."""
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
    return parser


def _export(options: argparse.Namespace) -> int:
    from reviewapp.study.export import export_ratings
    from reviewapp.study.store import StudyStore

    root = options.workspace.expanduser()
    if not (root / "study.db").is_file():
        print(f"{root} is not a workspace: it holds no study.db.", file=sys.stderr)
        return 1
    workspace = Workspace.create(root)
    store = StudyStore.open(workspace)
    try:
        studies = store.studies()
        chosen = [s for s in studies if options.study in (None, s.study_id, s.name)]
        if len(chosen) != 1:
            known = "\n".join(f"  {s.study_id}  {s.name}" for s in studies) or "  (none)"
            problem = "More than one study" if chosen else "No study"
            print(
                f"{problem} fits. Name one with --study; studies of this workspace:\n{known}",
                file=sys.stderr,
            )
            return 1
        study = chosen[0]
        folder = options.out or workspace.exports / study.study_id
        for path in export_ratings(store, study.study_id, folder, bom=options.bom):
            print(path)
    finally:
        store.close()
    return 0
