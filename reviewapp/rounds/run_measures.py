"""What the engine has measured of a run: distance, diversity, warnings, and its round's judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.degradation.config import GuardConfig
from engine.degradation.measurement import read_measurements
from engine.degradation.rules import Finding, all_warnings
from engine.errors import EngineError
from engine.evaluation.evaluation_record import (
    MetricRecord,
    evaluations_folder,
    read_evaluation,
)
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.feedback.judge import RoundScore
    from engine.training.runs import RunSummary

_DISTANCE, _DIVERSITY = "frechet_distance", "diversity"


@dataclass(frozen=True, slots=True)
class Judged:
    """Mean probabilities of being taken for real, of what a run drew at first and last.

    The critic learnt from the ratings that train, the ``judge`` from those held out; it is None
    where they did not suffice for one.
    """

    critic: tuple[float, float]
    judge: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class RunMeasures:
    """Of the newest evaluation and the whole course of a run; None where it was not measured."""

    distance: MetricRecord | None = None
    diversity: MetricRecord | None = None
    warnings: tuple[Finding, ...] = ()
    judged: Judged | None = None


def read_run_measures(workspace: Workspace, run: RunSummary) -> RunMeasures:
    """Read a run's evaluation, warnings and scores; what cannot be read counts as not measured."""
    try:
        metrics = _newest_metrics(workspace, run.run_id)
        guard = run.config.guard or GuardConfig()
        warnings = all_warnings(read_measurements(workspace, run.run_id), guard)
    except (EngineError, OSError, UnicodeDecodeError):
        return RunMeasures()
    return RunMeasures(
        metrics.get(_DISTANCE), metrics.get(_DIVERSITY), warnings, _judged(workspace, run.run_id)
    )


def _newest_metrics(workspace: Workspace, run_id: str) -> Mapping[str, MetricRecord]:
    folder = evaluations_folder(workspace, run_id)
    for path in sorted(folder.glob("step-*.json"), reverse=True):
        evaluation = read_evaluation(path)
        if evaluation is not None:
            return evaluation.metrics
    return {}


def _judged(workspace: Workspace, run_id: str) -> Judged | None:
    path = workspace.run_path(run_id) / "feedback.json"
    if not path.is_file():
        return None
    # torch, which the judge's module needs, is loaded only where there is something to read.
    from engine.feedback.judge import read_scores

    scores = read_scores(path)
    if not scores:
        return None
    first, last = scores[0], scores[-1]
    return Judged((first.critic, last.critic), _judge(first, last))


def _judge(first: RoundScore, last: RoundScore) -> tuple[float, float] | None:
    if first.judge is None or last.judge is None:
        return None
    return first.judge, last.judge
