"""Training killed again and again: every run ends as the undisturbed one, bit for bit."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import torch

from engine.data.content_store import read_image
from engine.data.manifest import read_manifest
from engine.training.checkpoint import list_checkpoints, sampling_weights, verify_checkpoint
from engine.training.config import TrainConfig
from engine.training.runs import (
    create_run,
    list_runs,
    read_metrics,
    read_status,
    run_folder,
)
from engine.workspace import Workspace
from tests.faults import operations
from tests.faults.app_start import start_app
from tests.faults.importing import check_same
from tests.faults.killer import Killer, Series

STEPS = 24
#: between two checkpoints
EVERY = 4
DATASET = "acdc"


def settings() -> TrainConfig:
    """A run of a second, with many checkpoints."""
    return TrainConfig.checked(
        variant="dcgan",
        dataset=DATASET,
        size=32,
        steps=STEPS,
        batch_size=4,
        threads=1,
        device="cpu",
        log_every=1,
        sample_every=8,
        checkpoint_every=EVERY,
        ema_decay=0.9,
        options={"nz": 8, "ngf": 4, "ndf": 4},
    )


def kill_runs(killer: Killer, library: Workspace, kills: int, seed: int) -> Series:
    """Kill the training of runs in ``library``, whose data set is `DATASET`."""
    rng = random.Random(seed)
    series = Series("training", seed)
    whole = create_run(library, settings(), "whole")
    extent = killer.measure("train", root=library.root, run_id=whole, pauses=False)
    number = 0
    while series.kills < kills:
        number += 1
        run_id = create_run(library, settings(), f"killed-{number}")
        shutil.rmtree(library.cache, ignore_errors=True)
        while series.kills < kills and read_status(run_folder(library, run_id)).state != "finished":
            outcome = killer.kill(
                rng,
                extent,
                "train",
                root=library.root,
                run_id=run_id,
                pauses=rng.random() < 0.5,
            )
            series.count(outcome)
            reached = check_run(library, run_id, outcome.values("checkpoint", "step"))
            series.note(f"at step {reached}")
        if read_status(run_folder(library, run_id)).state != "finished":
            operations.train(str(library.root), run_id, pauses=False)
        check_same_run(library, run_id, whole)
        series.note("runs ended like the undisturbed one")
        shutil.rmtree(run_folder(library, run_id).root)
    return series


def check_run(library: Workspace, run_id: str, told_steps: list[int]) -> int:
    """The run can go on where its last checkpoint is; returns that step, 0 without any."""
    folder = run_folder(library, run_id)
    assert run_id in [run.run_id for run in list_runs(library)]
    assert read_status(folder).state in ("queued", "interrupted", "finished")
    checkpoints = list_checkpoints(folder.checkpoints)
    for checkpoint in checkpoints:
        verify_checkpoint(checkpoint)
    steps = [checkpoint.state.step for checkpoint in checkpoints]
    assert max(told_steps, default=0) <= max(steps, default=0)
    assert len(steps) <= 3
    logged = read_metrics(library, run_id).get("step", [])
    assert logged == sorted(set(logged))
    last = max(steps, default=0)
    assert [step for step in logged if step <= last] == list(range(1, last + 1))
    start_app(library)
    left = [path for path in folder.root.rglob("*") if path.suffix == ".part"]
    assert not left
    assert len(list(folder.checkpoints.glob("*"))) == len(steps)
    return last


def check_same_run(library: Workspace, run_id: str, whole: str) -> None:
    """Weights and curves of two finished runs are the same."""
    mine, theirs = (run_folder(library, each) for each in (run_id, whole))
    assert read_status(mine).state == "finished"
    assert mine.metrics.read_bytes() == theirs.metrics.read_bytes()
    last, other = (list_checkpoints(each.checkpoints)[-1] for each in (mine, theirs))
    assert last.state.step == other.state.step == STEPS
    weights, others = sampling_weights(last), sampling_weights(other)
    assert weights.keys() == others.keys()
    assert all(torch.equal(weights[name], others[name]) for name in weights)


def kill_generation(
    killer: Killer, library: Workspace, run_id: str, folder: Path, kills: int, seed: int, n: int
) -> Series:
    """Kill the drawing of ``n`` images from a finished run of ``library``."""
    rng = random.Random(seed)
    series = Series("generating", seed)
    whole = Workspace.create(folder / "whole")
    shutil.copytree(library.root, whole.root, dirs_exist_ok=True)
    extent = killer.measure("generate", root=whole.root, run_id=run_id, n=n)
    while series.kills < kills:
        workspace = Workspace(folder / f"killed-{series.tries}")
        shutil.copytree(library.root, workspace.root)
        arguments = {"root": workspace.root, "run_id": run_id, "n": n}
        series.count(killer.kill(rng, extent, "generate", **arguments))
        records = read_manifest(run_folder(workspace, run_id).generated)
        for record in records:
            read_image(workspace, record.key)
        series.note("left all listed" if len(records) == n else "left nothing listed")
        assert len(records) in (0, n)
        operations.generate(str(workspace.root), run_id, n)
        start_app(workspace)
        check_same(workspace, whole)
    return series
