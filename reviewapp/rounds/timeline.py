"""The rounds of a workspace side by side: what readers and the engine measured; no widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.training.events import RunState
from engine.workspace import Workspace
from reviewapp.results.result_words import interval_text, value_text
from reviewapp.rounds.run_measures import Measured, RunMeasures, read_run_measures
from reviewapp.study.errors import StoreError
from reviewapp.study.feedback_rounds import FeedbackRound, Stage, list_rounds
from reviewapp.study.round_measures import RoundMeasures, round_measures
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.store import StudyStore
from reviewapp.training.run_words import STATE_WORDS

if TYPE_CHECKING:
    from engine.training.runs import RunSummary

COLUMNS = (
    *("Round", "Generator", "Fool rate", "d′", "Marks"),
    *("Distance", "Diversity", "Warnings", "State"),
)
#: column of the fool rate, which the chart shows too
FOOL_RATE = 2
_NO_STUDY = NotEstimable("Its images have not been rated yet.")
_NOTHING = "–"
_METHOD_TITLES = {
    "reweighting": "reweighting",
    "critic": "critic",
    "region": "regions",
    "class_labels": "classes",
}


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One round with all that is known of it; ``run`` is None where its folder is gone."""

    round: FeedbackRound
    run: RunSummary | None
    readers: RoundMeasures
    engine: RunMeasures
    study_name: str
    blinded: bool

    @property
    def number(self) -> int:
        """The round's number."""
        return self.round.number

    @property
    def run_state(self) -> RunState | None:
        """How its run stands."""
        return None if self.run is None else self.run.state

    @property
    def stage(self) -> Stage:
        """What the round needs next."""
        return self.round.stage(self.run_state)

    @property
    def title(self) -> str:
        """'Round 2, from round 1'."""
        base = self.round.based_on
        return f"Round {self.number}" + ("" if base is None else f", from round {base}")

    def cells(self) -> tuple[str, ...]:
        """The texts of `COLUMNS`."""
        base, readers = self.round.based_on, self.readers
        return (
            str(self.number) if base is None else f"{self.number} ← {base}",
            self.generator_text(),
            "blinded" if self.blinded else _with_interval(readers.fool_rate),
            _value(readers.d_prime),
            _value(readers.marks_per_image),
            _number(self.engine.distance),
            _number(self.engine.diversity),
            ", ".join(self.engine.warnings) or _NOTHING,
            self.state_text(),
        )

    def explanations(self) -> tuple[str, ...]:
        """What each cell means or why it is empty, for `COLUMNS`."""
        readers = self.readers
        return (
            self.title,
            f"{self.round.run_id}. {self._snapshot_text()}",
            "Generated images taken for real. " + interval_text(readers.fool_rate, "percent"),
            "How well readers tell the two apart; 0 is guessing. "
            + interval_text(readers.d_prime, "plain"),
            "Regions that readers marked, for each generated image shown. "
            + interval_text(readers.marks_per_image, "plain"),
            _origin(self.engine.distance, "Not evaluated yet."),
            _origin(self.engine.diversity, "Not evaluated yet."),
            "; ".join(self.engine.warnings) or "The degradation guard has not warned.",
            f"{self.state_text()}. " + (f"Rated in “{self.study_name}”" if self.study_name else ""),
        )

    def generator_text(self) -> str:
        """The kind of generator and the ways of feedback that taught it."""
        if self.run is None:
            return self.round.run_id
        feedback = self.run.config.feedback
        if feedback is None:
            return self.run.config.variant
        ways = (_METHOD_TITLES.get(method, method) for method in feedback.methods)
        return " + ".join((self.run.config.variant, *ways))

    def state_text(self) -> str:
        """Where the round stands."""
        if self.stage == "ratings":
            if not self.readers.n_sessions:
                return "No reader yet"
            return f"{self.readers.n_finished}/{self.readers.n_sessions} finished"
        if self.stage == "train":
            state = self.run_state
            return "Its run is gone" if state is None else STATE_WORDS[state]
        return "Trained" if self.stage == "draw" else "Images drawn"

    def _snapshot_text(self) -> str:
        feedback = None if self.run is None else self.run.config.feedback
        if feedback is None:
            return "Trained without ratings"
        return f"Ratings' hash {feedback.snapshot_sha256[:16]}…"


def load_timeline(store: StudyStore, workspace: Workspace) -> list[TimelineRow]:
    """All rounds by number; raises `StudyError` where they cannot be read."""
    from engine.training.runs import list_runs

    runs = {run.run_id: run for run in list_runs(workspace)}
    return [_row(store, workspace, one, runs) for one in list_rounds(workspace)]


def fool_rates(rows: list[TimelineRow]) -> list[tuple[int, Estimate]]:
    """Round numbers with their fool rates, where there are any."""
    return [
        (row.number, row.readers.fool_rate)
        for row in rows
        if isinstance(row.readers.fool_rate, Estimate)
    ]


def _row(
    store: StudyStore, workspace: Workspace, one: FeedbackRound, runs: Mapping[str, RunSummary]
) -> TimelineRow:
    readers, name, blinded = RoundMeasures.none(_NO_STUDY), "", False
    if one.study_id:
        try:
            study = store.study(one.study_id)
            name, blinded = study.name, study.blinded
            readers = round_measures(store, study, one.run_id)
        except StoreError as error:
            readers = RoundMeasures.none(NotEstimable(str(error)))
    measured = read_run_measures(workspace, one.run_id)
    return TimelineRow(one, runs.get(one.run_id), readers, measured, name, blinded)


def _value(result: Result) -> str:
    return _NOTHING if isinstance(result, NotEstimable) else value_text(result, "plain")


def _with_interval(result: Result) -> str:
    if isinstance(result, NotEstimable) or result.interval is None:
        return _NOTHING if isinstance(result, NotEstimable) else value_text(result, "percent")
    lower, upper = (round(100 * bound) for bound in result.interval)
    return f"{round(100 * result.value)} % ({lower}–{upper})"


def _number(measured: Measured | None) -> str:
    return _NOTHING if measured is None else f"{measured.value:.3g}"


def _origin(measured: Measured | None, missing: str) -> str:
    return missing if measured is None else f"{measured.label}. {measured.note}".rstrip(". ") + "."
