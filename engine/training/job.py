"""Runs, one after another, in one background thread: start, pause, resume, cancel, shut down.

Importing this module loads no torch; the worker thread does, before its first run.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.errors import EngineError, TrainingError
from engine.training.config import TrainConfig
from engine.training.events import DegradationWarning, Event, RunState, StateChanged
from engine.training.runs import (
    RunSummary,
    create_run,
    list_runs,
    read_status,
    read_summary,
    run_folder,
    write_status,
)
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.training.control import Wish

_log = logging.getLogger(__name__)

STOPPED = "Stopped with the program; can be resumed."


class JobQueue:
    """Trains the runs of one workspace in turn.

    ``listener`` gets every event, from the worker thread and from the caller's; what it raises is
    logged and does not touch training. A paused run keeps its place: no other overtakes it. All
    methods may be called from any thread. The worker is not a daemon, so `shutdown` must be called.
    """

    def __init__(self, workspace: Workspace, listener: Callable[[Event], None]) -> None:
        self._workspace = workspace
        self._listener = listener
        self._changed = threading.Condition()
        self._waiting: deque[str] = deque()
        self._current: str | None = None
        self._wish: Wish = "run"
        self._closing = False
        self._thread: threading.Thread | None = None
        #: states that the disk would not take yet, with their messages
        self._unwritten: dict[str, tuple[RunState, str]] = {}

    def submit(self, config: TrainConfig) -> str:
        """Make a run and queue it; returns its id. Raises `FeedbackError` for lost ratings."""
        run_id = create_run(self._workspace, config)
        if config.feedback is not None:
            from engine.feedback.snapshot import pin_snapshot

            ratings = run_folder(self._workspace, run_id).ratings
            pin_snapshot(self._workspace, config.feedback.snapshot_sha256, ratings)
        self._enqueue(run_id)
        return run_id

    def pause(self, run_id: str) -> None:
        """Hold the running run after a checkpoint; raises `TrainingError` if it does not run."""
        with self._changed:
            if self._current != run_id:
                raise TrainingError(f"The run {run_id} is not at work, so it cannot be paused.")
            self._wish = "pause"
            self._changed.notify_all()

    def resume(self, run_id: str) -> None:
        """Let a paused run go on, or queue one that ended early; it starts at its checkpoint.

        Raises `TrainingError` for a run that is finished or queued already.
        """
        with self._changed:
            if self._current == run_id:
                self._wish = "run"
                self._changed.notify_all()
                return
            if run_id in self._waiting:
                raise TrainingError(f"The run {run_id} is in the queue already.")
        if read_summary(self._workspace, run_id).state == "finished":
            raise TrainingError(f"The run {run_id} is finished. Start a new one to train longer.")
        self._enqueue(run_id)

    def cancel(self, run_id: str) -> None:
        """End a run; its checkpoint stays, so that it can be resumed after all."""
        with self._changed:
            if self._current == run_id:
                self._wish = "cancel"
                self._changed.notify_all()
                return
            if run_id in self._waiting:
                self._waiting.remove(run_id)
        self._set_state(run_id, "cancelled")

    def runs(self) -> list[RunSummary]:
        """All runs of the workspace, newest first."""
        runs = list_runs(self._workspace)
        with self._changed:
            unwritten = dict(self._unwritten)
        return [
            replace(run, state=unwritten[run.run_id][0], message=unwritten[run.run_id][1])
            if run.run_id in unwritten
            else run
            for run in runs
        ]

    def busy(self) -> bool:
        """Whether a run is at work, paused or waiting."""
        with self._changed:
            return self._current is not None or bool(self._waiting)

    def shutdown(self, timeout_s: float = 30.0) -> bool:
        """Stop at the next step with a checkpoint and join the worker; True once it has ended.

        The run at work and those waiting become *interrupted* and can be resumed later.
        """
        with self._changed:
            self._closing = True
            self._wish = "stop"
            waiting = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            thread = self._thread
        for run_id in waiting:
            self._set_state(run_id, "interrupted", STOPPED)
        if thread is None:
            return True
        thread.join(timeout_s)
        return not thread.is_alive()

    def _enqueue(self, run_id: str) -> None:
        self._set_state(run_id, "queued")
        with self._changed:
            if self._closing:
                raise TrainingError("The training queue is closed. Open the workspace again.")
            self._waiting.append(run_id)
            if self._thread is None:
                # Not a daemon: killed at exit inside torch, a thread aborts the whole process.
                self._thread = threading.Thread(target=self._work, name="training")
                self._thread.start()
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                run_id = self._current = self._waiting.popleft()
                self._wish = "run"
            try:
                self._train(run_id)
            finally:
                with self._changed:
                    self._current = None

    def _train(self, run_id: str) -> None:
        try:
            self._set_state(run_id, "running")
            from engine.training.control import Control
            from engine.training.loop import Trainer

            control = Control(self._current_wish, lambda: self._wait_paused(run_id))
            ending = Trainer(self._workspace, run_id, self._emit, control).train()
        except EngineError as error:
            self._set_state(run_id, "failed", str(error))
        except Exception as error:
            _log.exception("Run %s failed", run_id)
            self._set_state(
                run_id,
                "failed",
                f"The run stopped unexpectedly ({type(error).__name__}: {error}). Its last "
                "checkpoint is kept: resume it. If it stops again, the log tells where.",
            )
        else:
            if ending == "stopped":
                self._set_state(run_id, "interrupted", STOPPED)
            else:
                self._set_state(run_id, ending)

    def _current_wish(self) -> Wish:
        return self._wish

    def _wait_paused(self, run_id: str) -> Wish:
        message = read_status(run_folder(self._workspace, run_id)).message
        self._emit(StateChanged(run_id, "paused", message))
        with self._changed:
            while self._wish == "pause":
                self._changed.wait()
            wish = self._wish
        if wish == "run":
            self._emit(StateChanged(run_id, "running"))
        return wish

    def _set_state(self, run_id: str, state: RunState, message: str = "") -> None:
        with self._changed:
            self._unwritten[run_id] = (state, message)
            for known, (wanted, words) in list(self._unwritten.items()):
                try:
                    write_status(run_folder(self._workspace, known), wanted, message=words)
                    del self._unwritten[known]
                except EngineError as error:
                    # A full disk must not end the thread that the other runs wait for.
                    _log.warning("The state of run %s is not on the disk: %s", known, error)
        self._emit(StateChanged(run_id, state, message))

    def _emit(self, event: Event) -> None:
        if isinstance(event, DegradationWarning) and event.pauses:
            with self._changed:
                if self._current == event.run_id and self._wish == "run":
                    self._wish = "pause"
        try:
            self._listener(event)
        except Exception:
            _log.exception("A listener of the training queue failed")
