"""Cyclic garbage made anywhere dies on the UI thread while tasks may run."""

from __future__ import annotations

import gc
import threading
import weakref

from pytestqt.qtbot import QtBot

from reviewapp.garbage_collection import UiThreadCollection
from reviewapp.tasks import TaskRunner


class Cycle:
    """Refers to itself, so that only a collection ends it."""

    def __init__(self) -> None:
        self.self = self


def test_a_cycle_dies_on_the_ui_thread_although_a_task_allocates(qtbot: QtBot) -> None:
    runner = TaskRunner()
    died_on: list[int] = []
    gc.collect()
    weakref.finalize(Cycle(), lambda: died_on.append(threading.get_ident()))

    def allocate(*_: object) -> int:
        # Far more than the threshold at which Python would collect in this thread.
        return len([Cycle() for _ in range(20_000)])

    task = runner.launch(runner.prepare("Allocating", allocate))
    qtbot.waitUntil(lambda: task.has_ended and bool(died_on))
    runner.shutdown()
    assert died_on == [threading.get_ident()]


def test_python_collects_again_when_the_last_one_has_stopped(qtbot: QtBot) -> None:
    before = gc.isenabled()
    first, second = UiThreadCollection(), UiThreadCollection()
    assert not gc.isenabled()
    first.stop()
    first.stop()
    assert not gc.isenabled()
    second.stop()
    assert gc.isenabled() == before


def test_one_that_is_dropped_counts_as_stopped(qtbot: QtBot) -> None:
    before = gc.isenabled()
    collection = UiThreadCollection()
    assert not gc.isenabled()
    del collection
    gc.collect()
    assert gc.isenabled() == before
