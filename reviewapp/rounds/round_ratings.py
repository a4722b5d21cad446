"""What a round can learn from: usable ratings, how many judge it, and who can learn; no widgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import FeedbackError
from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.rounds.methods import MethodOffer, method_offers
from reviewapp.study.errors import StudyError
from reviewapp.study.feedback_ratings import feedback_labels, feedback_ratings
from reviewapp.study.feedback_rounds import FeedbackRound
from reviewapp.study.store import StudyStore
from reviewapp.training.rating_counts import RatingCounts

if TYPE_CHECKING:
    from engine.feedback.snapshot import FeedbackLabel, FeedbackRating
    from engine.training.config import FeedbackMethod, TrainConfig
    from engine.training.runs import RunSummary


@dataclass(frozen=True, slots=True)
class RoundRatings:
    """Ratings that readers let train, of one round or of it and those it descends from.

    ``blinded`` where any of them is of a blinded study: then only ``counts.blinded_text`` may be
    shown. ``critic`` tells whether a realism critic has enough to learn from, ``judge`` whether
    enough is held out to judge what it teaches. ``left_out`` says
    which earlier studies gave nothing, and why. ``parents`` are the runs that can train on, the
    round's own first, ``offers`` what each variant among them can use.
    """

    base: FeedbackRound
    ratings: tuple[FeedbackRating, ...]
    labels: tuple[FeedbackLabel, ...]
    counts: RatingCounts
    blinded: bool
    left_out: tuple[str, ...]
    critic: str
    judge: str
    parents: tuple[RunSummary, ...]
    offers: dict[str, tuple[MethodOffer, ...]]


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """Which run trains on, for how long, in which ways and how strongly."""

    parent_run_id: str
    steps: int
    methods: tuple[FeedbackMethod, ...]
    weights: dict[str, float]


def read_round_ratings(
    store: StudyStore,
    workspace: Workspace,
    descent: list[FeedbackRound],
    passphrase: str | None,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> RoundRatings:
    """The ratings of ``descent``: the round to go on from, then earlier ones to be used too.

    ``passphrase`` opens the blinded ones among them. An earlier study that gives nothing is left
    out and told. Raises `StudyError` where the round itself has no usable ratings, `FeedbackError`
    where no run can learn from them, and `Cancelled`.
    """
    base, *earlier = descent
    progress(0, 0, "Reading the ratings")
    ratings = feedback_ratings(store, base.study_id, passphrase)
    blinded = store.study(base.study_id).blinded
    left_out = []
    for one in earlier:
        raise_if_cancelled(cancelled)
        if one.dataset != base.dataset or not one.study_id:
            continue
        try:
            ratings += feedback_ratings(store, one.study_id, passphrase)
            blinded = blinded or store.study(one.study_id).blinded
        except StudyError as error:
            left_out.append(f"Round {one.number} is left out: {error}")
    labels = tuple(feedback_labels(store, base.dataset))
    progress(0, 0, "Looking up the generators")
    parents = _parents(store, workspace, descent)
    raise_if_cancelled(cancelled)
    offers = {name: method_offers(name) for name in {run.config.variant for run in parents}}
    return RoundRatings(
        base=base,
        ratings=tuple(ratings),
        labels=labels,
        counts=RatingCounts.of(ratings),
        blinded=blinded,
        left_out=tuple(left_out),
        critic=critic_text(ratings, blinded=blinded),
        judge=judge_text(ratings, blinded=blinded),
        parents=parents,
        offers=offers,
    )


def critic_text(ratings: Iterable[FeedbackRating], *, blinded: bool) -> str:
    """Whether the ratings suffice for a realism critic, in words; imports torch.

    Of a blinded study only what it needs: how many images passed for real is a result.
    """
    from engine.feedback.ordinal import FIRST_REAL
    from engine.feedback.realism_critic import LEAST_OF_EACH, LEAST_RATINGS

    needs = (
        f"A realism critic needs {LEAST_RATINGS} ratings of generated images, {LEAST_OF_EACH} of "
        f"them taken for real and {LEAST_OF_EACH} recognised"
    )
    if blinded:
        return f"{needs}; whether it learns enough to act shows when the training begins."
    taken = [
        rating.confidence >= FIRST_REAL
        for rating in ratings
        if rating.source == "generated" and not rating.held_out
    ]
    n_real = sum(taken)
    there = f"{len(taken)}, {n_real} and {len(taken) - n_real}"
    if len(taken) < LEAST_RATINGS or min(n_real, len(taken) - n_real) < LEAST_OF_EACH:
        return f"{needs}; there are {there}. Without them it would refuse."
    return (
        f"{needs}; there are {there}. When the training begins, cross-validation says whether it "
        "tells the two apart; it refuses where chance could give the same."
    )


def judge_text(ratings: Iterable[FeedbackRating], *, blinded: bool) -> str:
    """Whether enough is held out for a judge, and about how many ratings it still lacks; in words.

    Of a blinded study only what it needs. Imports torch.
    """
    from engine.feedback.held_out import HELD_OUT_FRACTION
    from engine.feedback.ordinal import FIRST_REAL
    from engine.feedback.realism_critic import LEAST_OF_EACH, LEAST_RATINGS

    needs = (
        f"A judge, which only looks on, needs as many of the ratings that are held out: about "
        f"{LEAST_RATINGS / HELD_OUT_FRACTION:.0f} ratings of generated images in all"
    )
    if blinded:
        return f"{needs}. Without a judge only the next session tells whether the round was a gain."
    held_out = [
        rating.confidence >= FIRST_REAL
        for rating in ratings
        if rating.source == "generated" and rating.held_out
    ]
    n_real = sum(held_out)
    lacking = max(
        LEAST_RATINGS - len(held_out),
        2 * (LEAST_OF_EACH - min(n_real, len(held_out) - n_real)),
    )
    there = f"{len(held_out)} are held out, {n_real} of them taken for real"
    if lacking > 0:
        more = _rounded_up(lacking / HELD_OUT_FRACTION)
        return (
            f"{needs}; {there}. About {more} more ratings of generated images are needed. Until "
            "then only the next session tells whether a round was a gain."
        )
    return f"{needs}; {there}. It refuses where chance could give the same."


def _rounded_up(number: float) -> int:
    return int(-(-number // 10) * 10)


def child_config(workspace: Workspace, given: RoundRatings, plan: RoundPlan) -> TrainConfig:
    """Freeze the ratings and make the child run's settings.

    Raises the engine's errors; of a blinded study without what they tell of its truth.
    """
    from engine.feedback.rounds import start_config

    try:
        return start_config(
            workspace,
            plan.parent_run_id,
            given.ratings,
            labels=given.labels if "class_labels" in plan.methods else (),
            methods=plan.methods,
            steps=plan.steps,
            **plan.weights,
        )
    except FeedbackError as error:
        if not given.blinded:
            raise
        raise FeedbackError(
            "These ratings cannot train this generator. The reason would tell a result of a study "
            "that is still blinded; unblind it to see why, or let more readers finish."
        ) from error


def log_training(store: StudyStore, given: RoundRatings, config: TrainConfig, run_id: str) -> None:
    """Note in each study's log, and so in the audit trail, that the run learns from its ratings."""
    assert config.feedback is not None, "a round's run learns from ratings"
    for study_id in sorted({rating.study_id for rating in given.ratings}):
        store.log_training(study_id, run_id, config.feedback.snapshot_sha256)


def _parents(
    store: StudyStore, workspace: Workspace, descent: list[FeedbackRound]
) -> tuple[RunSummary, ...]:
    """Runs whose images were rated and that have learnt something, the round's own first."""
    from engine.training.runs import list_runs

    base = descent[0]
    shown = {one.run_id for one in descent} | set(store.study(base.study_id).protocol.runs)
    able = [
        run
        for run in list_runs(workspace)
        if run.run_id in shown and run.step > 0 and run.config.dataset == base.dataset
    ]
    if not able:
        raise FeedbackError(
            "None of the runs whose images were rated can train on: their folders or checkpoints "
            "are gone. Make a study with images of a run of this workspace."
        )
    return tuple(sorted(able, key=lambda run: run.run_id != base.run_id))
