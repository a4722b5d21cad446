"""Processes of a round find each other whatever keys earlier rounds have left."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import torch

from engine.errors import ProcessLostError

if not torch.distributed.is_available():
    pytest.skip("this torch has no distributed package", allow_module_level=True)

from torch.distributed import HashStore, Store

from engine.training.process_meeting import round_store

PATIENCE = timedelta(seconds=30)


def meet(store: Store, world_size: int, late: int | None = None) -> list[str]:
    """What each process reads of a key that the first of them writes, by rank."""
    read = [""] * world_size

    def join(rank: int) -> None:
        own = round_store(store, rank, world_size, PATIENCE)
        if rank == 0:
            own.set("address", f"of the first of {world_size}")
        read[rank] = own.get("address").decode()

    threads = [threading.Thread(target=join, args=(rank,)) for rank in range(world_size)]
    first, others = threads[0], threads[1:]
    for thread in [*others, first] if late == 0 else [first, *others]:
        thread.start()
    for thread in threads:
        thread.join()
    return read


@pytest.mark.parametrize("late", [0, None])
def test_each_round_has_keys_of_its_own(late: int | None) -> None:
    store = HashStore()
    for world_size in (3, 2, 4, 4):
        assert meet(store, world_size, late) == [f"of the first of {world_size}"] * world_size


def test_a_process_is_not_taken_in_by_the_round_of_dead_ones() -> None:
    store = HashStore()
    meet(store, 2)
    with pytest.raises(ProcessLostError, match="have started"):
        round_store(store, 1, 2, timedelta(seconds=0.2))


def test_the_first_process_does_not_go_on_alone() -> None:
    store = HashStore()
    meet(store, 2)
    with pytest.raises(ProcessLostError, match="have started"):
        round_store(store, 0, 2, timedelta(seconds=0.2))
