"""``medgan-review pack``: carry a reader's session to another computer and the answers back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.errors import EngineError
from reviewapp.command_workspace import choose_study, opened_store
from reviewapp.study.errors import StudyError


def run_pack(arguments: list[str]) -> int:
    """Make, open, list or cancel packs, write or merge their results; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        options.action(options)
    except (EngineError, StudyError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medgan-review pack",
        description="A reading pack is one sealed file with a reader's images and protocol, but "
        "without the truth. It is opened on another computer, rated there with medgan-review, and "
        "the results are merged back.",
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")

    make = actions.add_parser("make", help="coordinator: write a pack for a reader")
    make.add_argument("workspace", type=Path)
    make.add_argument("--study", help="study id or name; may be left out if there is only one")
    make.add_argument("--reader", required=True, help="reader's id")
    make.add_argument("--out", type=Path, required=True, help="file to write")
    make.set_defaults(action=_make)

    listing = actions.add_parser("list", help="coordinator: packs of a study")
    listing.add_argument("workspace", type=Path)
    listing.add_argument("--study", help="study id or name; may be left out if there is only one")
    listing.set_defaults(action=_list)

    cancel = actions.add_parser("cancel", help="coordinator: refuse a pack's results from now on")
    cancel.add_argument("workspace", type=Path)
    cancel.add_argument("pack_id")
    cancel.set_defaults(action=_cancel)

    opening = actions.add_parser("open", help="reader: make a workspace from a pack")
    opening.add_argument("file", type=Path)
    opening.add_argument("--code", required=True, help="the code that the coordinator tells")
    opening.add_argument("--into", type=Path, required=True, help="new folder for the workspace")
    opening.set_defaults(action=_open)

    results = actions.add_parser("results", help="reader: write the answers for the coordinator")
    results.add_argument("workspace", type=Path)
    results.add_argument("--out", type=Path, required=True, help="file to write")
    results.set_defaults(action=_results)

    merge = actions.add_parser("merge", help="coordinator: take a reader's answers in")
    merge.add_argument("workspace", type=Path)
    merge.add_argument("file", type=Path)
    merge.set_defaults(action=_merge)
    return parser


def _make(options: argparse.Namespace) -> None:
    with opened_store(options.workspace) as store:
        study = choose_study(store, options.study)
        pack = store.make_pack(study.study_id, options.reader, options.out)
    print(f"{pack.path}\ncode: {pack.code}")
    print("Send the file, and tell the code by another way (by telephone, say).")


def _list(options: argparse.Namespace) -> None:
    with opened_store(options.workspace) as store:
        study = choose_study(store, options.study)
        for pack in store.packs(study.study_id):
            session = store.session(pack.session_id)
            state = "cancelled" if pack.cancelled_at else f"{session.n_answered}/{session.n_trials}"
            print(f"{pack.pack_id}  {pack.reader_id}  {pack.created_at:%Y-%m-%d}  {state}")


def _cancel(options: argparse.Namespace) -> None:
    with opened_store(options.workspace) as store:
        store.cancel_pack(options.pack_id)


def _open(options: argparse.Namespace) -> None:
    from reviewapp.study.pack_opening import open_pack

    workspace = open_pack(options.file, options.code, options.into)
    print(f"{workspace.root}\nOpen this folder in medgan-review and start the session.")


def _results(options: argparse.Namespace) -> None:
    with opened_store(options.workspace) as store:
        pack = store.write_pack_results(options.out)
        session = store.session(pack.session_id)
    print(f"{options.out}\n{session.n_answered} of {session.n_trials} trials are answered.")


def _merge(options: argparse.Namespace) -> None:
    with opened_store(options.workspace) as store:
        report = store.merge_pack_results(options.file)
    if report.n_new_answers == 0 and report.n_new_marks == 0:
        print(f"Nothing new: the answers of {report.reader_id} were merged before.")
    else:
        state = "finished" if report.finished else "not finished"
        print(
            f"{report.n_new_answers} answers and {report.n_new_marks} marks of {report.reader_id} "
            f"were merged; the session is {state}."
        )
