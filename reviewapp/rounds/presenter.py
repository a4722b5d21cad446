"""What the Rounds page shows and may do: a round goes from ratings to a new session; no widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from PySide6.QtCore import QObject, Signal

from engine.errors import EngineError
from engine.training.events import Progress, RunState
from reviewapp.browse.network_jobs import GenerateRequest, generate
from reviewapp.context import AppContext
from reviewapp.rounds.pair_images import PairImages, draw_pairs
from reviewapp.rounds.round_ratings import (
    RoundPlan,
    RoundRatings,
    child_config,
    log_training,
    read_round_ratings,
)
from reviewapp.rounds.timeline import TimelineRow, load_timeline
from reviewapp.study.errors import StudyError
from reviewapp.study.feedback_ratings import Permission
from reviewapp.study.feedback_rounds import (
    DrawnBatch,
    FeedbackRound,
    begin_round,
    images_needed,
    lineage,
    next_protocol,
    save_round,
)
from reviewapp.study.model import Study
from reviewapp.study.protocol import Protocol
from reviewapp.tasks import Task, Work
from reviewapp.training.blinded_feedback import shown_message

if TYPE_CHECKING:
    from engine.training.config import TrainConfig
    from engine.training.runs import RunSummary

_Made = TypeVar("_Made")

#: what the page asks for or shows: the numbers of the steps are 0 ratings, 1 train, 2 draw, 3 study
View = Literal["begin", "ratings", "plan", "training", "draw", "study"]
STEP_OF_VIEW: dict[View, int] = {
    "begin": 0,
    "ratings": 0,
    "plan": 1,
    "training": 1,
    "draw": 2,
    "study": 3,
}


@dataclass(frozen=True, slots=True)
class StudyOffer:
    """A study that a first round can begin with, and the runs whose images it shows."""

    study: Study
    permission: Permission
    runs: tuple[RunSummary, ...]


class RoundsPresenter(QObject):
    """Keeps the timeline, the chosen round and its ratings; every long step is a task or a job.

    ``changed`` when anything on show is another one, ``progressed`` with the training's progress,
    ``pairs_changed`` with `PairImages` or None, ``working`` with a `Task` to follow, ``failed``
    with a sentence. Ratings are kept only until a round begins, another one is chosen, or a reading
    session starts: a reader's window must not hold the truth.
    """

    changed = Signal()
    progressed = Signal(object)
    pairs_changed = Signal(object)
    working = Signal(Task)
    failed = Signal(str)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.rows: list[TimelineRow] = []
        self.loaded = False
        self.number: int | None = None
        self.ratings: RoundRatings | None = None
        self.progress: Progress | None = None
        self.pairs: PairImages | None = None
        self._planning = False
        self._beginning = False
        self._task: Task | None = None
        self._pair_task: Task | None = None
        self._refreshing = False
        self._refresh_again = False
        self._wanted: int | None = None
        self._closed = False
        context.studies_changed.connect(self.refresh)
        context.runs_changed.connect(self.refresh)
        context.focus_mode.connect(self._forget_in_session)
        context.training.state_changed.connect(self._change_state)
        context.training.progress.connect(self._take_progress)

    def close(self) -> None:
        """Start nothing any more, whatever tasks still bring; forget the ratings."""
        self._closed = True
        self._forget_ratings()

    # What is shown

    @property
    def selected(self) -> TimelineRow | None:
        """The chosen round."""
        return next((row for row in self.rows if row.number == self.number), None)

    @property
    def view(self) -> View:
        """What the chosen round needs, or what the user went to."""
        row = self.selected
        if row is None or self._beginning:
            return "begin"
        if row.stage == "ratings":
            return "plan" if self._planning and self.ratings is not None else "ratings"
        return "training" if row.stage == "train" else row.stage

    def run_message(self) -> str:
        """Why the chosen round's run stands where it does, without a blinded study's results."""
        row, context = self.selected, self._context
        if row is None or row.run is None:
            return ""
        run = row.run
        return self._try(partial(shown_message, context.store, context.workspace, run)) or ""

    def next_number(self) -> int:
        """The number that the next round will have."""
        return max((row.number for row in self.rows), default=-1) + 1

    def round_text(self) -> str:
        """Which round the steps on show lead to, or belong to."""
        row = self.selected
        if row is None or self.view == "begin":
            return ""
        if row.stage == "ratings":
            return f"Towards round {self.next_number()}, from round {row.number}"
        return row.title

    @property
    def busy(self) -> bool:
        """Whether a step is being worked on in the background."""
        return self._task is not None

    def study(self) -> Study | None:
        """The study of the chosen round, or of the one it is based on while it has none."""
        row = self.selected
        if row is None:
            return None
        for one in lineage([r.round for r in self.rows], row.number):
            if one.study_id:
                return self._try(partial(self._context.store.study, one.study_id))
        return None

    def reader_lines(self) -> list[str]:
        """Who has rated the chosen round, how far, and whether the ratings may train."""
        row = self.selected
        if row is None or not row.round.study_id:
            return []
        names = {reader.reader_id: reader.name for reader in self._context.store.readers()}
        lines = []
        for session in self._context.store.sessions(row.round.study_id):
            who = names.get(session.reader_id) or session.reader_id
            if session.finished_at is None:
                fate = "counts in the next round" if session.consented else "not used so far"
                lines.append(f"{who}: {session.n_answered} of {session.n_trials} answered, {fate}")
            elif session.consented:
                lines.append(f"{who}: finished and agrees – used")
            else:
                lines.append(f"{who}: finished, does not agree to training – not used")
        return lines

    def studies_to_begin_with(self) -> list[StudyOffer]:
        """Studies that no round has, newest first, with runs of this workspace behind them."""
        used = {row.round.study_id for row in self.rows}
        runs = [run for run in self._context.training.runs() if run.step > 0]
        offers = []
        for study in sorted(self._context.store.studies(), key=lambda s: s.created_at):
            if study.study_id in used:
                continue
            protocol = study.protocol
            shown = tuple(
                run
                for run in runs
                if run.config.dataset in protocol.datasets
                and (not protocol.runs or run.run_id in protocol.runs)
            )
            if shown:
                sessions = self._context.store.sessions(study.study_id)
                offers.append(StudyOffer(study, Permission.of(sessions), shown))
        return offers[::-1]

    def next_protocol(self) -> Protocol | None:
        """The protocol of the study that the chosen round is about to get."""
        row, study = self.selected, self.study()
        return None if row is None or study is None else next_protocol(study, row.round)

    def batch_to_draw(self) -> DrawnBatch:
        """As many images as the next study shows; a round always proposes the same seed."""
        row, protocol = self.selected, self.next_protocol()
        n = 24 if protocol is None else images_needed(protocol)
        return DrawnBatch(n=n, seed=0 if row is None else row.number)

    def study_name(self) -> str:
        """A name for the next study that none has yet."""
        row = self.selected
        taken = {study.name for study in self._context.store.studies()}
        name = proposed = f"Round {row.number if row is not None else 0}"
        number = 2
        while proposed in taken:
            proposed = f"{name} ({number})"
            number += 1
        return proposed

    # Choosing

    def refresh(self) -> None:
        """Read the rounds again in the background; a call meanwhile is done afterwards."""
        if self._refreshing:
            self._refresh_again = True
            return
        self._refreshing = True
        store, workspace = self._context.store, self._context.workspace
        task = self._context.tasks.prepare(
            "Reading the rounds", lambda *_: load_timeline(store, workspace)
        )
        task.succeeded.connect(self._take_rows)
        task.failed.connect(self.failed)
        task.ended.connect(self._end_refresh)
        self._context.tasks.launch(task)

    def select(self, number: int) -> None:
        """Choose a round to look at and to go on from."""
        if number == self.number and not self._beginning:
            return
        self.number = number
        self._beginning = False
        self._forget_ratings()
        self.progress = None
        self.changed.emit()
        self._draw_pairs()

    def show_begin(self, beginning: bool = True) -> None:
        """Offer to begin with another study, or go back to the chosen round."""
        self._beginning = beginning
        self._forget_ratings()
        self.changed.emit()

    def show_study(self, study_id: str) -> None:
        """Choose the round that has this study; without one, offer to begin with it."""
        for row in self.rows:
            if row.round.study_id == study_id:
                self.select(row.number)
                return
        self.show_begin()

    def show_plan(self, planning: bool) -> None:
        """Go on to the settings of the training, or back to the ratings."""
        self._planning = planning and self.ratings is not None
        self.changed.emit()

    # Steps

    def begin(self, study_id: str, run: RunSummary) -> None:
        """Make a first round of a study and one of the runs whose images it shows."""
        made = self._try(
            lambda: begin_round(
                self._context.workspace, run.config.dataset, run.run_id, study_id=study_id
            )
        )
        if made is not None:
            self._go_to(made)

    def read_ratings(self, passphrase: str | None = None, *, with_earlier: bool = True) -> None:
        """Read what readers let train; ``passphrase`` opens a study that is still blinded."""
        row = self.selected
        if row is None or self.busy:
            return
        descent = lineage([r.round for r in self.rows], row.number)
        descent = descent if with_earlier else descent[:1]
        store, workspace = self._context.store, self._context.workspace
        self._run(
            "Reading the ratings",
            lambda progress, cancelled: read_round_ratings(
                store, workspace, descent, passphrase, progress, cancelled
            ),
            self._take_ratings,
        )

    def start(self, plan: RoundPlan) -> None:
        """Freeze the ratings and queue the child run; a new round begins with it."""
        given = self.ratings
        if given is None or self.busy:
            return
        workspace = self._context.workspace
        self._run(
            "Freezing the ratings",
            lambda *_: child_config(workspace, given, plan),
            lambda config: self._submit(given, config),
        )

    def draw(self, batch: DrawnBatch) -> None:
        """Draw the chosen round's images; the same seed again adds only what is missing."""
        row = self.selected
        if row is None or self.busy:
            return
        one = row.round
        workspace, store = self._context.workspace, self._context.store
        request = GenerateRequest(one.run_id, batch.n, batch.seed)
        self._run(
            "Drawing new images",
            lambda progress, cancelled: generate(workspace, store, request, progress, cancelled),
            lambda _: self._keep(one.model_copy(update={"batch": batch}), library=True),
        )

    def make_study(self, name: str, passphrase: str) -> None:
        """Make the blinded study of the chosen round's images, by the protocol as before."""
        row, protocol = self.selected, self.next_protocol()
        if row is None or protocol is None or self.busy:
            return
        one, store = row.round, self._context.store
        self._run(
            f"Setting up “{name.strip()}”",
            lambda progress, cancelled: store.create_study(
                name.strip(), protocol, passphrase, progress=progress, cancelled=cancelled
            ),
            lambda study: self._keep(
                one.model_copy(update={"study_id": study.study_id}), studies=True
            ),
        )

    def pause(self) -> None:
        """Hold the child run after a checkpoint."""
        self._steer(self._context.training.pause)

    def resume(self) -> None:
        """Let the child run go on."""
        self._steer(self._context.training.resume)

    def cancel_training(self) -> None:
        """End the child run; it can be resumed after all."""
        self._steer(self._context.training.cancel)

    def _steer(self, request: Callable[[str], None]) -> None:
        row = self.selected
        if row is not None:
            self._try(lambda: request(row.round.run_id))

    # Results of tasks

    def _take_rows(self, rows: list[TimelineRow]) -> None:
        self.rows = rows
        self.loaded = True
        numbers = [row.number for row in rows]
        before = self.number
        if self._wanted in numbers:
            self.number, self._wanted = self._wanted, None
        elif self.number not in numbers:
            self.number = numbers[-1] if numbers else None
        if self.number != before:
            self._forget_ratings()
        self.changed.emit()
        self._draw_pairs()

    def _end_refresh(self) -> None:
        self._refreshing = False
        if self._refresh_again:
            self._refresh_again = False
            self.refresh()

    def _take_ratings(self, ratings: RoundRatings) -> None:
        if self.number == ratings.base.number:
            self.ratings = ratings
            self.changed.emit()

    def _submit(self, given: RoundRatings, config: TrainConfig) -> None:
        run_id = self._try(lambda: self._context.training.submit(config))
        if run_id is None:
            return
        self._try(lambda: log_training(self._context.store, given, config, run_id))
        base = given.base
        made = self._try(
            lambda: begin_round(self._context.workspace, base.dataset, run_id, based_on=base.number)
        )
        if made is not None:
            self._go_to(made)
        self._context.runs_changed.emit()

    def _go_to(self, made: FeedbackRound) -> None:
        self._forget_ratings()
        self._beginning = False
        self._wanted = made.number
        self.refresh()

    def _keep(
        self, changed: FeedbackRound, *, library: bool = False, studies: bool = False
    ) -> None:
        if self._try(lambda: save_round(self._context.workspace, changed)) is None:
            return
        self.refresh()
        if library:
            self._context.library_changed.emit()
        if studies:
            self._context.studies_changed.emit()

    def _draw_pairs(self) -> None:
        row = self.selected
        child = "" if row is None or row.run is None or row.run.step == 0 else row.round.run_id
        if row is None or row.run is None or row.run.config.parent is None or not child:
            self._take_pairs(None)
            return
        if self.pairs is not None and self.pairs.child_run_id == child and row.stage != "train":
            return
        if self._pair_task is not None and not self._pair_task.has_ended:
            self._pair_task.cancel()
        workspace = self._context.workspace
        task = self._context.tasks.prepare(
            "Drawing from the same starting points",
            lambda progress, cancelled: draw_pairs(workspace, child, progress, cancelled),
        )
        task.succeeded.connect(self._take_pairs)
        task.failed.connect(self._lack_pairs)
        self._pair_task = self._context.tasks.launch(task)

    def _take_pairs(self, pairs: PairImages | None) -> None:
        row = self.selected
        if pairs is not None and (row is None or row.round.run_id != pairs.child_run_id):
            return
        self.pairs = pairs
        self.pairs_changed.emit(pairs)

    def _lack_pairs(self, _reason: str) -> None:
        # A parent whose checkpoint is gone takes nothing from the round but this view.
        self._take_pairs(None)

    # Events

    def _change_state(self, run_id: str, state: RunState, _message: str) -> None:
        if any(row.round.run_id == run_id for row in self.rows):
            if state == "finished":
                self.pairs = None
            self.refresh()

    def _take_progress(self, progress: Progress) -> None:
        row = self.selected
        if row is not None and row.round.run_id == progress.run_id:
            self.progress = progress
            self.progressed.emit(progress)

    def _forget_ratings(self) -> None:
        self.ratings = None
        self._planning = False

    def _forget_in_session(self, in_session: bool) -> None:
        if in_session and self.ratings is not None:
            self._forget_ratings()
            self.changed.emit()

    def _run(self, title: str, work: Work, take: Callable[..., None]) -> None:
        task = self._context.tasks.prepare(title, work)
        self._task = task
        # First, so that whoever hears of the result finds the next step open.
        for over in (task.succeeded, task.failed, task.cancelled):
            over.connect(self._end_step)
        task.succeeded.connect(lambda result: None if self._closed else take(result))
        task.failed.connect(self.failed)
        task.ended.connect(self.changed)
        self._context.tasks.launch(task)
        self.working.emit(task)
        self.changed.emit()

    def _end_step(self, *_: object) -> None:
        self._task = None

    def _try(self, action: Callable[[], _Made]) -> _Made | None:
        try:
            return action()
        except (EngineError, StudyError) as error:
            self.failed.emit(str(error))
            return None
