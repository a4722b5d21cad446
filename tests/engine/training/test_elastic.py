"""torchrun starts a run's processes again when one is killed; the result is that of no kill."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
import torch
from safetensors.torch import load_file

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

REPOSITORY = Path(__file__).resolve().parents[3]
PATIENCE_S = 180
TWO = ("--standalone", "--nproc-per-node=2")
T = TypeVar("T")


def make_run(workspace: Workspace, run_id: str, variant: str, **changes: object) -> str:
    fields = preset(variant, "acdc", "tiny").model_dump()
    usual = {"batch_size": 4, "log_every": 1, "sample_every": 1000, "threads": 1}
    return create_run(workspace, TrainConfig.checked(**(fields | usual | changes)), run_id)


@contextmanager
def torchrun(workspace: Workspace, run_id: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running torchrun, which with its children is gone afterwards."""
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--monitor-interval=0.1", *options),
        *("-m", "engine.cli", "train", "--resume", run_id),
        *("--workspace", str(workspace.root), "--device", "cpu"),
    ]
    with (workspace.root / f"{run_id}.log").open("ab") as log:
        agent = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield agent
    finally:
        kill_machine(agent)


def kill_machine(agent: subprocess.Popen[bytes]) -> None:
    """End torchrun and its processes as a power cut does."""
    with suppress(psutil.NoSuchProcess):
        for process in [psutil.Process(agent.pid), *psutil.Process(agent.pid).children(True)]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    agent.wait()


def wait_for(found: Callable[[], T], agent: subprocess.Popen[bytes], log: Path) -> T:
    deadline = time.monotonic() + PATIENCE_S
    while not (value := found()):
        assert agent.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.001)
    return value


def process_of_rank(agent: subprocess.Popen[bytes], rank: int) -> psutil.Process | None:
    """The process of a rank; None while torchrun has none."""
    with suppress(psutil.Error):
        for process in psutil.Process(agent.pid).children(recursive=True):
            with suppress(psutil.Error):
                if process.environ().get("RANK") == str(rank):
                    return process
    return None


def stopped_while_writing(agent: subprocess.Popen[bytes], folder: Path) -> psutil.Process | None:
    """The first process, held in the middle of writing a checkpoint; None where it does not."""
    if not any(folder.glob(".step-*.part")):
        return None
    process = process_of_rank(agent, 0)
    with suppress(psutil.Error):
        if process is not None:
            process.suspend()
            if any(folder.glob(".step-*.part")):
                return process
            process.resume()
    return None


def test_killed_processes_start_again_from_the_last_checkpoint(library: Workspace) -> None:
    make_run(library, "whole", "dcgan", steps=100, checkpoint_every=10)
    with torchrun(library, "whole", *TWO) as agent:
        assert agent.wait(PATIENCE_S) == 0, (library.root / "whole.log").read_text()

    make_run(library, "killed", "dcgan", steps=100, checkpoint_every=10)
    checkpoints, log = run_folder(library, "killed").checkpoints, library.root / "killed.log"
    with torchrun(library, "killed", *TWO, "--max-restarts=2") as agent:
        wait_for(lambda: list_checkpoints(checkpoints), agent, log)
        second = wait_for(lambda: process_of_rank(agent, 1), agent, log)
        second.kill()
        wait_for(lambda: not second.is_running(), agent, log)
        first = wait_for(lambda: stopped_while_writing(agent, checkpoints), agent, log)
        written = list_checkpoints(checkpoints)[-1].state.step
        first.kill()
        assert agent.wait(PATIENCE_S) == 0, log.read_text()

    assert log.read_text().count("run killed") == 3
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
    folder, log = run_folder(library, "fewer"), library.root / "fewer.log"
    with torchrun(library, "fewer", *TWO) as agent:
        wait_for(lambda: list_checkpoints(folder.checkpoints), agent, log)
        agent.terminate()
        agent.wait(PATIENCE_S)
    status = read_status(folder)
    assert (status.state, status.message) == ("interrupted", ""), log.read_text()
    assert list_checkpoints(folder.checkpoints)[-1].state.step == status.step < 60
    Trainer(library, "fewer", lambda _: None, always_run()).train()
    one, fewer = read_metrics(library, "one"), read_metrics(library, "fewer")
    assert fewer["step"] == list(range(1, 61))
    for name, losses in one.items():
        assert fewer[name] == pytest.approx(losses, rel=2e-3, abs=1e-5), name
