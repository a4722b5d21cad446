"""Work that raises what nobody has foreseen: told in the window, and the rest works on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from engine.gans.batch import Batch
from engine.gans.dcgan import Dcgan
from engine.training.events import Event, StateChanged
from engine.training.job import JobQueue
from engine.training.runs import create_run, read_summary
from reviewapp.main_window import MainWindow
from reviewapp.recent import RecentWorkspaces
from reviewapp.study.errors import StoreError
from reviewapp.unhandled_errors import UnhandledErrors
from tests.faults import scenes, training

_PATIENCE_S = 120.0


def test_a_run_that_raises_in_the_middle_is_resumed_from_its_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = scenes.library(tmp_path / "workspace")
    for name in ("raising", "next"):
        create_run(library, training.settings(), name)
    ended = threading.Semaphore(0)
    original = Dcgan.step
    raised: list[int] = []

    def step(self: Dcgan, batch: Batch, step: int) -> object:
        if step == training.EVERY + 2 and not raised:
            raised.append(step)
            raise KeyError("weight")
        return original(self, batch, step)

    def listen(event: Event) -> None:
        if isinstance(event, StateChanged) and event.state in ("failed", "finished"):
            ended.release()

    monkeypatch.setattr(Dcgan, "step", step)
    queue = JobQueue(library, listen)
    try:
        for name in ("raising", "next"):
            queue.resume(name)
        assert ended.acquire(timeout=_PATIENCE_S)
        assert ended.acquire(timeout=_PATIENCE_S)
        failed = read_summary(library, "raising")
        assert (failed.state, failed.step) == ("failed", training.EVERY)
        assert "KeyError: 'weight'" in failed.message
        assert "resume it" in failed.message
        assert read_summary(library, "next").state == "finished"
        queue.resume("raising")
        assert ended.acquire(timeout=_PATIENCE_S)
    finally:
        assert queue.shutdown(_PATIENCE_S)
    training.check_same_run(library, "raising", "next")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    window = MainWindow(RecentWorkspaces(tmp_path / "config" / "recent.json"))
    qtbot.addWidget(window)
    window.show()
    # The tests' own hook comes back with `remove`.
    errors = UnhandledErrors(window)
    errors.told.connect(window.tell_error)
    yield window
    errors.remove()
    window.close()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreError("The study database is not there any more. Bring it back."), "Bring it back"),
        (ZeroDivisionError("division by zero"), "start the program again"),
    ],
    ids=["told on purpose", "a fault of ours"],
)
def test_what_a_page_lets_through_is_told_in_the_window(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, error: Exception, words: str
) -> None:
    assert window.open_workspace(tmp_path / "workspace")

    def fail() -> None:
        raise error

    QTimer.singleShot(0, fail)
    qtbot.waitUntil(lambda: words in window.messages.text, timeout=5000)
    assert str(error) in window.messages.text


def test_the_hook_is_given_back(qtbot: QtBot) -> None:
    before = sys.excepthook
    errors = UnhandledErrors()
    assert sys.excepthook != before
    errors.remove()
    assert sys.excepthook == before
