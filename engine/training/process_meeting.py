"""Where the processes of one torchrun find each other anew after each restart.

torchrun keeps one store of keys for all its rounds (torch 2.13). Gloo leaves its addresses there,
so that processes of a later round read those of dead ones and wait for ever. Here the processes of
a round agree on a name that no other round had, and keep their keys below it.
"""

from __future__ import annotations

import json
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.errors import ProcessLostError

if TYPE_CHECKING:
    from torch.distributed import Store  # type: ignore[attr-defined]

_POLL_S = 0.02
#: the keys of the meeting; what earlier rounds left below them does no harm
_HELLO, _ROUND = "medgan/hello/{rank}", "medgan/round"


def round_store(
    store: Store, rank: int, world_size: int, patience: timedelta = timedelta(minutes=5)
) -> Store:
    """The part of ``store`` that is this round's alone; returns once all processes have met.

    Each process shows a number drawn just now; the first one publishes the numbers it sees beside
    the name of its round. A process knows by its own number that the name is not an old one.
    Raises `ProcessLostError` when not all come within ``patience``.
    """
    from torch.distributed import PrefixStore  # type: ignore[attr-defined]

    deadline = time.monotonic() + patience.total_seconds()
    number = uuid.uuid4().hex
    if rank == 0:
        name = number
        _gather(store, name, world_size, deadline)
    else:
        store.set(_HELLO.format(rank=rank), number)
        name = _named_by_first(store, rank, number, deadline)
        store.add(_arrived(name), 1)
    return PrefixStore(f"medgan/{name}", store)


def _gather(store: Store, name: str, world_size: int, deadline: float) -> None:
    published: dict[str, str] | None = None
    while store.add(_arrived(name), 0) < world_size - 1:
        keys = {rank: _HELLO.format(rank=rank) for rank in range(1, world_size)}
        seen = {
            str(rank): store.get(key).decode() for rank, key in keys.items() if store.check([key])
        }
        if seen != published:
            store.set(_ROUND, json.dumps({"name": name, "numbers": seen}))
            published = seen
        _wait(deadline)


def _named_by_first(store: Store, rank: int, number: str, deadline: float) -> str:
    while True:
        if store.check([_ROUND]):
            told = json.loads(store.get(_ROUND))
            if told["numbers"].get(str(rank)) == number:
                return str(told["name"])
        _wait(deadline)


def _arrived(name: str) -> str:
    return f"medgan/arrived/{name}"


def _wait(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise ProcessLostError(
            "Not all processes of this run have started in time. See torchrun's output for the one "
            "that failed, and whether all machines reach each other."
        )
    time.sleep(_POLL_S)
