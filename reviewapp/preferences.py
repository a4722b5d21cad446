"""What a user has chosen on this computer: theme, language, and what was shown already."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from engine.atomic_file import write_bytes
from engine.bounded_file import parse_json, read_bounded
from engine.errors import StorageError
from reviewapp.recent import APPLICATION

THEMES = ("dark", "light", "system")


@dataclass(frozen=True, slots=True)
class Preferences:
    """``theme`` is one of `THEMES`; ``language`` "" follows the system."""

    theme: str = "dark"
    language: str = ""
    guide_seen: bool = False


class PreferencesFile:
    """Reads and writes the preferences, JSON in the user's configuration folder."""

    def __init__(self, file: Path | None = None) -> None:
        folder = Path(platformdirs.user_config_dir(APPLICATION, appauthor=False))
        self._file = file or folder / "preferences.json"
        self._unwritten: Preferences | None = None

    def read(self) -> Preferences:
        """The preferences; what is damaged or missing has its default."""
        if self._unwritten is not None:
            return self._unwritten
        try:
            found = parse_json(read_bounded(self._file))
        except (OSError, ValueError):
            return Preferences()
        return _checked(found) if isinstance(found, dict) else Preferences()

    def change(self, **changes: Any) -> Preferences:
        """Keep other values; where they cannot be written they last until the program ends."""
        changed = dataclasses.replace(self.read(), **changes)
        try:
            content = json.dumps(dataclasses.asdict(changed), indent=1)
            write_bytes(self._file, content.encode("utf-8"), durable=False)
        except StorageError:
            self._unwritten = changed
        return changed


def _checked(found: dict[str, Any]) -> Preferences:
    theme, language = found.get("theme"), found.get("language")
    return Preferences(
        theme=theme if isinstance(theme, str) and theme in THEMES else "dark",
        language=language if isinstance(language, str) else "",
        guide_seen=found.get("guide_seen") is True,
    )
