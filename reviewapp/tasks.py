"""Long work beside the UI thread: progress, cancel, and results as signals."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.errors import Cancelled, EngineError
from engine.out_of_memory import is_out_of_memory
from engine.progress import CancelCheck, ProgressReport
from reviewapp.garbage_collection import UiThreadCollection
from reviewapp.study.errors import StudyError

_log = logging.getLogger(__name__)

#: long work: called as ``work(progress, cancelled)`` in a thread of its own
Work = Callable[[ProgressReport, CancelCheck], Any]


class Task(QObject):
    """One piece of long work.

    Signals arrive on the thread that made the task. Exactly one of ``succeeded`` (the work's
    result), ``failed`` (a message for the user) and ``cancelled`` comes, then ``ended``.
    """

    progress = Signal(int, int, str)
    succeeded = Signal(object)
    failed = Signal(str)
    cancelled = Signal()
    ended = Signal()

    def __init__(self, title: str, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._work = work
        self._cancel = threading.Event()
        self._ended = threading.Event()
        # Not a daemon: killed at exit inside C++ code, a thread aborts the whole process.
        self._thread = threading.Thread(target=self._run, name=title)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask the work to stop at its next safe point."""
        self._cancel.set()

    @property
    def has_ended(self) -> bool:
        """Whether the work is over; the thread may still be on its way out."""
        return self._ended.is_set()

    def is_running(self) -> bool:
        """Whether the thread lives."""
        return self._thread.is_alive()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the thread; True when it has ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            result = self._work(self.progress.emit, self._cancel.is_set)
        except Cancelled:
            self.cancelled.emit()
        except (EngineError, StudyError) as error:
            self.failed.emit(str(error))
        except Exception as error:
            # Also of a fault of ours the page shows a sentence; the log keeps the traceback.
            _log.exception("%s failed", self.title)
            self.failed.emit(f"{self.title} failed{_words(error)}")
        else:
            self.succeeded.emit(result)
        finally:
            self._ended.set()
            self.ended.emit()


def _words(error: Exception) -> str:
    """What went wrong and what to do, as the end of a sentence."""
    if is_out_of_memory(error):
        return (
            ": there is not enough memory. Close other programs, or take fewer or smaller images "
            "at once, and try again."
        )
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return (
            f": {error.strerror}{where}. Check that the drive is connected and has free space, "
            "and that you may write there; then try again."
        )
    return f" unexpectedly: {type(error).__name__}: {error}"


class TaskRunner(QObject):
    """Starts tasks, keeps them alive while they run, and ends them all at shutdown."""

    started = Signal(Task)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks: list[Task] = []
        self._collection = UiThreadCollection(self)

    def prepare(self, title: str, work: Work) -> Task:
        """Make a task so that its signals can be connected before ``launch`` starts it."""
        return Task(title, work, self)

    def launch(self, task: Task) -> Task:
        """Start a prepared task."""
        self._tasks.append(task)
        # A bound method: Qt drops its pending calls with this object, a lambda's it would not.
        task.ended.connect(self._reap)
        task.start()
        self.started.emit(task)
        return task

    def running(self) -> list[Task]:
        """Tasks whose thread lives."""
        return [task for task in self._tasks if task.is_running()]

    def shutdown(self) -> None:
        """Cancel every task and wait until its thread has ended."""
        for task in list(self._tasks):
            task.cancel()
        for task in list(self._tasks):
            task.join()
        self._tasks.clear()
        self._collection.stop()

    def _reap(self) -> None:
        for task in [task for task in self._tasks if task.has_ended]:
            task.join()
            self._tasks.remove(task)
            task.deleteLater()
