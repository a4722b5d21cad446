"""Tiny trained runs to evaluate."""

from __future__ import annotations

import pytest

from engine.gans.registry import preset
from engine.training.config import TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, run_folder, write_status
from engine.workspace import Workspace
from tests.engine.conftest import fill_library

DCGAN = {"nz": 4, "ngf": 4, "ndf": 4}


def tiny(variant: str = "dcgan", **changes: object) -> TrainConfig:
    """Two steps of a small network on 32 px."""
    fields = preset(variant, "acdc", "tiny").model_dump()
    usual = {"steps": 2, "threads": 1, "batch_size": 4}
    own = {"options": DCGAN} if variant == "dcgan" else {}
    return TrainConfig.checked(**(fields | usual | own | changes))


def trained(workspace: Workspace, config: TrainConfig, run_id: str) -> str:
    """A finished run."""
    create_run(workspace, config, run_id)
    Trainer(workspace, run_id, lambda _: None, always_run()).train()
    write_status(run_folder(workspace, run_id), "finished")
    return run_id


@pytest.fixture(scope="module")
def evaluated_library(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """24 images of 32 px, a dcgan "drawn" and an upgan "restored"."""
    workspace = Workspace.create(tmp_path_factory.mktemp("evaluated") / "library")
    fill_library(workspace, n=24)
    trained(workspace, tiny(), "drawn")
    trained(workspace, tiny("upgan"), "restored")
    return workspace
