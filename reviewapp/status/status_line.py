"""The status bar's permanent part: job, device, disk, workspace."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from engine.training.events import Progress, RunState
from reviewapp.context import AppContext
from reviewapp.status.compute_device import device_words
from reviewapp.status.disk_space import free_space, is_low, space_words
from reviewapp.status.job_words import JobWords
from reviewapp.tasks import TaskRunner
from reviewapp.theme.tokens import SPACE_L

_DISK_INTERVAL_MS = 15_000
_JOB_INTERVAL_MS = 1_000
#: the window comes first
_LOOK_AFTER_MS = 1_000


class StatusLine(QWidget):
    """Follows one workspace; texts that find no room are cut, and whole in their tool tips."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._folder = Path(context.workspace.root)
        self._words = JobWords()
        self.job = self._label("What is at work")
        self.device = self._label("What networks are trained on")
        self.disk = self._label("Room on the disk of the workspace")
        self.workspace = self._label("Workspace")
        self.workspace.setText(self._folder.name)
        self.workspace.setToolTip(str(self._folder))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_L)
        for label in (self.job, self.device, self.disk, self.workspace):
            layout.addWidget(label)
        context.training.state_changed.connect(self._note_state)
        context.training.progress.connect(self._note_progress)
        context.tasks.started.connect(self._tell_job)
        self._timers = [
            self._every(_DISK_INTERVAL_MS, self._tell_disk),
            self._every(_JOB_INTERVAL_MS, self._tell_job),
        ]
        self._tell_disk()
        self._tell_job()
        # A driver can take a second to answer. Not among the workspace's tasks, which are told.
        self._looking = TaskRunner(self)
        looking = self._looking.prepare("Looking for a graphics card", lambda *_: device_words())
        looking.succeeded.connect(self._tell_device)
        self._look_soon = QTimer(self)
        self._look_soon.setSingleShot(True)
        self._look_soon.setInterval(_LOOK_AFTER_MS)
        self._look_soon.timeout.connect(lambda: self._looking.launch(looking))
        self._look_soon.start()

    def stop(self) -> None:
        """The workspace closes."""
        for timer in (*self._timers, self._look_soon):
            timer.stop()
        self._looking.shutdown()

    def _label(self, name: str) -> QLabel:
        label = QLabel()
        label.setProperty("role", "secondary")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAccessibleName(name)
        label.setToolTip(name)
        label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        return label

    def _every(self, interval_ms: int, what: object) -> QTimer:
        timer = QTimer(self)
        timer.setInterval(interval_ms)
        timer.timeout.connect(what)
        timer.start()
        return timer

    def _note_state(self, run_id: str, state: RunState, _message: str) -> None:
        self._words.note_state(run_id, state)
        self._tell_job()

    def _note_progress(self, progress: Progress) -> None:
        self._words.note_progress(progress)

    def _tell_device(self, words: tuple[str, str]) -> None:
        short, long = words
        self.device.setText(short)
        self.device.setToolTip(long)

    def _tell_job(self) -> None:
        tasks = Counter(task.title for task in self._context.tasks.running())
        text = self._words.text(tasks)
        if text != self.job.text():
            self.job.setText(text)
            self.job.setToolTip(text or "Nothing is at work")

    def _tell_disk(self) -> None:
        free = free_space(self._folder)
        self.disk.setText(space_words(free))
        role = "error" if free is None or is_low(free) else "secondary"
        if self.disk.property("role") != role:
            self.disk.setProperty("role", role)
            self.disk.style().unpolish(self.disk)
            self.disk.style().polish(self.disk)
        self.disk.setToolTip(
            "Little room is left: imports and training may fail. Make room on this disk."
            if role == "error"
            else f"Room on the disk of {self._folder}"
        )
