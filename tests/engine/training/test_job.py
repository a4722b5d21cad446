"""The queue: runs in turn, pause, resume, cancel, shut down, and nothing is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from engine.errors import TrainingError
from engine.gans.registry import preset
from engine.training.config import TrainConfig
from engine.training.events import CheckpointSaved, Event, StateChanged
from engine.training.job import STOPPED, JobQueue
from engine.training.runs import read_summary
from engine.workspace import Workspace

ENDLESS = 1_000_000
_PATIENCE_S = 60.0


def config(steps: int = ENDLESS, **changes: object) -> TrainConfig:
    fields = preset("dcgan", "acdc", "tiny").model_dump()
    usual = {"checkpoint_every": ENDLESS, "sample_every": ENDLESS, "log_every": 1, "threads": 1}
    return TrainConfig.checked(**(fields | usual | {"steps": steps} | changes))


class Listener:
    """Keeps every event and waits for a wanted one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def states(self, run_id: str) -> list[str]:
        return [e.state for e in self.events if isinstance(e, StateChanged) and e.run_id == run_id]

    def wait_for(self, wanted: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(wanted, _PATIENCE_S), self.events

    def wait_state(self, run_id: str, state: str) -> None:
        self.wait_for(lambda: self.states(run_id)[-1:] == [state])


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def queue(library: Workspace, listener: Listener) -> Iterator[JobQueue]:
    queue = JobQueue(library, listener)
    yield queue
    assert queue.shutdown(_PATIENCE_S)


def test_runs_are_trained_in_turn(queue: JobQueue, listener: Listener) -> None:
    first, second = queue.submit(config(6)), queue.submit(config(6))
    listener.wait_state(second, "finished")
    assert listener.states(first) == ["queued", "running", "finished"]
    order = [
        e.run_id for e in listener.events if isinstance(e, StateChanged) and e.state == "running"
    ]
    assert order == [first, second]
    assert not queue.busy()


def test_a_paused_run_waits_with_a_checkpoint_and_goes_on(
    library: Workspace, queue: JobQueue, listener: Listener
) -> None:
    run_id = queue.submit(config())
    waiting = queue.submit(config(3))
    listener.wait_state(run_id, "running")
    queue.pause(run_id)
    listener.wait_state(run_id, "paused")
    paused = read_summary(library, run_id)
    assert paused.state == "paused"
    assert any(isinstance(e, CheckpointSaved) and e.step == paused.step for e in listener.events)
    time.sleep(0.2)
    assert read_summary(library, run_id).step == paused.step
    assert listener.states(waiting) == ["queued"]
    queue.resume(run_id)
    listener.wait_state(run_id, "running")
    queue.cancel(run_id)
    listener.wait_state(waiting, "finished")
    assert listener.states(run_id)[-1] == "cancelled"
    assert read_summary(library, run_id).step >= paused.step


def test_shutdown_leaves_runs_that_a_new_queue_finishes(
    library: Workspace, queue: JobQueue, listener: Listener
) -> None:
    run_id, waiting = queue.submit(config(600)), queue.submit(config(3))
    listener.wait_state(run_id, "running")
    assert queue.shutdown(_PATIENCE_S)
    for stopped in (run_id, waiting):
        assert read_summary(library, stopped).state == "interrupted"
        assert read_summary(library, stopped).message == STOPPED
    later = Listener()
    reopened = JobQueue(library, later)
    try:
        reopened.resume(run_id)
        reopened.resume(waiting)
        later.wait_state(waiting, "finished")
        assert later.states(run_id)[-1] == "finished"
    finally:
        reopened.shutdown(_PATIENCE_S)


def test_a_failing_run_is_told_and_the_queue_goes_on(
    library: Workspace, queue: JobQueue, listener: Listener
) -> None:
    wrong = queue.submit(config(3, dataset="nowhere"))
    right = queue.submit(config(3))
    listener.wait_state(right, "finished")
    failed = read_summary(library, wrong)
    assert failed.state == "failed"
    assert "nowhere" in failed.message


def test_a_listener_that_raises_does_not_stop_training(
    library: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(event: Event) -> None:
        raise RuntimeError("the window is gone")

    queue = JobQueue(library, broken)
    run_id = queue.submit(config(3))
    deadline = time.monotonic() + _PATIENCE_S
    while queue.busy() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert queue.shutdown(_PATIENCE_S)
    assert read_summary(library, run_id).state == "finished"
    assert "the window is gone" in caplog.text


def test_what_cannot_be_done_is_refused(queue: JobQueue, listener: Listener) -> None:
    run_id = queue.submit(config(3))
    listener.wait_state(run_id, "finished")
    with pytest.raises(TrainingError, match="not at work"):
        queue.pause(run_id)
    with pytest.raises(TrainingError, match="finished"):
        queue.resume(run_id)
    with pytest.raises(TrainingError, match="no run"):
        queue.resume("unknown")


def test_a_waiting_run_can_be_cancelled(queue: JobQueue, listener: Listener) -> None:
    first, waiting = queue.submit(config()), queue.submit(config(3))
    listener.wait_state(first, "running")
    queue.cancel(waiting)
    assert listener.states(waiting) == ["queued", "cancelled"]
    queue.cancel(first)
    listener.wait_state(first, "cancelled")
    assert not queue.busy()
