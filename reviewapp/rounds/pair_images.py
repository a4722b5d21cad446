"""What a parent and its child draw from the same starting points; for background threads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class PairImages:
    """Images of the same latents: uint8 (N, S, S) or (N, S, S, 3), row i beside row i."""

    parent_run_id: str
    child_run_id: str
    parent: NDArray[np.uint8]
    child: NDArray[np.uint8]


def draw_pairs(
    workspace: Workspace, child_run_id: str, progress: ProgressReport, cancelled: CancelCheck
) -> PairImages | None:
    """Draw from a run's newest checkpoint and from the parent's that it began with.

    None where the run has no parent or has saved nothing yet. Raises `CheckpointError` where the
    parent's checkpoint is gone, and `Cancelled`.
    """
    from engine.data.cache import training_arrays
    from engine.errors import CheckpointError
    from engine.trained_variant import newest_checkpoint, sampling_variant
    from engine.training.runs import read_summary
    from engine.training.sample_grid import draw_grid

    child = read_summary(workspace, child_run_id)
    parent = child.config.parent
    if parent is None:
        return None
    try:
        newest = newest_checkpoint(workspace, child_run_id)
    except CheckpointError:
        return None
    data = training_arrays(workspace, child.config.dataset, child.config.size)
    drawn = []
    checkpoints = (newest_checkpoint(workspace, parent.run_id, parent.step), newest)
    for number, checkpoint in enumerate(checkpoints):
        raise_if_cancelled(cancelled)
        progress(number, len(checkpoints), "Drawing from the same starting points")
        drawn.append(draw_grid(sampling_variant(checkpoint), data))
    return PairImages(parent.run_id, child_run_id, drawn[0], drawn[1])
