"""A small real library on which variants can be trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.content_store import write_image
from engine.data.manifest import write_manifest
from engine.data.records import ImageRecord
from engine.workspace import Workspace

# These networks are too small to gain from threads, which fight over a shared machine's cores.
torch.set_num_threads(1)


def fill_library(workspace: Workspace, n: int = 16, size: int = 32) -> list[ImageRecord]:
    """Grey discs of two classes as the data set ``acdc``."""
    rng = np.random.default_rng(5)
    axis = np.linspace(-1, 1, size)
    records = []
    for number in range(n):
        x, y = rng.uniform(-0.3, 0.3, 2)
        radius = 0.4 + 0.25 * (number % 2) + rng.uniform(0, 0.1)
        disc = 1 / (1 + np.exp((np.hypot(axis[:, None] - y, axis - x) - radius) * 14))
        pixels = (disc * 60_000 + rng.uniform(0, 3000, disc.shape)).astype(np.uint16)
        records.append(
            ImageRecord(
                record_id=f"acdc/{number:03d}",
                key=write_image(workspace, pixels),
                dataset="acdc",
                source="real",
                class_label=("NOR", "DCM")[number % 2],
                patient=f"patient{number:03d}",
                split="train",
                width=size,
                height=size,
                channels=1,
                bit_depth=16,
            )
        )
    write_manifest(workspace.manifest_path("acdc"), records)
    return records


@pytest.fixture
def library(tmp_path: Path) -> Workspace:
    """A workspace with sixteen training images of 32 px."""
    workspace = Workspace.create(tmp_path / "library")
    fill_library(workspace)
    return workspace


@pytest.fixture(scope="module")
def library_of_module(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The same, shared by a module's tests: what they train stays there."""
    workspace = Workspace.create(tmp_path_factory.mktemp("library"))
    fill_library(workspace)
    return workspace
