"""torchrun starts a run's processes again when one is killed; the result is that of no kill."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
import torch
from safetensors.torch import load_file

from benchmarks.torchrun_agent import TorchrunAgent
from engine.gans.registry import preset
from engine.training.checkpoint import WEIGHTS, list_checkpoints
from engine.training.config import TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, read_metrics, read_status, run_folder
from engine.workspace import Workspace

pytest.importorskip("lightning_fabric", reason="several processes need Lightning Fabric")
if not torch.distributed.is_available():
    pytest.skip("this torch has no distributed package", allow_module_level=True)
if sys.platform == "win32":
    pytest.skip("processes are killed by SIGKILL", allow_module_level=True)

PATIENCE_S = 180
TWO = ("--standalone", "--nproc-per-node=2")


def make_run(workspace: Workspace, run_id: str, variant: str, **changes: object) -> str:
    fields = preset(variant, "acdc", "tiny").model_dump()
    usual = {"batch_size": 4, "log_every": 1, "sample_every": 1000, "threads": 1}
    return create_run(workspace, TrainConfig.checked(**(fields | usual | changes)), run_id)


def stopped_while_writing(agent: TorchrunAgent, folder: Path) -> psutil.Process | None:
    """The first process, held in the middle of writing a checkpoint; None where it does not."""
    if not any(folder.glob(".step-*.part")):
        return None
    with suppress(psutil.Error, KeyError):
        process, _ = agent.ranks()[0]
        process.suspend()
        if any(folder.glob(".step-*.part")):
            return process
        process.resume()
    return None


def test_killed_processes_start_again_from_the_last_checkpoint(library: Workspace) -> None:
    make_run(library, "whole", "dcgan", steps=100, checkpoint_every=10)
    with TorchrunAgent(library, "whole", *TWO) as agent:
        assert agent.wait(PATIENCE_S) == 0, agent.log.read_text()

    make_run(library, "killed", "dcgan", steps=100, checkpoint_every=10)
    checkpoints = run_folder(library, "killed").checkpoints
    with TorchrunAgent(library, "killed", *TWO, "--max-restarts=2") as agent:
        agent.wait_for(lambda: list_checkpoints(checkpoints), PATIENCE_S)
        second, _ = agent.ranks()[1]
        second.kill()
        agent.wait_for(lambda: not second.is_running(), PATIENCE_S)
        first = agent.wait_for(lambda: stopped_while_writing(agent, checkpoints), PATIENCE_S)
        written = list_checkpoints(checkpoints)[-1].state.step
        first.kill()
        assert agent.wait(PATIENCE_S) == 0, agent.log.read_text()

    assert agent.log.read_text().count("run killed") == 3
    assert 10 <= written < 100
    assert not list(checkpoints.glob(".*"))
    assert read_status(run_folder(library, "killed")).state == "finished"
    metrics = read_metrics(library, "killed")
    assert metrics["step"] == list(range(1, 101))
    assert metrics == read_metrics(library, "whole")
    weights = [
        load_file(list_checkpoints(run_folder(library, run).checkpoints)[-1].folder / WEIGHTS)
        for run in ("whole", "killed")
    ]
    assert weights[0].keys() == weights[1].keys()
    for name, tensor in weights[0].items():
        assert torch.equal(tensor, weights[1][name]), name


def test_a_run_asked_to_end_is_saved_and_goes_on_with_fewer_processes(library: Workspace) -> None:
    for run_id in ("one", "fewer"):
        make_run(library, run_id, "upgan", steps=60, checkpoint_every=5)
    Trainer(library, "one", lambda _: None, always_run()).train()
    folder = run_folder(library, "fewer")
    with TorchrunAgent(library, "fewer", *TWO) as agent:
        agent.wait_for(lambda: list_checkpoints(folder.checkpoints), PATIENCE_S)
        agent.ask_to_end()
        agent.wait(PATIENCE_S)
    status = read_status(folder)
    assert (status.state, status.message) == ("interrupted", ""), agent.log.read_text()
    assert list_checkpoints(folder.checkpoints)[-1].state.step == status.step < 60
    Trainer(library, "fewer", lambda _: None, always_run()).train()
    one, fewer = read_metrics(library, "one"), read_metrics(library, "fewer")
    assert fewer["step"] == list(range(1, 61))
    for name, losses in one.items():
        assert fewer[name] == pytest.approx(losses, rel=2e-3, abs=1e-5), name
