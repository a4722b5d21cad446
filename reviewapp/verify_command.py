"""``medgan-review verify``: whether anything was altered behind the record of a workspace."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.errors import EngineError
from reviewapp.command_workspace import check_server
from reviewapp.study.errors import StoreError, StudyError


def run_verify(arguments: list[str]) -> int:
    """Print what was altered, removed or inserted; returns 0 where nothing was, else 1."""
    options = _parser().parse_args(arguments)
    try:
        return _verify(options)
    except (EngineError, StudyError) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medgan-review verify",
        description="Check every answer, mark, consent, event, session and study of a workspace "
        "against its audit trail and journal. Nothing is changed. What this can show and what it "
        "cannot is told in docs/audit_trail.md.",
    )
    parser.add_argument("workspace", type=Path)
    parser.add_argument(
        "--head",
        metavar="HASH",
        default="",
        help="a head that this command printed earlier: it must still be part of the trail",
    )
    parser.add_argument(
        "--database", metavar="URL", help="the study database where it is on a PostgreSQL server"
    )
    return parser


def _verify(options: argparse.Namespace) -> int:
    from engine.workspace import Workspace
    from reviewapp.study.audit_verification import verify_record
    from reviewapp.study.database import Database, sqlite_url
    from reviewapp.study.database_location import database_url

    workspace = Workspace(options.workspace.expanduser().resolve())
    if options.database is None:
        check_server(workspace)
    url = options.database or database_url(workspace)
    here = url == sqlite_url(workspace.database)
    if here and not workspace.database.is_file():
        raise StoreError(f"{workspace.root} is not a workspace: it holds no study.db.")
    database = Database(url, workspace.journal if here else None, as_it_is=True)
    try:
        with database.read() as connection:
            result = verify_record(connection, database.journal, options.head)
    finally:
        database.close()
    for note in result.notes:
        print(f"Note: {note}")
    for finding in result.findings:
        where = f"{finding.table} {finding.key}: " if finding.table else ""
        when = f" (recorded {finding.at})" if finding.at else ""
        print(f"{finding.kind.upper()} {where}{finding.text}{when}")
    print(f"{result.n_rows} rows and {result.n_entries} entries were checked.")
    print(f"Head: {result.head_sha256} {result.head_at}".rstrip())
    if result.whole:
        print("The record is whole.")
        return 0
    print(f"The record is NOT whole: {len(result.findings)} findings.")
    return 1
