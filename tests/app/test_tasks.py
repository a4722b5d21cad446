"""Long work beside the UI thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from engine.errors import DataError
from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from reviewapp.tasks import TaskRunner


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    runner = TaskRunner()
    yield runner
    runner.shutdown()
    # What the tasks have signalled last is delivered while their receivers live.
    QCoreApplication.processEvents()


def test_result_and_progress_arrive_on_the_thread_that_asked(
    qtbot: QtBot, runner: TaskRunner
) -> None:
    seen: list[tuple[str, threading.Thread]] = []

    def work(progress: ProgressReport, cancelled: CancelCheck) -> int:
        progress(1, 2, "half")
        return 42

    task = runner.prepare("Counting", work)
    task.progress.connect(lambda *_: seen.append(("progress", threading.current_thread())))
    task.succeeded.connect(lambda value: seen.append((str(value), threading.current_thread())))
    with qtbot.waitSignal(task.ended, timeout=5000):
        runner.launch(task)
    here = threading.current_thread()
    assert seen == [("progress", here), ("42", here)]


def test_an_engine_error_becomes_its_message(qtbot: QtBot, runner: TaskRunner) -> None:
    def work(progress: ProgressReport, cancelled: CancelCheck) -> None:
        raise DataError("scan.nii.gz is empty; export it again.")

    task = runner.prepare("Import", work)
    with qtbot.waitSignal(task.failed, timeout=5000) as failed:
        runner.launch(task)
    assert failed.args == ["scan.nii.gz is empty; export it again."]


def test_an_unforeseen_error_is_told_and_logged(
    qtbot: QtBot, runner: TaskRunner, caplog: pytest.LogCaptureFixture
) -> None:
    task = runner.prepare("Import", lambda progress, cancelled: 1 // 0)
    with qtbot.waitSignal(task.failed, timeout=5000) as failed:
        runner.launch(task)
    assert "ZeroDivisionError" in failed.args[0]
    assert "Import failed" in caplog.text


def test_cancel_ends_the_work_at_its_next_check(qtbot: QtBot, runner: TaskRunner) -> None:
    begun = threading.Event()

    def work(progress: ProgressReport, cancelled: CancelCheck) -> None:
        begun.set()
        while True:
            raise_if_cancelled(cancelled)

    task = runner.launch(runner.prepare("Endless", work))
    assert begun.wait(5)
    with qtbot.waitSignal(task.cancelled, timeout=5000):
        task.cancel()


def test_shutdown_joins_every_thread(qtbot: QtBot, runner: TaskRunner) -> None:
    def work(progress: ProgressReport, cancelled: CancelCheck) -> None:
        while not cancelled():
            threading.Event().wait(0.001)

    tasks = [runner.launch(runner.prepare(f"Task {n}", work)) for n in range(3)]
    runner.shutdown()
    assert not any(task.is_running() for task in tasks)
    assert runner.running() == []
