"""How long engine operations report progress and learn that they should stop."""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import Cancelled

#: called as ``report(done, total, item)``: counts of items and the name of the current one
ProgressReport = Callable[[int, int, str], None]
#: returns True once the caller wants the operation to end
CancelCheck = Callable[[], bool]


def ignore_progress(done: int, total: int, item: str) -> None:
    """A `ProgressReport` that drops everything."""


def never_cancelled() -> bool:
    """A `CancelCheck` for callers that cannot cancel."""
    return False


def raise_if_cancelled(cancelled: CancelCheck) -> None:
    """Raise `Cancelled` when the caller wants the operation to end."""
    if cancelled():
        raise Cancelled("Stopped on request.")
