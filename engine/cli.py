"""``medgan-engine``: the engine without a window."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Any, Protocol, cast

from engine.errors import EngineError

#: modules of `engine.commands`, in the order that ``--help`` lists them
_COMMANDS = (
    "import_command",
    "train_command",
    "sample_command",
    "feedback_command",
    "evaluate_command",
    "sweep_command",
)


class _Command(Protocol):
    def add_parser(self, subparsers: Any) -> None: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status: 0, or 1 after an error told on stderr."""
    # A file name may hold characters that the terminal's encoding lacks.
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except EngineError as error:
        print(f"medgan-engine: {error}", file=sys.stderr)
        return 1


def build_parser() -> argparse.ArgumentParser:
    """The parser of all subcommands; each sets ``run``, a function of the parsed arguments."""
    parser = argparse.ArgumentParser(
        prog="medgan-engine", description="Data, training and sampling without a window."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {_version()}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in _COMMANDS:
        command = cast("_Command", importlib.import_module(f"engine.commands.{name}"))
        command.add_parser(subparsers)
    return parser


def _version() -> str:
    try:
        return metadata.version("medgan-review")
    except metadata.PackageNotFoundError:
        return "(not installed)"


if __name__ == "__main__":
    sys.exit(main())
