"""What is asked of a generator's latent space, and the words for it; no widgets, no torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.progress import CancelCheck, ProgressReport
from engine.workspace import Workspace
from reviewapp.browse.network_jobs import MAPPING_VARIANTS

if TYPE_CHECKING:
    from engine.latent_walk import CheckpointStrip, WalkFrame
    from engine.training.runs import RunSummary

MOST_SEEDS = 12
_MAX_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True)
class LatentRequest:
    """Seeds of a run; ``step`` None is its newest checkpoint, ``class_name`` None any class."""

    run_id: str
    seeds: tuple[int, ...]
    frames: int = 16
    step: int | None = None
    class_name: str | None = None


def parse_seeds(text: str) -> tuple[int, ...]:
    """Whole numbers between commas or blanks; raises `ValueError` with what is wrong."""
    words = [word for word in re.split(r"[\s,;]+", text) if word]
    if not words:
        raise ValueError("Give seeds: whole numbers, for instance 12, 7, 31.")
    if len(words) > MOST_SEEDS:
        raise ValueError(f"Give at most {MOST_SEEDS} seeds.")
    for word in words:
        if not re.fullmatch(r"[0-9]{1,10}", word) or int(word) > _MAX_SEED:
            raise ValueError(f"“{word}” is no seed: whole numbers up to {_MAX_SEED:,} are.")
    return tuple(int(word) for word in words)


def refusal(run: RunSummary) -> str:
    """Why a run has no latent to walk through; "" where it has one."""
    if run.config.variant in MAPPING_VARIANTS:
        return (
            f"“{run.config.variant}” restores images that it is given: it has no latent to walk "
            "through. Choose a run of another kind."
        )
    return ""


def frame_words(seeds: Sequence[int], leg: int, fraction: float) -> str:
    """Where a frame of a walk lies."""
    if fraction in (0, 1):
        return f"Seed {seeds[leg + round(fraction)]}"
    return f"Seed {seeds[leg]} → {seeds[leg + 1]}, {fraction:.0%}"


def walk(
    workspace: Workspace, request: LatentRequest, progress: ProgressReport, cancelled: CancelCheck
) -> list[WalkFrame]:
    """Draw the way between the seeds; for a background thread. Raises the engine's errors."""
    from engine.latent_walk import LatentPoint, draw_walk

    return draw_walk(
        workspace,
        request.run_id,
        [LatentPoint(seed) for seed in request.seeds],
        request.frames,
        checkpoint_step=request.step,
        class_name=request.class_name,
        progress=progress,
        cancelled=cancelled,
    )


def through_checkpoints(
    workspace: Workspace, request: LatentRequest, progress: ProgressReport, cancelled: CancelCheck
) -> CheckpointStrip:
    """Draw the seeds at every checkpoint; for a background thread. Raises the engine's errors."""
    from engine.latent_walk import LatentPoint, draw_across_checkpoints

    return draw_across_checkpoints(
        workspace,
        request.run_id,
        [LatentPoint(seed) for seed in request.seeds],
        class_name=request.class_name,
        progress=progress,
        cancelled=cancelled,
    )
