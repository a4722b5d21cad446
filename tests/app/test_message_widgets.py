"""The message bar, the empty state and the task progress."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from reviewapp.tasks import TaskRunner
from reviewapp.widgets.empty_state import EmptyState
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.task_progress import TaskProgress


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    QVBoxLayout(window)
    qtbot.addWidget(window)
    window.resize(500, 300)
    window.show()
    return window


@pytest.fixture
def runner(window: QWidget) -> Iterator[TaskRunner]:
    runner = TaskRunner(window)
    yield runner
    runner.shutdown()


def put(window: QWidget, widget: QWidget) -> None:
    window.layout().addWidget(widget)


def test_a_message_shows_is_replaced_and_closes(qtbot: QtBot, window: QWidget) -> None:
    bar = MessageBar()
    put(window, bar)
    assert not bar.isVisible()
    bar.show_error("The file is empty.")
    assert bar.isVisible()
    assert bar.property("role") == "message-error"
    bar.show_info("Saved.")
    assert (bar.text, bar.property("role")) == ("Saved.", "message-info")
    assert bar.accessibleDescription() == "Saved."
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert not bar.isVisible()
    assert bar.text == ""


def test_the_text_of_a_message_is_plain_and_can_be_copied(window: QWidget) -> None:
    bar = MessageBar()
    put(window, bar)
    bar.show_error("<b>not bold</b>")
    label = next(label for label in bar.findChildren(QLabel) if label.text())
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_the_empty_state_offers_its_action(qtbot: QtBot, window: QWidget) -> None:
    empty = EmptyState("images", "No images", "Import some.", "Import…")
    put(window, empty)
    with qtbot.waitSignal(empty.action):
        qtbot.mouseClick(empty.button, Qt.MouseButton.LeftButton)
    assert EmptyState("images", "No images", "Wait.").button is None


def test_progress_follows_one_task_and_cancels_it(
    qtbot: QtBot, window: QWidget, runner: TaskRunner
) -> None:
    progress = TaskProgress()
    put(window, progress)
    release = threading.Event()

    def work(report: ProgressReport, cancelled: CancelCheck) -> None:
        report(3, 10, "patient004.nii.gz")
        release.wait(10)
        while True:
            raise_if_cancelled(cancelled)

    task = runner.prepare("Importing", work)
    progress.follow(task)
    bar = progress.findChild(QProgressBar)
    assert bar.maximum() == 0  # moving until the total is known
    runner.launch(task)
    qtbot.waitUntil(lambda: (bar.value(), bar.maximum()) == (3, 10))
    shown = [label.text() for label in progress.findChildren(QLabel)]
    assert shown == ["Importing", "3 of 10", "patient004.nii.gz"]
    with qtbot.waitSignal(task.cancelled, timeout=10_000):
        qtbot.mouseClick(progress.cancel_button, Qt.MouseButton.LeftButton)
        release.set()
    qtbot.waitUntil(lambda: not runner.running())
    assert not progress.cancel_button.isEnabled()


def test_progress_turns_to_the_next_task(qtbot: QtBot, window: QWidget, runner: TaskRunner) -> None:
    progress = TaskProgress()
    put(window, progress)
    first = runner.prepare("First", lambda report, cancelled: report(9, 9, "first item"))
    second = runner.prepare("Second", lambda report, cancelled: report(1, 4, "second item"))
    progress.follow(first)
    progress.follow(second)
    with qtbot.waitSignals([first.ended, second.ended], timeout=10_000):
        runner.launch(first)
        runner.launch(second)
    bar = progress.findChild(QProgressBar)
    assert (bar.value(), bar.maximum()) == (1, 4)
