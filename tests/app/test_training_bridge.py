"""The queue's bridge: real runs in a real worker thread, seen from the UI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.training.config import TrainConfig
from engine.training.events import CheckpointSaved, Progress, SampleGrid, StateChanged
from engine.training.runs import read_metrics
from engine.workspace import Workspace
from reviewapp.training.bridge import TrainingBridge
from reviewapp.training.event_mailbox import EventMailbox

TIMEOUT_MS = 30_000


def progress(step: int, run_id: str = "run") -> Progress:
    return Progress(run_id, step, 100, 5.0, 1.0, 100.0, {"generator": 1.0})


def states_of(bridge: TrainingBridge) -> list[str]:
    states: list[str] = []
    bridge.state_changed.connect(lambda _run, state, _message: states.append(state))
    return states


def test_only_the_latest_progress_of_each_run_is_kept() -> None:
    mailbox = EventMailbox()
    woken = [mailbox.put(progress(step, run)) for step in range(50) for run in ("a", "b")]
    assert woken.count(True) == 1
    assert mailbox.take() == [progress(49, "a"), progress(49, "b")]
    assert mailbox.take() == []


def test_states_and_checkpoints_are_never_dropped_nor_overtaken() -> None:
    mailbox = EventMailbox()
    saved = CheckpointSaved("run", 5, Path("step-5"))
    paused, running = StateChanged("run", "paused"), StateChanged("run", "running")
    events = [progress(4), saved, progress(5), paused, running, progress(6), progress(7)]
    for event in events:
        mailbox.put(event)
    assert mailbox.take() == [progress(4), saved, progress(5), paused, running, progress(7)]


def test_a_newer_grid_replaces_the_older_but_no_progress() -> None:
    mailbox = EventMailbox()
    old, new = (SampleGrid("run", step, np.zeros((1, 2, 2), np.uint8)) for step in (1, 2))
    for event in (old, progress(1), new):
        mailbox.put(event)
    assert [type(event) for event in mailbox.take()] == [SampleGrid, Progress]


def test_a_bursty_worker_reaches_the_ui_thread_in_few_deliveries(
    qtbot: QtBot, workspace: Workspace
) -> None:
    bridge = TrainingBridge(workspace)
    seen: list[tuple[int, threading.Thread]] = []
    bridge.progress.connect(lambda p: seen.append((p.step, threading.current_thread())))

    def burst() -> None:
        for step in range(20_000):
            bridge.receive(progress(step))

    worker = threading.Thread(target=burst)
    worker.start()
    qtbot.waitUntil(lambda: bool(seen) and seen[-1][0] == 19_999, timeout=TIMEOUT_MS)
    worker.join()
    assert len(seen) < 200
    assert {thread for _, thread in seen} == {threading.current_thread()}


def test_a_run_trains_to_its_end_and_tells_so_on_the_ui_thread(
    qtbot: QtBot, bridge: TrainingBridge, tiny_config: Callable[..., TrainConfig]
) -> None:
    threads, steps, grids, saved = set(), [], [], []
    states = states_of(bridge)
    bridge.progress.connect(lambda p: (steps.append(p.step), threads.add(threading.get_ident())))
    bridge.samples.connect(lambda grid: grids.append(grid.images.shape))
    bridge.checkpoint.connect(lambda event: saved.append(event.path))
    run_id = bridge.submit(tiny_config(steps=12))
    qtbot.waitUntil(lambda: "finished" in states, timeout=TIMEOUT_MS)
    assert states == ["queued", "running", "finished"]
    assert steps[-1] == 12
    assert grids[-1] == (16, 32, 32)
    assert saved[-1].is_dir()
    assert threads == {threading.get_ident()}
    assert [run.run_id for run in bridge.runs()] == [run_id]
    qtbot.waitUntil(lambda: not bridge.busy(), timeout=TIMEOUT_MS)


def test_pause_resume_and_cancel(
    qtbot: QtBot, bridge: TrainingBridge, tiny_config: Callable[..., TrainConfig]
) -> None:
    states = states_of(bridge)
    run_id = bridge.submit(tiny_config(steps=100_000))
    qtbot.waitUntil(lambda: "running" in states, timeout=TIMEOUT_MS)
    bridge.pause(run_id)
    qtbot.waitUntil(lambda: "paused" in states, timeout=TIMEOUT_MS)
    assert bridge.busy()
    bridge.resume(run_id)
    qtbot.waitUntil(lambda: states[-1] == "running", timeout=TIMEOUT_MS)
    bridge.cancel(run_id)
    qtbot.waitUntil(lambda: states[-1] == "cancelled", timeout=TIMEOUT_MS)


def test_closing_while_it_trains_leaves_a_run_that_resumes_where_it_was(
    qtbot: QtBot, training_library: Workspace, tiny_config: Callable[..., TrainConfig]
) -> None:
    first = TrainingBridge(training_library)
    seen: list[int] = []
    first.progress.connect(lambda p: seen.append(p.step))
    run_id = first.submit(tiny_config(steps=400))
    qtbot.waitUntil(lambda: bool(seen), timeout=TIMEOUT_MS)
    assert first.shutdown()
    assert first.shutdown()
    assert "training" not in {thread.name for thread in threading.enumerate()}
    stopped = first.runs()[0]
    assert (stopped.state, stopped.run_id) == ("interrupted", run_id)
    assert 0 < stopped.step < 400

    second = TrainingBridge(training_library)
    states = states_of(second)
    second.resume(run_id)
    qtbot.waitUntil(lambda: "finished" in states, timeout=TIMEOUT_MS)
    assert second.shutdown()
    steps = read_metrics(training_library, run_id)["step"]
    assert steps == sorted(set(steps))
    assert steps[-1] == 400


def test_a_closed_bridge_takes_no_run(
    workspace: Workspace, qtbot: QtBot, tiny_config: Callable[..., TrainConfig]
) -> None:
    bridge = TrainingBridge(workspace)
    assert bridge.shutdown()
    with pytest.raises(RuntimeError, match="closed"):
        bridge.submit(tiny_config())
