"""The workspaces opened last, kept in the user's configuration folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import platformdirs

from engine.bounded_file import parse_json, read_bounded

_LIMIT = 8
APPLICATION = "medgan-review"


def user_data_folder() -> Path:
    """Where the app keeps what it makes itself (the demo)."""
    return Path(platformdirs.user_data_dir(APPLICATION, appauthor=False))


class RecentWorkspaces:
    """Most recently opened first; a damaged or missing list counts as empty."""

    def __init__(self, file: Path | None = None) -> None:
        folder = Path(platformdirs.user_config_dir(APPLICATION, appauthor=False))
        self._file = file or folder / "recent.json"

    @property
    def folder(self) -> Path:
        """The configuration folder that the list lies in."""
        return self._file.parent

    def folders(self) -> list[Path]:
        """Workspaces that are there."""
        # Not `Path.is_dir`, which raises for names that no system takes.
        return [folder for folder in self._listed() if os.path.isdir(folder)]  # noqa: PTH112

    def _listed(self) -> list[Path]:
        try:
            listed = parse_json(read_bounded(self._file))
        except (OSError, ValueError):
            return []
        if not isinstance(listed, list):
            return []
        return [Path(entry) for entry in listed if isinstance(entry, str)]

    def last(self) -> Path | None:
        """The workspace opened last; one on a drive that is not connected is named all the same."""
        return next(iter(self._listed()), None)

    def remember(self, folder: Path) -> None:
        """Put ``folder`` first; a list that cannot be written is no reason to stop."""
        folder = folder.resolve()
        # With those that are not there: their drive may be connected again.
        folders = [folder, *(known for known in self._listed() if known != folder)][:_LIMIT]
        temporary = self._file.with_suffix(".tmp")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps([str(f) for f in folders]), encoding="utf-8")
            temporary.replace(self._file)
        except OSError:
            return
