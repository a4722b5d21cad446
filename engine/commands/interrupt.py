"""Ctrl-C as a wish to stop at a safe point."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def stop_on_interrupt() -> Iterator[list[bool]]:
    """A list that Ctrl-C fills; long work looks at it."""
    stopped: list[bool] = []
    before = signal.signal(signal.SIGINT, lambda *_: stopped.append(True))
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, before)
