"""What a feedback round can start from, and the child run's settings; for background threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import FeedbackError
from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.study.store import StudyStore
from reviewapp.training.rating_counts import RatingCounts

if TYPE_CHECKING:
    from engine.feedback.snapshot import FeedbackRating
    from engine.training.config import TrainConfig
    from engine.training.runs import RunSummary


@dataclass(frozen=True, slots=True)
class Strength:
    """How much the ratings weigh; see `engine.training.config.FeedbackConfig`."""

    title: str
    negative_weight: float
    real_weight: float


STRENGTHS = (
    Strength("Gentle – recognised images count half as much as new ones", 0.5, 1.0),
    Strength("Normal – recognised images count as much as new ones", 1.0, 2.0),
    Strength("Strong – recognised images count twice as much as new ones", 2.0, 4.0),
)


@dataclass(frozen=True, slots=True)
class FeedbackRequest:
    """Which run trains on, for how many steps, and how much the ratings weigh."""

    parent_run_id: str
    steps: int
    strength: Strength


@dataclass(frozen=True, slots=True)
class RoundChoices:
    """A study's usable ratings, what they say, and the runs that can learn from them."""

    ratings: tuple[FeedbackRating, ...]
    counts: RatingCounts
    parents: tuple[RunSummary, ...]


def load_round(
    store: StudyStore,
    workspace: Workspace,
    study_id: str,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> RoundChoices:
    """Read the ratings and find the runs whose images were in the study; imports torch.

    Raises `BlindingError` or `StudyError` where there are no usable ratings, `FeedbackError` where
    no run can learn from them, and `Cancelled`.
    """
    from engine.gans.registry import variants
    from engine.training.runs import list_runs
    from reviewapp.study.feedback_ratings import feedback_ratings

    progress(0, 0, "")
    ratings = tuple(feedback_ratings(store, study_id))
    raise_if_cancelled(cancelled)
    drawn_by = {truth.run_id for truth in store.truth(study_id).values() if truth.run_id}
    able = {name for name, variant in variants().items() if variant.accepts_feedback}
    raise_if_cancelled(cancelled)
    parents = tuple(
        run
        for run in list_runs(workspace)
        if run.run_id in drawn_by and run.step > 0 and run.config.variant in able
    )
    if not parents:
        raise FeedbackError(
            "None of the runs whose images were rated can learn from ratings: their checkpoints "
            f"are gone, or they are of another variant than {', '.join(sorted(able))}. "
            "Make a study with images of such a run."
        )
    return RoundChoices(ratings, RatingCounts.of(ratings), parents)


def child_config(
    workspace: Workspace, ratings: tuple[FeedbackRating, ...], request: FeedbackRequest
) -> TrainConfig:
    """Freeze the ratings and make the child run's settings; raises the engine's errors."""
    from engine.feedback.rounds import start_config

    return start_config(
        workspace,
        request.parent_run_id,
        ratings,
        steps=request.steps,
        negative_weight=request.strength.negative_weight,
        real_weight=request.strength.real_weight,
    )
