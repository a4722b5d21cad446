"""The training queue as the window sees it: requests go in, Qt signals come out."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from engine.training.events import (
    CheckpointSaved,
    DegradationMeasured,
    Event,
    Progress,
    SampleGrid,
    StateChanged,
)
from engine.workspace import Workspace
from reviewapp.training.event_mailbox import EventMailbox

if TYPE_CHECKING:
    from engine.training.config import TrainConfig
    from engine.training.job import JobQueue
    from engine.training.runs import RunSummary

#: shortest time between two deliveries; a fast run reports hundreds of steps a second
DELIVERY_INTERVAL_MS = 100


class TrainingBridge(QObject):
    """Owns the job queue of one workspace.

    Every signal arrives on the UI thread, at most every `DELIVERY_INTERVAL_MS`; progress and
    samples in between are replaced by later ones, state changes, checkpoints and looks of the
    degradation guard never are.
    The queue and its thread are made by the first request that needs them, and torch is imported
    in that thread alone.
    """

    state_changed = Signal(str, str, str)
    progress = Signal(object)
    samples = Signal(object)
    checkpoint = Signal(object)
    degradation = Signal(object)
    _woken = Signal()

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._queue: JobQueue | None = None
        self._closed = False
        self._mailbox = EventMailbox()
        self._last_delivery_ms = 0.0
        self._delivery = QTimer(self)
        self._delivery.setSingleShot(True)
        self._delivery.timeout.connect(self._deliver)
        self._woken.connect(self._schedule_delivery, Qt.ConnectionType.QueuedConnection)

    def submit(self, config: TrainConfig) -> str:
        """Queue a new run and return its id; raises `ConfigError` or `TrainingError`."""
        return self._opened_queue().submit(config)

    def pause(self, run_id: str) -> None:
        """Hold a run at its next step."""
        self._opened_queue().pause(run_id)

    def resume(self, run_id: str) -> None:
        """Let a paused run go on, or queue an interrupted one from its last checkpoint."""
        self._opened_queue().resume(run_id)

    def cancel(self, run_id: str) -> None:
        """End a run for good at its next step; its checkpoints stay."""
        self._opened_queue().cancel(run_id)

    def runs(self) -> list[RunSummary]:
        """All runs of the workspace, from their folders."""
        from engine.training.runs import list_runs

        return list_runs(self._workspace) if self._queue is None else self._queue.runs()

    def busy(self) -> bool:
        """Whether a run is training, paused or waiting in this window."""
        return self._queue is not None and self._queue.busy()

    def shutdown(self, timeout_s: float = 30) -> bool:
        """Stop the running job at its next step with a checkpoint and join the thread.

        Later calls do nothing. True when the thread has ended within ``timeout_s``.
        """
        self._closed = True
        if self._queue is None:
            return True
        ended = self._queue.shutdown(timeout_s)
        if ended:
            self._queue = None
        self._delivery.stop()
        self._deliver()
        return ended

    def _opened_queue(self) -> JobQueue:
        if self._closed:
            raise RuntimeError("The workspace is closed; nothing can be trained in it any more.")
        if self._queue is None:
            from engine.training.job import JobQueue

            self._queue = JobQueue(self._workspace, self.receive)
        return self._queue

    def receive(self, event: Event) -> None:
        """Take an event of the queue; may be called on any thread."""
        if self._mailbox.put(event):
            self._woken.emit()

    def _schedule_delivery(self) -> None:
        if not self._delivery.isActive():
            since_last_ms = time.monotonic() * 1000 - self._last_delivery_ms
            self._delivery.start(max(0, round(DELIVERY_INTERVAL_MS - since_last_ms)))

    def _deliver(self) -> None:
        self._last_delivery_ms = time.monotonic() * 1000
        for event in self._mailbox.take():
            match event:
                case StateChanged():
                    self.state_changed.emit(event.run_id, event.state, event.message)
                case Progress():
                    self.progress.emit(event)
                case SampleGrid():
                    self.samples.emit(event)
                case CheckpointSaved():
                    self.checkpoint.emit(event)
                case DegradationMeasured():
                    self.degradation.emit(event)
