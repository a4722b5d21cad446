"""Which database servers the user of this computer lets workspaces speak to.

A workspace may name a server in workspace.toml, and may come from somebody else: opening it must
not make the app speak to a computer that the user has not agreed to. Agreement is to one server for
one workspace; another address in the same folder is asked about anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import platformdirs

from engine.atomic_file import write_bytes
from engine.bounded_file import parse_json, read_bounded
from engine.workspace import Workspace
from reviewapp.recent import APPLICATION
from reviewapp.study.errors import StoreError


class UnknownServerError(StoreError):
    """A workspace names a server that the user has not agreed to; ``server`` is its address."""

    def __init__(self, workspace: Workspace, server: str) -> None:
        super().__init__(
            f"The workspace {workspace.root} keeps its studies on the server {server}. Nothing was "
            "sent to it yet. If you know this server and whoever gave you the workspace, let the "
            "app connect; otherwise ask them."
        )
        self.server = server


class KnownServers:
    """The user's agreements, JSON in the configuration folder; a damaged file holds none."""

    def __init__(self, file: Path | None = None) -> None:
        folder = Path(platformdirs.user_config_dir(APPLICATION, appauthor=False))
        self._file = file or folder / "servers.json"

    def check(self, workspace: Workspace) -> None:
        """Raise `UnknownServerError` where the workspace names a server without an agreement.

        Nothing is sent to the server. Raises `StoreError` where workspace.toml cannot be used.
        """
        server = _server(workspace)
        if server is not None and [str(workspace.root), server] not in self._agreements():
            raise UnknownServerError(workspace, server)

    def agree(self, workspace: Workspace, server: str) -> None:
        """Keep that ``workspace`` may speak to ``server``; raises `engine.errors.StorageError`."""
        agreement = [str(workspace.root), server]
        kept = [known for known in self._agreements() if known != agreement]
        content = json.dumps([*kept, agreement], indent=1)
        write_bytes(self._file, content.encode("utf-8"))

    def _agreements(self) -> list[object]:
        try:
            found = parse_json(read_bounded(self._file))
        except (OSError, ValueError):
            return []
        return found if isinstance(found, list) else []


def _server(workspace: Workspace) -> str | None:
    """The address that workspace.toml names; None where the database is a file."""
    if not (workspace.settings.exists() or workspace.settings.is_symlink()):
        return None
    # SQLAlchemy is imported only where there is a server.
    from reviewapp.study.database_location import database_url

    return database_url(workspace).render_as_string(hide_password=True)
