"""Imports what every workspace needs beside Qt's own start, so that a window is usable sooner."""

from __future__ import annotations

import contextlib
import threading


def preload() -> None:
    """Begin to import the study store and its libraries in a thread; returns at once.

    Qt loads its libraries and asks the display meanwhile, without Python's lock. What cannot be
    imported is told where it is needed.
    """
    # Not a daemon: ended at exit inside an import, a thread could abort the process.
    threading.Thread(target=_import_store, name="Preloading").start()


def _import_store() -> None:
    with contextlib.suppress(ImportError):
        import reviewapp.study.store  # noqa: F401
