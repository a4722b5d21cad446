"""Which study the Results page shows, and its analysis in the background; no widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.progress import CancelCheck, ProgressReport
from reviewapp.context import AppContext
from reviewapp.study.analysis.study_analysis import MARGIN
from reviewapp.study.model import SessionInfo, Study
from reviewapp.tasks import Task

if TYPE_CHECKING:
    from reviewapp.results.study_view import StudyView

#: percentage points from 50 % that count as guessing at first
MARGIN_POINTS = 100 * MARGIN
#: typing or turning the margin starts one analysis, not one for every step
_SETTLE_MS = 400

_State = tuple[Study, tuple[SessionInfo, ...], float]


class ResultsPresenter(QObject):
    """Keeps the list of studies and the chosen one's `StudyView`.

    ``studies_changed`` when the list was read anew; ``started`` with every analysis (a `Task`);
    ``shown`` when `view` has changed, also to None; ``stopped`` and ``failed`` when there will be
    none. A study chosen meanwhile drops the analysis of the one before.
    """

    studies_changed = Signal()
    started = Signal(object)
    shown = Signal()
    stopped = Signal()
    failed = Signal(str)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._task: Task | None = None
        #: what the view, or the analysis under way, was made from
        self._made_from: _State | None = None
        self.studies: list[Study] = []
        self.study_id = ""
        self.margin_points = MARGIN_POINTS
        self.view: StudyView | None = None
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._update)
        context.studies_changed.connect(self.forget)

    def refresh(self) -> None:
        """Read the studies again; what has changed of the chosen one is analysed again."""
        self.studies = sorted(
            self._context.store.studies(), key=lambda s: s.created_at, reverse=True
        )
        ids = [study.study_id for study in self.studies]
        if self.study_id not in ids:
            self._choose(ids[0] if ids else "")
        self.studies_changed.emit()
        self._update()

    def choose(self, study_id: str) -> None:
        """Show another study."""
        if study_id != self.study_id:
            self._choose(study_id)
            self._update()

    def set_margin(self, points: float) -> None:
        """Take ``points`` from 50 % as still guessing; analysed once the value has settled."""
        if points != self.margin_points:
            self.margin_points = points
            self._settle.start()

    def forget(self) -> None:
        """Ratings may have changed: analyse again at the next refresh."""
        self._made_from = None

    def analyse_again(self) -> None:
        """Analyse the chosen study anew."""
        self.forget()
        self._update()

    def _choose(self, study_id: str) -> None:
        self._drop_task()
        self.study_id = study_id
        self.view = None
        self._made_from = None
        self.shown.emit()

    def _update(self) -> None:
        self._settle.stop()
        study_id, store = self.study_id, self._context.store
        if not study_id:
            return
        margin = self.margin_points / 100
        state = (store.study(study_id), tuple(store.sessions(study_id)), margin)
        if state == self._made_from:
            return
        self._drop_task()
        self._made_from = state

        def work(progress: ProgressReport, cancelled: CancelCheck) -> StudyView:
            # scipy is imported here, beside the UI thread.
            from reviewapp.results.study_view import view_study

            return view_study(store, study_id, margin, progress, cancelled)

        task = self._context.tasks.prepare("Analysing the study", work)
        task.succeeded.connect(self._take)
        task.failed.connect(self._fail)
        task.cancelled.connect(self._stop)
        self._task = task
        self.started.emit(task)
        self._context.tasks.launch(task)

    def _drop_task(self) -> None:
        if self._task is not None:
            # It stays connected; what it still says is told by its sender and passed over.
            self._task.cancel()
            self._task = None

    def _take(self, view: StudyView) -> None:
        if self.sender() is self._task:
            self._task = None
            self.view = view
            self.shown.emit()

    def _fail(self, message: str) -> None:
        if self.sender() is self._task:
            self._task = self._made_from = None
            self.failed.emit(message)

    def _stop(self) -> None:
        if self.sender() is self._task:
            self._task = self._made_from = None
            self.stopped.emit()
