"""What can befall an SQLite file while it is open: gone, blocked, full, read-only; what to do.

The system lets a program write on into a file that nobody can find any more, and SQLite makes an
empty one where it finds none. Both would lose answers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, DisconnectionError

from reviewapp.study.errors import StoreError

_KEY = "file"
#: by the words of SQLite's own messages
_ADVICE = {
    "locked": "Another program is writing in it: let it finish, or close it, and try again.",
    "full": "There is no free space on its drive: make room, and try again.",
    "readonly": "Its folder or drive is not writable: change that, or use a copy elsewhere.",
}
_GENERAL_ADVICE = (
    "Check that its folder is writable and has free space, that no other program blocks it, and "
    "that the file is a study database."
)


def watch_file(engine: Engine, file: Path) -> None:
    """Refuse connections from now on with `StoreError` while ``file`` is not at its place.

    Connections to a file that another has replaced since are given up for new ones.
    """

    @event.listens_for(engine, "do_connect")
    def _before_connecting(*_: object) -> None:
        _identity(file)

    @event.listens_for(engine, "connect")
    def _connected(_connection: Any, record: Any) -> None:
        record.info[_KEY] = _identity(file)

    @event.listens_for(engine, "checkout")
    def _taken(_connection: Any, record: Any, _proxy: Any) -> None:
        # Connections from before the watch began are given up as well.
        if record.info.get(_KEY) != _identity(file):
            raise DisconnectionError("The database file is another one than was opened.")


def _identity(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError as error:
        raise StoreError(
            f"The study database {file} is not there any more: its drive may be disconnected, or "
            "the workspace folder was moved or renamed. Bring it back to its place and try again; "
            "everything that was stored is in it."
        ) from error
    return status.st_dev, status.st_ino


def sqlite_advice(error: DBAPIError) -> str:
    """What to do about an error of SQLite's."""
    words = str(error.orig)
    return next((advice for word, advice in _ADVICE.items() if word in words), _GENERAL_ADVICE)
