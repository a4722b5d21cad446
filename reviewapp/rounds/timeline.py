"""The rounds of a workspace side by side: what readers and the engine measured; no widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.training.events import RunState
from engine.workspace import Workspace
from reviewapp.results.result_words import interval_text, value_text
from reviewapp.rounds.run_measures import RunMeasures, read_run_measures
from reviewapp.study.errors import StoreError
from reviewapp.study.feedback_rounds import FeedbackRound, Stage, list_rounds
from reviewapp.study.round_measures import RoundMeasures, round_measures
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.store import StudyStore
from reviewapp.training.blinded_feedback import learns_blinded
from reviewapp.training.run_words import STATE_WORDS

if TYPE_CHECKING:
    from engine.evaluation.evaluation_record import MetricRecord
    from engine.training.runs import RunSummary

COLUMNS = (
    *("Round", "Generator", "Fool rate", "d′", "Marks"),
    *("Judge", "Distance", "Diversity", "Warnings", "State"),
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
    #: whether a study that taught its generator is still blinded
    taught_blinded: bool = False

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
            self.judge_text(),
            _number(self.engine.distance),
            _number(self.engine.diversity),
            ", ".join(self.warnings) or _NOTHING,
            self.state_text(),
        )

    def explanations(self) -> tuple[str, ...]:
        """What each cell means or why it is empty, for `COLUMNS`."""
        readers = self.readers
        return (
            self.title,
            f"{self.generator_text()}. {self.round.run_id}. {self._snapshot_text()}",
            "Generated images taken for real. " + interval_text(readers.fool_rate, "percent"),
            "How well readers tell the two apart; 0 is guessing. "
            + interval_text(readers.d_prime, "plain"),
            "Regions that readers marked, for each generated image shown. "
            + interval_text(readers.marks_per_image, "plain"),
            self._judge_explanation(),
            _origin(self.engine.distance),
            _origin(self.engine.diversity),
            self._warning_explanation(),
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

    @property
    def warnings(self) -> tuple[str, ...]:
        """The names of the guard's warnings, each once, in the order in which they came."""
        return tuple(dict.fromkeys(found.name for found in self.engine.warnings))

    def judge_text(self) -> str:
        """What the judge makes of the images before and after the training, in per cent."""
        judged = self.engine.judged
        if judged is None or judged.judge is None or self.taught_blinded:
            return _NOTHING
        return _from_to(judged.judge)

    def _warning_explanation(self) -> str:
        # Of a blinded study's round the names alone: the figures may be the judge's.
        told = self.warnings if self.taught_blinded else [f.message for f in self.engine.warnings]
        return "\n".join(told) or "The degradation guard has not warned."

    def _judge_explanation(self) -> str:
        judged = self.engine.judged
        if judged is None:
            return "Held-out ratings judge a round that a realism critic teaches."
        if self.taught_blinded:
            return "Blinded: it would tell a result of the study that taught this round."
        critic = f"the critic that taught it, {_from_to(judged.critic)}"
        if judged.judge is None:
            return f"Too few held-out ratings for a judge; {critic}."
        return (
            f"Share of its images that a judge of held-out ratings takes for real, before and "
            f"after the training: {_from_to(judged.judge)}; {critic}. Where the critic rises and "
            "the judge falls, nothing was gained."
        )

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
    run = runs.get(one.run_id)
    measured, taught = RunMeasures(), False
    if run is not None:
        measured = read_run_measures(workspace, run)
        taught = learns_blinded(store, workspace, run)
    return TimelineRow(one, run, readers, measured, name, blinded, taught)


def _value(result: Result) -> str:
    return _NOTHING if isinstance(result, NotEstimable) else value_text(result, "plain")


def _with_interval(result: Result) -> str:
    if isinstance(result, NotEstimable) or result.interval is None:
        return _NOTHING if isinstance(result, NotEstimable) else value_text(result, "percent")
    lower, upper = (round(100 * bound) for bound in result.interval)
    return f"{round(100 * result.value)} % ({lower}–{upper})"


def _from_to(shares: tuple[float, float]) -> str:
    return f"{100 * shares[0]:.0f} → {100 * shares[1]:.0f} %"


def _number(measured: MetricRecord | None) -> str:
    return _NOTHING if measured is None else f"{measured.value:.3g}"


def _origin(measured: MetricRecord | None) -> str:
    if measured is None:
        return "Not measured yet; the page Evaluate does it."
    return f"{measured.label}. {measured.note}".rstrip(". ") + "."
