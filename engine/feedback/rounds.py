"""A feedback round: frozen ratings, a parent checkpoint and a configuration make a child run."""

from __future__ import annotations

from collections.abc import Iterable

from engine.data.manifest import all_records
from engine.errors import ConfigError, FeedbackError
from engine.feedback.reweighting import reweighting
from engine.feedback.snapshot import FeedbackRating, freeze_snapshot
from engine.training.config import FeedbackConfig, TrainConfig
from engine.training.runs import read_summary, run_folder
from engine.workspace import Workspace


def start_config(
    workspace: Workspace,
    parent_run_id: str,
    ratings: Iterable[FeedbackRating],
    *,
    steps: int | None = None,
    seed: int | None = None,
    negative_weight: float = 1.0,
    real_weight: float = 2.0,
) -> TrainConfig:
    """The child run's settings: the parent's, its newest checkpoint, and the frozen ratings.

    Ratings of other data sets than the parent's are left out. ``steps`` None trains as long as the
    parent did. The snapshot is written to the workspace; the
    queue pins it in the child's folder. Raises `FeedbackError` when the ratings are empty,
    contradict each other or change nothing, `ConfigError` when the parent cannot use them, and
    `CheckpointError` when the parent has no checkpoint.
    """
    from engine.gans.registry import accepting, variant_class
    from engine.training.checkpoint import list_checkpoints

    parent = read_summary(workspace, parent_run_id)
    if "reweighting" not in variant_class(parent.config.variant).accepts_feedback:
        raise ConfigError(
            f"{parent.config.variant} cannot learn from ratings. Choose a parent run that can "
            f"({accepting('reweighting')})."
        )
    checkpoints = list_checkpoints(run_folder(workspace, parent_run_id).checkpoints)
    if not checkpoints:
        raise FeedbackError(
            f"The run {parent_run_id} has no checkpoint to start from. Train it first."
        )
    usable = _of_dataset(workspace, ratings, parent.config.dataset)
    snapshot = freeze_snapshot(workspace, usable)
    feedback = FeedbackConfig(
        negative_weight=negative_weight,
        real_weight=real_weight,
        snapshot_sha256=snapshot.sha256,
    )
    reweighting(snapshot, feedback)
    changes = {
        "parent": checkpoints[-1].reference(parent_run_id),
        "feedback": feedback,
        "steps": parent.config.steps if steps is None else steps,
        "seed": parent.config.seed + 1 if seed is None else seed,
    }
    return TrainConfig.checked(**(parent.config.model_dump() | changes))


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
