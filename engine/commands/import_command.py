"""``medgan-engine import``: bring a data set into a workspace."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.data.importing import ImportOptions, import_dataset
from engine.errors import Cancelled
from engine.workspace import Workspace

#: what shells report for a program ended by Ctrl-C
_INTERRUPTED = 130


def add_parser(subparsers: Any) -> None:
    """Add ``import`` with one parser for each kind of data set."""
    parser = subparsers.add_parser("import", help="bring a data set into a workspace")
    kinds = parser.add_subparsers(required=True, metavar="KIND", dest="kind")
    acdc = kinds.add_parser("acdc", help="cardiac MR in ACDC's layout or its mirror's")
    idrid = kinds.add_parser("idrid", help="fundus photographs in IDRiD's layout")
    folder = kinds.add_parser("folder", help="any PNG, JPEG, TIFF, NIfTI and .npy files")
    for kind in (acdc, idrid, folder):
        kind.add_argument("source", type=Path, metavar="SRC", help="the data set's folder")
        kind.add_argument("--workspace", "-w", type=Path, required=True, metavar="W")
        kind.add_argument("--size", type=int, metavar="PX", help="side of the stored pictures")
        kind.set_defaults(run=run, spacing=None, cine=False, name=None, classes=None)
        kind.set_defaults(source_kind="real", compared_with=None)
    acdc.add_argument("--spacing", type=float, metavar="MM", help="side of a pixel (default 1.5)")
    acdc.add_argument(
        "--cine",
        action="store_true",
        help="also all frames of patientNNN_4d.nii.gz, for studies that play them",
    )
    folder.add_argument("--name", help="the data set's name (default: the folder's)")
    folder.add_argument(
        "--source",
        choices=("real", "generated"),
        default="real",
        dest="source_kind",
        help="real pictures, or another generator's",
    )
    folder.add_argument(
        "--compared-with",
        metavar="DATASET",
        help="the data set whose real images the generated ones are rated against",
    )
    folder.add_argument(
        "--classes",
        type=Path,
        metavar="CSV",
        help="table with the columns file and class, or file, sequence and frame",
    )


def run(arguments: argparse.Namespace) -> int:
    """Import and print the report; 0 where images are there now, 1 where none, 130 on Ctrl-C."""
    workspace = Workspace.create(arguments.workspace)
    options = ImportOptions(
        size=arguments.size,
        spacing_mm=arguments.spacing,
        cine=arguments.cine,
        name=arguments.name,
        source_kind=arguments.source_kind,
        compared_with=arguments.compared_with,
        classes_csv=arguments.classes,
    )
    with _interrupt_as_event() as interrupted:
        try:
            report = import_dataset(
                arguments.kind,
                arguments.source,
                workspace,
                options=options,
                progress=_show_progress,
                cancelled=interrupted.is_set,
            )
        except Cancelled as error:
            print(f"medgan-engine: {error}", file=sys.stderr)
            return _INTERRUPTED
    print(report.summary())
    if report.cancelled:
        return _INTERRUPTED
    if report.imported or report.unchanged:
        return 0
    print("medgan-engine: nothing could be imported; the reasons are above.", file=sys.stderr)
    return 1


@contextlib.contextmanager
def _interrupt_as_event() -> Iterator[threading.Event]:
    """Let the first Ctrl-C set the event, so that the import ends cleanly; a second one kills."""
    interrupted = threading.Event()

    def on_interrupt(_signal: int, _frame: object) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, previous)

    previous = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, previous)


def _show_progress(done: int, total: int, item: str) -> None:
    """One line on the terminal, written over; nothing where stderr is a file or pipe."""
    if not sys.stderr.isatty():
        return
    line = f"{done}/{total} {item}"[:78].ljust(78)
    print(f"\r{line}", end="" if done < total else "\n", file=sys.stderr, flush=True)
