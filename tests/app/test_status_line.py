from __future__ import annotations

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.training.events import Progress
from reviewapp.context import AppContext
from reviewapp.status.compute_device import device_words
from reviewapp.status.disk_space import free_space, is_low, space_words
from reviewapp.status.job_words import JobWords
from reviewapp.status.status_line import StatusLine


def progress(run_id: str, step: int, eta_s: float) -> Progress:
    return Progress(run_id, step, 200, 10.0, eta_s, 100.0)


def test_the_run_at_work_is_told_with_its_share_and_time() -> None:
    words = JobWords()
    assert words.text({}) == ""
    words.note_state("dcgan-1", "queued")
    assert words.text({}) == "1 waiting"
    words.note_state("dcgan-1", "running")
    assert words.text({}) == "Training dcgan-1"
    words.note_progress(progress("dcgan-1", 50, 130))
    assert words.text({}) == "Training dcgan-1: 25 %, 3 min left"
    words.note_state("dcgan-1", "paused")
    assert words.text({"Importing": 1}) == "Importing  ·  dcgan-1 paused"
    words.note_state("dcgan-1", "finished")
    assert words.text({"Importing": 2}) == "Importing (2)"


@pytest.mark.parametrize(
    ("free", "words", "low"),
    [
        (None, "Disk not reachable", False),
        (0, "0 MB free", True),
        (999_000_000, "999 MB free", True),
        (2_500_000_000, "2.5 GB free", False),
        (1_234_000_000_000, "1,234 GB free", False),
    ],
)
def test_room_on_the_disk(free: int | None, words: str, low: bool) -> None:
    assert space_words(free) == words
    assert is_low(free) == low


def test_room_on_a_real_and_on_a_vanished_disk(tmp_path: Path) -> None:
    assert (free_space(tmp_path) or 0) > 0
    assert free_space(tmp_path / "gone") is None


def test_some_device_is_named() -> None:
    short, long = device_words()
    assert (short and short.split(",")[0] in long) or "processor" in long


def test_a_task_is_told_while_it_runs(qtbot: QtBot, context: AppContext) -> None:
    line = StatusLine(context)
    qtbot.addWidget(line)
    assert line.job.text() == ""
    go_on = threading.Event()
    task = context.tasks.prepare("Importing", lambda *_: go_on.wait(30))
    context.tasks.launch(task)
    qtbot.waitUntil(lambda: line.job.text() == "Importing")
    with qtbot.waitSignal(task.ended):
        go_on.set()
    qtbot.waitUntil(lambda: line.job.text() == "")
    assert line.workspace.toolTip() == str(context.workspace.root)
    qtbot.waitUntil(lambda: bool(line.device.text()))
    line.stop()
