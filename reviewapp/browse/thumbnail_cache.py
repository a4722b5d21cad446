"""Thumbnails on disk: one file under ``cache/`` that may be deleted at any time."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

_TIMEOUT_S = 5.0
_NAME = "thumbnails.sqlite"


class ThumbnailCache:
    """Encoded pictures by the key of their image; for any thread.

    One file holds all of them: 100,000 small files would take minutes to copy or delete. Nothing is
    ever reported: without the file, or with a damaged one, pictures are made again.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._lock = threading.Lock()
        self._connection = self._open()

    def read(self, key: str) -> bytes | None:
        """The encoded picture, or None where there is none yet."""
        with self._lock:
            if self._connection is None:
                return None
            try:
                row = self._connection.execute(
                    "SELECT picture FROM thumbnails WHERE key = ?", (key,)
                ).fetchone()
            except sqlite3.Error:
                self._start_again()
                return None
        return None if row is None else bytes(row[0])

    def write(self, key: str, picture: bytes) -> None:
        """Keep a picture, if the disk lets it."""
        with self._lock:
            if self._connection is None:
                return
            try:
                self._connection.execute(
                    "INSERT OR REPLACE INTO thumbnails VALUES (?, ?)", (key, picture)
                )
            except sqlite3.OperationalError:
                # Locked by another window or no space left: made again the next time.
                return
            except sqlite3.Error:
                self._start_again()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection | None:
        for _ in range(2):
            connection: sqlite3.Connection | None = None
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                connection = sqlite3.connect(
                    self._path, timeout=_TIMEOUT_S, isolation_level=None, check_same_thread=False
                )
                # The file may have come with a workspace from elsewhere.
                connection.execute("PRAGMA trusted_schema=OFF")
                connection.execute("PRAGMA journal_mode=WAL")
                # A power cut may lose pictures, which are made again.
                connection.execute("PRAGMA synchronous=OFF")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS thumbnails (key TEXT PRIMARY KEY, picture BLOB)"
                )
                return connection
            except (sqlite3.Error, OSError):
                if connection is not None:
                    connection.close()
                self._remove()
        return None

    def _start_again(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._remove()
        self._connection = self._open()

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                Path(f"{self._path}{suffix}").unlink()
