"""Ctrl-C, and a cluster that takes the machine back, as a wish to stop at a safe point."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

#: what asks a program to end: Ctrl-C; torchrun and Slurm, which wait some seconds before they kill
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def stop_on_interrupt() -> Iterator[list[bool]]:
    """A list that Ctrl-C or SIGTERM fills; long work looks at it."""
    stopped: list[bool] = []
    before = {each: signal.signal(each, lambda *_: stopped.append(True)) for each in _SIGNALS}
    try:
        yield stopped
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
