"""Two processes under torchrun train one run as a single process with their batches joined."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.training.checkpoint import WEIGHTS, list_checkpoints
from engine.training.runs import read_metrics, read_status, run_folder
from engine.workspace import Workspace

pytest.importorskip("lightning_fabric", reason="several processes need Lightning Fabric")
if not torch.distributed.is_available():
    pytest.skip("this torch has no distributed package", allow_module_level=True)

REPOSITORY = Path(__file__).resolve().parents[3]


def train(workspace: Workspace, *arguments: str, processes: int) -> str:
    launcher = ["torch.distributed.run", "--standalone", f"--nproc-per-node={processes}", "-m"]
    command = [sys.executable, "-m", *(launcher if processes > 1 else []), "engine.cli", "train"]
    result = subprocess.run(
        [*command, *arguments, "--workspace", str(workspace.root), "--device", "cpu"],
        cwd=REPOSITORY,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.mark.parametrize("variant", ["upgan"])
def test_two_processes_have_the_losses_of_one_with_the_doubled_batch(
    library: Workspace, variant: str
) -> None:
    settings = (variant, "acdc", "--preset", "tiny", "--steps", "20", "--batch-size", "4")
    train(library, *settings, "--name", "one", processes=1)
    said = train(library, *settings, "--name", "two", processes=2)
    assert said.count("run two") == 1
    assert read_status(run_folder(library, "two")).state == "finished"
    one, two = read_metrics(library, "one"), read_metrics(library, "two")
    assert one.keys() == two.keys()
    assert len(one["step"]) == 4
    for name, losses in one.items():
        assert two[name] == pytest.approx(losses, rel=2e-3, abs=1e-5), name
    weights = [
        load_file(list_checkpoints(run_folder(library, run).checkpoints)[-1].folder / WEIGHTS)
        for run in ("one", "two")
    ]
    for name, tensor in weights[0].items():
        torch.testing.assert_close(weights[1][name], tensor, rtol=1e-2, atol=1e-3, msg=name)


def test_a_named_run_goes_on_where_it_stands(library: Workspace) -> None:
    settings = ("dcgan", "acdc", "--preset", "tiny", "--steps", "4", "--batch-size", "4")
    train(library, *settings, "--name", "again", processes=1)
    said = train(library, *settings, "--name", "again", processes=1)
    assert "run again" in said
    assert [path.name for path in library.runs.iterdir()] == ["again"]
