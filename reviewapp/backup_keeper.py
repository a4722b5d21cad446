"""Backs the open workspace's database up beside all else, and tells when that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.progress import CancelCheck, ProgressReport
from reviewapp.study.errors import DamagedDatabaseError
from reviewapp.tasks import TaskRunner, Work

if TYPE_CHECKING:
    from reviewapp.study.store import StudyStore


class BackupKeeper(QObject):
    """One backup at a time: after opening, if something has changed, and after each milestone.

    ``failed`` says why there is no new backup; ``damaged`` that the database's file is, whoever
    came upon it.
    """

    failed = Signal(str)
    damaged = Signal(str)
    ended = Signal()
    # Told on whatever thread it happens.
    _reached = Signal()
    _found = Signal(str)

    def __init__(self, store: StudyStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        # Its own, so that no page waits for it.
        self._tasks = TaskRunner(self)
        #: whether a backup or check is under way
        self.busy = False
        self._again = False
        self._reached.connect(self._back_up)
        self._found.connect(self.damaged)
        store.observe(self._reached.emit, lambda damage: self._found.emit(str(damage)))

    def check(self) -> None:
        """Back up what has changed since the last backup; else check that nothing is damaged."""
        if not self.busy:
            self._launch(self._store.check)

    def stop(self) -> None:
        """Break off what runs; what was backed up before stays."""
        self._store.observe(lambda: None, lambda _: None)
        self._tasks.shutdown()

    def _back_up(self) -> None:
        if self.busy:
            self._again = True
        else:
            self._launch(self._store.back_up)

    def _launch(self, work: Work) -> None:
        self.busy = True
        task = self._tasks.prepare("Backing up", _telling_damage(work))
        task.succeeded.connect(self._tell)
        task.failed.connect(self.failed)
        task.ended.connect(self._end)
        self._tasks.launch(task)

    def _tell(self, result: object) -> None:
        if isinstance(result, DamagedDatabaseError):
            self._found.emit(str(result))

    def _end(self) -> None:
        self.busy = False
        if self._again:
            self._again = False
            self._back_up()
        else:
            self.ended.emit()


def _telling_damage(work: Work) -> Work:
    """The same, with damage as its result: a page treats it otherwise than a full disk."""

    def checked(progress: ProgressReport, cancelled: CancelCheck) -> object:
        try:
            return work(progress, cancelled)
        except DamagedDatabaseError as error:
            return error

    return checked
