"""The facts of a run, as names and values, and what a feedback run has learnt from."""

from __future__ import annotations

from engine.workspace import Workspace
from reviewapp.browse.image_words import dataset_title
from reviewapp.study.store import StudyStore
from reviewapp.training.blinded_feedback import learns_blinded
from reviewapp.training.rating_counts import RatingCounts
from reviewapp.training.run_model import started_text
from reviewapp.training.run_row import RunRow

_DEVICES = {"auto": "GPU if there is one", "cpu": "CPU", "cuda": "GPU (CUDA)"}


def run_facts(row: RunRow) -> list[tuple[str, str]]:
    """Name and value of a run's settings, the most telling first."""
    config = row.config
    facts = [
        ("Variant", config.variant),
        ("Data set", dataset_title(config.dataset)),
        ("Image size", f"{config.size} × {config.size} px"),
        ("Begun", started_text(row.created_at)),
        ("Steps", f"{config.steps:,}, {config.batch_size} images each"),
        ("Last saved", f"step {row.saved_step:,}" if row.saved_step else "not yet"),
        ("Seed", str(config.seed)),
        ("Device", f"{_DEVICES[config.device]}, {config.precision}"),
    ]
    facts += [(name, str(value)) for name, value in sorted(config.options.items())]
    return facts


def ratings_used(store: StudyStore, workspace: Workspace, row: RunRow) -> str:
    """What a feedback run's pinned ratings say, "" for a run without feedback.

    While a study that they come from is blinded, that is only how many there are. Raises
    `FeedbackError` when the ratings were altered.
    """
    from engine.feedback.snapshot import load_snapshot
    from engine.training.runs import run_folder

    feedback = row.config.feedback
    if feedback is None:
        return ""
    path = run_folder(workspace, row.run_id).ratings
    ratings = load_snapshot(path, feedback.snapshot_sha256).ratings
    counts = RatingCounts.of(ratings)
    if not learns_blinded(store, workspace, row):
        return counts.text()
    return f"{counts.blinded_text()} (of a study that is still blinded)"
