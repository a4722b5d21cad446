"""Workspaces of phantoms, and runs that the guard watches at every so many steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.experiments.feedback.phantoms import draw_ring
from engine.data.content_store import from_float, write_image
from engine.data.manifest import write_manifest
from engine.data.records import ImageRecord, Split
from engine.degradation.config import GuardConfig
from engine.training.config import TrainConfig
from engine.training.events import Event
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run
from engine.workspace import Workspace

SIZE = 32
#: a small dcgan learns the phantoms with these in two hundred steps
NETWORKS = {"ngf": 16, "ndf": 16, "nz": 32, "lr": 1e-3}


def rings(n: int, seed: int) -> NDArray[np.float32]:
    """Pictures (n, 1, 32, 32) in [-1, 1] of closed rings."""
    rng = np.random.default_rng(seed)
    return np.stack([draw_ring(rng, SIZE) for _ in range(n)])[:, None] * 2 - 1


def fill(workspace: Workspace, dataset: str, images: Mapping[Split, NDArray[np.float32]]) -> None:
    """Make a data set of pictures (N, 1, 32, 32) in [-1, 1], by split."""
    records = [
        ImageRecord(
            record_id=f"{dataset}/{split}/{number:05d}",
            key=write_image(workspace, from_float(image, 16)),
            dataset=dataset,
            source="real",
            split=split,
            width=SIZE,
            height=SIZE,
            channels=1,
            bit_depth=16,
        )
        for split, pictures in images.items()
        for number, image in enumerate(pictures)
    ]
    write_manifest(workspace.manifest_path(dataset), records)


def train(
    workspace: Workspace,
    dataset: str,
    run_id: str,
    *,
    seed: int,
    steps: int,
    guard: GuardConfig | None,
    options: Mapping[str, Any] | None = None,
) -> None:
    """Train a small dcgan to its end, unless it has been."""
    config = TrainConfig.checked(
        variant="dcgan",
        dataset=dataset,
        size=SIZE,
        steps=steps,
        batch_size=32,
        seed=seed,
        threads=1,
        checkpoint_every=steps,
        sample_every=max(1, steps // 8),
        log_every=50,
        ema_decay=0.9,
        options=NETWORKS | dict(options or {}),
        guard=guard,
    )
    if not (workspace.run_path(run_id) / "config.json").exists():
        create_run(workspace, config, run_id)
    Trainer(workspace, run_id, _ignore, always_run()).train()


def _ignore(event: Event) -> None:
    """Nobody listens."""


def markdown(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table."""
    lines = [list(head), ["---"] * len(list(head)), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def new_workspace(folder: Path) -> Workspace:
    """The workspace in ``folder``, made where there is none."""
    return Workspace.create(folder)
