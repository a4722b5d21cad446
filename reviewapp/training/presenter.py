"""What the Train page shows and may do, without widgets."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from engine.errors import EngineError
from engine.training.events import (
    CheckpointSaved,
    DegradationMeasured,
    Progress,
    RunState,
    SampleGrid,
)
from reviewapp.context import AppContext
from reviewapp.training.guard_history import GuardHistory
from reviewapp.training.loss_history import LossHistory
from reviewapp.training.run_model import RunModel
from reviewapp.training.run_row import RunRow


class TrainingPresenter(QObject):
    """Keeps the table of runs and the selected run's curves up to date.

    ``selected_changed`` comes when another run is selected, its state changed or it was saved,
    ``curves_changed``, ``guard_changed`` and ``samples_changed`` when it has new points, its guard
    has looked, or it has a new grid.
    """

    selected_changed = Signal()
    curves_changed = Signal()
    guard_changed = Signal()
    samples_changed = Signal(object)
    failed = Signal(str)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.model = RunModel(self)
        self.history = LossHistory()
        self.guard = GuardHistory(None)
        self._selected_id = ""
        bridge = context.training
        bridge.state_changed.connect(self._change_state)
        bridge.progress.connect(self._progress)
        bridge.samples.connect(self._samples)
        bridge.checkpoint.connect(self._checkpoint)
        bridge.degradation.connect(self._measured)

    @property
    def selected(self) -> RunRow | None:
        """The selected run."""
        return self.model.run(self._selected_id)

    def refresh(self) -> None:
        """Read the list of runs from their folders; live speeds are kept."""
        known = {row.run_id: row for row in self.model.rows()}
        rows = []
        for summary in self._context.training.runs():
            row = RunRow.of(summary)
            before = known.get(row.run_id)
            if before is not None and before.state == row.state == "running":
                # The folder is written at checkpoints only, events come more often.
                row = before
            rows.append(row)
        self.model.set_rows(rows)

    def select(self, run_id: str) -> None:
        """Show another run's details; "" shows none."""
        if run_id == self._selected_id:
            return
        self._selected_id = run_id
        self.history = LossHistory()
        selected = self.selected
        self.guard = GuardHistory(None if selected is None else selected.config.guard)
        if run_id:
            self._load_metrics(run_id)
            if self.guard.is_watched:
                self._load_guard(run_id)
        self.selected_changed.emit()

    def pause(self) -> None:
        """Hold the selected run."""
        if self.selected is not None and self.selected.can_pause:
            self._ask(self._context.training.pause)

    def resume(self) -> None:
        """Let the selected run go on."""
        if self.selected is not None and self.selected.can_resume:
            self._ask(self._context.training.resume)

    def cancel(self) -> None:
        """End the selected run."""
        if self.selected is not None and self.selected.can_cancel:
            self._ask(self._context.training.cancel)

    def _ask(self, request: Callable[[str], None]) -> None:
        try:
            request(self._selected_id)
        except EngineError as error:
            self.failed.emit(str(error))

    def _load_metrics(self, run_id: str) -> None:
        from engine.training.runs import read_metrics

        history, workspace = self.history, self._context.workspace
        task = self._context.tasks.prepare(
            "Reading the curves", lambda *_: read_metrics(workspace, run_id)
        )

        def take(metrics: dict[str, list[float]]) -> None:
            history.replace(metrics)
            # A closure is not disconnected when the page goes, as a method would be.
            if isValid(self) and history is self.history:
                self.curves_changed.emit()

        task.succeeded.connect(take)
        task.failed.connect(self.failed)
        self._context.tasks.launch(task)

    def _load_guard(self, run_id: str) -> None:
        guard, workspace = self.guard, self._context.workspace
        task = self._context.tasks.prepare(
            "Reading what the guard saw", lambda *_: guard.judged(workspace, run_id)
        )

        def take(judged: GuardHistory) -> None:
            if isValid(self) and guard is self.guard:
                judged.go_on_with(guard)
                self.guard = judged
                self.guard_changed.emit()

        task.succeeded.connect(take)
        task.failed.connect(self.failed)
        self._context.tasks.launch(task)

    def _measured(self, measured: DegradationMeasured) -> None:
        if measured.run_id == self._selected_id:
            self.guard.append(measured.step, measured.values)
            self.guard_changed.emit()

    def _change_state(self, run_id: str, state: RunState, message: str) -> None:
        row = self.model.run(run_id)
        if row is None:
            self.refresh()
        else:
            self.model.update_row(row.in_state(state, message))
        if run_id == self._selected_id:
            self.selected_changed.emit()

    def _progress(self, progress: Progress) -> None:
        row = self.model.run(progress.run_id)
        if row is None:
            return
        self.model.update_row(row.progressed(progress))
        if progress.run_id == self._selected_id:
            self.history.append(progress.step, progress.losses)
            self.curves_changed.emit()

    def _samples(self, grid: SampleGrid) -> None:
        if grid.run_id == self._selected_id:
            self.samples_changed.emit(grid)

    def _checkpoint(self, saved: CheckpointSaved) -> None:
        row = self.model.run(saved.run_id)
        if row is None:
            return
        self.model.update_row(row.with_checkpoint(saved.step))
        if saved.run_id == self._selected_id:
            self.selected_changed.emit()
