"""A feedback round: frozen ratings, a parent checkpoint and a configuration make a child run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import ValidationError

from engine.data.manifest import all_records
from engine.errors import ConfigError, FeedbackError
from engine.feedback.snapshot import FeedbackLabel, FeedbackRating, freeze_snapshot
from engine.training.config import FeedbackConfig, FeedbackMethod, TrainConfig, explained
from engine.training.runs import read_summary, run_folder
from engine.workspace import Workspace


def start_config(
    workspace: Workspace,
    parent_run_id: str,
    ratings: Iterable[FeedbackRating],
    *,
    labels: Iterable[FeedbackLabel] = (),
    methods: tuple[FeedbackMethod, ...] = ("reweighting",),
    steps: int | None = None,
    seed: int | None = None,
    **weights: float,
) -> TrainConfig:
    """The child run's settings: the parent's, its newest checkpoint, and the frozen ratings.

    Ratings of other data sets than the parent's are left out. ``steps`` None trains as long as the
    parent did; ``weights`` are those of `FeedbackConfig`. The snapshot is written to the
    workspace; the queue pins it in the child's folder. Raises `FeedbackError` when the ratings are
    empty, contradict each other or change nothing, `ConfigError` when the parent cannot use them
    in these ways, and `CheckpointError` when the parent has no checkpoint.
    """
    from engine.feedback.effect import effect_of
    from engine.gans.registry import variant_class
    from engine.training.checkpoint import list_checkpoints

    parent = read_summary(workspace, parent_run_id)
    variant = variant_class(parent.config.variant)
    for method in methods:
        if method not in variant.accepts_feedback:
            reason = variant.feedback_refusals.get(method, "it is not built into this generator")
            raise ConfigError(
                f"{parent.config.variant} cannot use the feedback '{method}': {reason}. Leave it "
                "out, or choose another parent run."
            )
    checkpoints = list_checkpoints(run_folder(workspace, parent_run_id).checkpoints)
    if not checkpoints:
        raise FeedbackError(
            f"The run {parent_run_id} has no checkpoint to start from. Train it first."
        )
    usable = _of_dataset(workspace, ratings, parent.config.dataset)
    snapshot = freeze_snapshot(workspace, usable, labels)
    feedback = _feedback(methods, weights, snapshot.sha256)
    effect_of(snapshot, feedback, checkpoints[-1].state.spec.class_names)
    changes = {
        "parent": checkpoints[-1].reference(parent_run_id),
        "feedback": feedback,
        "steps": parent.config.steps if steps is None else steps,
        "seed": parent.config.seed + 1 if seed is None else seed,
    }
    return TrainConfig.checked(**(parent.config.model_dump() | changes))


def _feedback(
    methods: tuple[FeedbackMethod, ...], weights: Mapping[str, float], sha256: str
) -> FeedbackConfig:
    try:
        return FeedbackConfig.model_validate(
            {"methods": methods, "snapshot_sha256": sha256, **weights}
        )
    except ValidationError as error:
        raise ConfigError(f"The feedback's settings do not fit: {explained(error)}.") from error


def _of_dataset(
    workspace: Workspace, ratings: Iterable[FeedbackRating], dataset: str
) -> list[FeedbackRating]:
    datasets = {record.record_id: record.dataset for record in all_records(workspace)}
    given = list(ratings)
    unknown = [rating.record_id for rating in given if rating.record_id not in datasets]
    if unknown:
        raise FeedbackError(
            f"{len(unknown)} rated images are no longer in the workspace, {unknown[0]} among them. "
            "Import the data set again, or restore the run that drew them."
        )
    usable = [rating for rating in given if datasets[rating.record_id] == dataset]
    if given and not usable:
        raise FeedbackError(
            f"None of the {len(given)} ratings is of the data set '{dataset}' that the parent run "
            "was trained on. Choose a parent run of the data set that was rated."
        )
    return usable
