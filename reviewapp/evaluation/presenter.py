"""What the Evaluate page knows: evaluations beside fool rates, and evaluating anew; no widgets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from engine.progress import CancelCheck, ProgressReport
from engine.workspace import Workspace
from reviewapp.context import AppContext
from reviewapp.tasks import Task

if TYPE_CHECKING:
    from engine.evaluation.evaluation_record import Evaluation
    from engine.training.runs import RunSummary
    from reviewapp.evaluation.evaluation_section import EvaluationView
    from reviewapp.results.section import Section

_CHECKPOINT = re.compile(r"step-(\d{8,})")


@dataclass(frozen=True, slots=True)
class EvaluationRequest:
    """Which checkpoint to evaluate with how many images; ``ais_images`` 0 leaves AIS out.

    ``inception`` is a file of Inception-v3's weights, or "download" for the published one; None
    takes the encoder trained on the data set.
    """

    run_id: str
    step: int
    n: int
    ais_images: int = 0
    inception: Path | Literal["download"] | None = None


class EvaluationPresenter(QObject):
    """Reads in the background; ``shown`` when `view` has changed.

    ``started`` carries every `Task`; ``evaluated`` the finished `Evaluation`; ``failed`` a message.
    """

    started = Signal(object)
    shown = Signal()
    evaluated = Signal(object)
    failed = Signal(str)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._reading: Task | None = None
        self._read_again = False
        self._evaluating: Task | None = None
        self.view: EvaluationView | None = None
        self.chosen = 0

    @property
    def busy(self) -> bool:
        """Whether a checkpoint is being evaluated."""
        return self._evaluating is not None

    def refresh(self) -> None:
        """Read evaluations and ratings again; once more where that is under way already."""
        if self._reading is not None:
            self._read_again = True
            return
        workspace, store = self._context.workspace, self._context.store

        def work(_progress: ProgressReport, _cancelled: CancelCheck) -> EvaluationView:
            # scipy is imported here, beside the UI thread.
            from reviewapp.evaluation.evaluation_section import view_evaluations

            return view_evaluations(workspace, store)

        self._reading = self._context.tasks.prepare("Reading evaluations", work)
        self._reading.succeeded.connect(self._take_view)
        self._reading.failed.connect(self.failed)
        self._reading.ended.connect(self._end_reading)
        self._context.tasks.launch(self._reading)

    def choose(self, number: int) -> None:
        """Show the agreement of another metric."""
        if number != self.chosen:
            self.chosen = number
            self.shown.emit()

    def metric_titles(self) -> list[str]:
        """The metrics to choose from."""
        from reviewapp.evaluation.evaluation_section import metric_title

        agreements = self.view.agreements if self.view else ()
        several = len({agreement.dataset for agreement in agreements}) > 1
        return [metric_title(agreement, several) for agreement in agreements]

    def section(self) -> Section | None:
        """What to show; None where nothing was evaluated yet."""
        from reviewapp.evaluation.evaluation_section import section

        if self.view is None or self.view.empty:
            return None
        return section(self.view, self.chosen)

    def runs(self) -> list[tuple[RunSummary, list[int]]]:
        """Runs that can be evaluated, newest first, with the steps of their checkpoints."""
        from engine.training.runs import list_runs

        found = ((run, checkpoint_steps(self._context.workspace, run.run_id)) for run in
                 list_runs(self._context.workspace))  # fmt: skip
        return [(run, steps) for run, steps in found if steps]

    def evaluate(self, request: EvaluationRequest) -> None:
        """Evaluate a checkpoint in the background; one at a time."""
        if self._evaluating is not None:
            return
        workspace = self._context.workspace

        def work(progress: ProgressReport, cancelled: CancelCheck) -> Evaluation:
            from engine.evaluation.evaluate import evaluate
            from engine.evaluation.evaluation_record import EvaluationConfig

            config = EvaluationConfig(n=request.n, ais_images=request.ais_images)
            extractor = None
            if request.inception is not None:
                from engine.evaluation.inception_weights import (
                    download_inception,
                    load_inception,
                    weights_path,
                )

                path = request.inception
                if path == "download":
                    path = download_inception(
                        weights_path(workspace), progress=progress, cancelled=cancelled
                    )
                extractor = load_inception(path)
            return evaluate(
                workspace, request.run_id, step=request.step, config=config, extractor=extractor,
                progress=progress, cancelled=cancelled,
            )  # fmt: skip

        task = self._context.tasks.prepare(f"Evaluating {request.run_id}", work)
        task.succeeded.connect(self.evaluated)
        task.failed.connect(self.failed)
        task.ended.connect(self._end_evaluation)
        self._evaluating = task
        self.started.emit(task)
        self._context.tasks.launch(task)

    def _end_evaluation(self) -> None:
        self._evaluating = None
        self.refresh()

    def _end_reading(self) -> None:
        self._reading = None
        if self._read_again:
            self._read_again = False
            self.refresh()

    def _take_view(self, view: EvaluationView) -> None:
        self.view = view
        self.chosen = min(self.chosen, max(0, len(view.agreements) - 1))
        self.shown.emit()


def checkpoint_steps(workspace: Workspace, run_id: str) -> list[int]:
    """Steps of a run's checkpoints, newest first, without reading them."""
    folder = workspace.run_path(run_id) / "checkpoints"
    names = (_CHECKPOINT.fullmatch(path.name) for path in folder.glob("step-*"))
    return sorted((int(name[1]) for name in names if name), reverse=True)
