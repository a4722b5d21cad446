"""How a caller steers a run: it is asked at every step what it wishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Wish = Literal["run", "pause", "cancel", "stop"]
#: how a run's loop ended without an error
Ending = Literal["finished", "cancelled", "stopped"]

#: where several processes wish differently, the last of these is done
WISHES: tuple[Wish, ...] = ("run", "pause", "cancel", "stop")


@dataclass(frozen=True, slots=True)
class Control:
    """How the loop asks what is wanted: ``wish`` at each step, ``wait`` while it is paused."""

    wish: Callable[[], Wish]
    wait: Callable[[], Wish]
