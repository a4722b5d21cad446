"""The facts of a run, as names and values, and what a feedback run has learnt from."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import EngineError
from engine.workspace import Workspace
from reviewapp.browse.image_words import dataset_title
from reviewapp.training.run_model import started_text
from reviewapp.training.run_row import RunRow
from reviewapp.training.run_words import counted

_DEVICES = {"auto": "GPU if there is one", "cpu": "CPU", "cuda": "GPU (CUDA)"}


@dataclass(frozen=True, slots=True)
class FeedbackFacts:
    """What readers' ratings changed in a run; images are counted, each rated at least once."""

    n_ratings: int
    n_readers: int
    n_recognised: int
    n_shown_more: int
    n_fooling: int

    def text(self) -> str:
        """The counts in words, one line each."""
        return "\n".join(
            (
                f"{counted(self.n_ratings, 'rating')} by {counted(self.n_readers, 'reader')}",
                f"{counted(self.n_recognised, 'generated image')} recognised: shown to the "
                "discriminator as generated",
                f"{counted(self.n_shown_more, 'real image')} taken for generated: shown more often",
                f"{counted(self.n_fooling, 'generated image')} passed for real: not used, "
                "and never as real",
            )
        )


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


def feedback_facts(workspace: Workspace, row: RunRow) -> FeedbackFacts:
    """What a feedback run's pinned ratings say; raises `FeedbackError` when they were altered."""
    from engine.feedback.reweighting import reweighting
    from engine.feedback.snapshot import load_snapshot
    from engine.training.runs import run_folder

    feedback = row.config.feedback
    if feedback is None:
        raise EngineError(f"The run {row.run_id} has learnt from no ratings.")
    snapshot = load_snapshot(run_folder(workspace, row.run_id).ratings, feedback.snapshot_sha256)
    changes = reweighting(snapshot, feedback)
    return FeedbackFacts(
        n_ratings=len(snapshot.ratings),
        n_readers=snapshot.n_readers,
        n_recognised=len(changes.negatives),
        n_shown_more=len(changes.shown_more),
        n_fooling=changes.n_fooling,
    )
