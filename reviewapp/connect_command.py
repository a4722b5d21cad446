"""``medgan-review connect``: agree to the database server that a workspace names."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine.errors import EngineError
from engine.workspace import Workspace
from reviewapp.known_servers import KnownServers, UnknownServerError
from reviewapp.study.errors import StudyError


def run_connect(arguments: list[str]) -> int:
    """Print the server, and let this computer's programs connect to it; returns the exit code."""
    options = _parser().parse_args(arguments)
    workspace = Workspace(options.workspace.expanduser().resolve())
    servers = KnownServers()
    try:
        servers.check(workspace)
    except UnknownServerError as unknown:
        return _agree(servers, workspace, unknown.server)
    except (EngineError, StudyError) as error:
        print(error, file=sys.stderr)
        return 1
    print("There is nothing to agree to: no server is named, or it was agreed to before.")
    return 0


def _agree(servers: KnownServers, workspace: Workspace, server: str) -> int:
    try:
        servers.agree(workspace, server)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{workspace.root} may now connect to {server}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="medgan-review connect",
        description="Let the app and its commands connect to the database server that the "
        "workspace's workspace.toml names. Do so only if you know the server: a workspace from "
        "somebody else may name any. Asked once for each workspace and server.",
    )
    parser.add_argument("workspace", type=Path)
    return parser
