"""The loop: resumes bit by bit, stops at nonsense, cuts its curves, obeys its control."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from engine.errors import CheckpointError, ConfigError, TrainingError
from engine.gans.batch import Batch
from engine.gans.dcgan import Dcgan
from engine.gans.registry import preset, variants
from engine.training.checkpoint import WEIGHTS, list_checkpoints, load_checkpoint
from engine.training.config import TrainConfig
from engine.training.ema import Ema
from engine.training.events import CheckpointSaved, Event, Progress, SampleGrid, StateChanged
from engine.training.loop import Control, Trainer, Wish, always_run, build_variant
from engine.training.runs import create_run, read_metrics, read_status, run_folder
from engine.workspace import Workspace


def config(variant: str = "dcgan", **changes: object) -> TrainConfig:
    fields = preset(variant, "acdc", "tiny").model_dump()
    usual = {"steps": 20, "checkpoint_every": 5, "log_every": 1, "sample_every": 10, "threads": 1}
    return TrainConfig.checked(**(fields | usual | {"ema_decay": 0.9} | changes))


def train(workspace: Workspace, run_id: str, control: Control | None = None) -> list[Event]:
    events: list[Event] = []
    Trainer(workspace, run_id, events.append, control or always_run()).train()
    return events


def stop_after(steps: int) -> Control:
    asked = iter(range(10_000))
    wish: Wish = "stop"
    return Control(lambda: wish if next(asked) >= steps else "run", lambda: "run")


def final_weights(workspace: Workspace, run_id: str) -> dict[str, torch.Tensor]:
    folder = run_folder(workspace, run_id)
    return load_file(list_checkpoints(folder.checkpoints)[-1].folder / WEIGHTS)


def assert_same_run(workspace: Workspace, first: str, second: str) -> None:
    assert read_metrics(workspace, first) == read_metrics(workspace, second)
    a, b = final_weights(workspace, first), final_weights(workspace, second)
    assert a.keys() == b.keys()
    for name, tensor in a.items():
        assert torch.equal(tensor, b[name]), name


@pytest.mark.parametrize("variant", sorted(variants()))
def test_a_stopped_and_resumed_run_is_the_uninterrupted_one_bit_for_bit(
    library: Workspace, variant: str
) -> None:
    whole = create_run(library, config(variant), "whole")
    train(library, whole)
    parts = create_run(library, config(variant), "parts")
    for steps in (3, 4, 6):
        train(library, parts, stop_after(steps))
    assert read_status(run_folder(library, parts)).step == 13
    train(library, parts)
    assert_same_run(library, whole, parts)


def test_what_other_threads_draw_from_torchs_global_generator_does_not_matter(
    library: Workspace,
) -> None:
    first = create_run(library, config(), "first")
    torch.manual_seed(1)
    train(library, first)
    second = create_run(library, config(), "second")
    torch.manual_seed(99)
    train(library, second)
    assert_same_run(library, first, second)


def test_a_killed_process_leaves_a_run_that_goes_on_to_the_same_end(library: Workspace) -> None:
    settings = config(steps=400, checkpoint_every=20)
    whole = create_run(library, settings, "whole")
    killed = create_run(library, settings, "killed")
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from engine.training.loop import Trainer, always_run\n"
        "from engine.training.events import CheckpointSaved\n"
        "from engine.workspace import Workspace\n"
        "def told(event):\n"
        "    if isinstance(event, CheckpointSaved): print(event.step, flush=True)\n"
        "workspace = Workspace(Path(sys.argv[1]))\n"
        "Trainer(workspace, 'killed', told, always_run()).train()\n"
    )
    for _ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(library.root)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        assert int(child.stdout.readline()) < 400
        time.sleep(0.05)
        child.kill()
        child.wait()
        child.stdout.close()
        if sys.platform != "win32":
            assert child.returncode == -signal.SIGKILL
    reached = list_checkpoints(run_folder(library, killed).checkpoints)[-1].state.step
    assert 0 < reached < 400
    train(library, killed)
    train(library, whole)
    assert_same_run(library, whole, killed)


def test_the_newest_whole_checkpoint_is_used_when_the_last_is_damaged(library: Workspace) -> None:
    run_id = create_run(library, config(), "damaged")
    train(library, run_id, stop_after(10))
    folder = run_folder(library, run_id)
    newest = list_checkpoints(folder.checkpoints)[-1]
    assert newest.state.step == 10
    weights = newest.folder / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-100])
    whole = create_run(library, config(), "whole")
    train(library, whole)
    train(library, run_id)
    assert_same_run(library, whole, run_id)


def test_without_any_whole_checkpoint_the_run_says_so(library: Workspace) -> None:
    run_id = create_run(library, config(), "damaged")
    train(library, run_id, stop_after(6))
    for checkpoint in list_checkpoints(run_folder(library, run_id).checkpoints):
        (checkpoint.folder / WEIGHTS).write_bytes(b"\x80\x04pickle")
    with pytest.raises(CheckpointError, match="is whole"):
        train(library, run_id)


def test_losses_that_are_no_numbers_stop_the_run_at_its_last_good_checkpoint(
    library: Workspace,
) -> None:
    settings = config(options={"ngf": 8, "ndf": 8, "nz": 16, "lr": 0.1}, steps=400)
    run_id = create_run(library, settings, "hot")
    trainer = Trainer(library, run_id, lambda event: None, always_run())
    original = Dcgan.step

    def step(self: Dcgan, batch: Batch, step: int) -> dict[str, torch.Tensor]:
        losses = original(self, batch, step)
        if step >= 12:
            losses["generator"] = losses["generator"] * torch.nan
        return losses

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Dcgan, "step", step)
        with pytest.raises(TrainingError, match="'generator' is no longer a number at step 13"):
            trainer.train()
    assert list_checkpoints(run_folder(library, run_id).checkpoints)[-1].state.step == 10


def generate_with_room_for(images: int) -> Callable[[Dcgan, torch.Tensor, torch.Tensor], object]:
    """`Dcgan.generate` for which torch finds no memory when asked for more images at a time."""
    original = Dcgan.generate

    def generate(self: Dcgan, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        if len(z) > images and torch.is_grad_enabled():
            torch.empty(2**50)
        return original(self, z, labels)

    return generate


def test_lack_of_memory_divides_the_batch_and_the_run_says_so(
    library: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = create_run(library, config(batch_size=8, steps=6), "short")
    monkeypatch.setattr(Dcgan, "generate", generate_with_room_for(2))
    events = train(library, run_id)
    told = [event.message for event in events if isinstance(event, StateChanged)]
    assert len(told) == 1
    assert "batch of 8 is now worked on in 4 parts of up to 2 images" in told[0]
    assert read_status(run_folder(library, run_id)).message == told[0]
    assert read_metrics(library, run_id)["step"][-1] == 6


def test_a_run_that_does_not_fit_at_all_says_what_to_change(
    library: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = create_run(library, config(batch_size=4), "too-large")
    monkeypatch.setattr(Dcgan, "generate", generate_with_room_for(0))
    with pytest.raises(TrainingError, match=r"not enough memory.*smaller image size"):
        train(library, run_id)


def test_events_tell_progress_samples_and_checkpoints(library: Workspace) -> None:
    run_id = create_run(library, config(), "events")
    events = train(library, run_id)
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert (last.step, last.total_steps) == (20, 20)
    assert last.images_per_s > 0
    assert last.memory_mib > 10
    assert [e.step for e in events if isinstance(e, CheckpointSaved)] == [5, 10, 15, 20]
    grids = [event for event in events if isinstance(event, SampleGrid)]
    assert [grid.step for grid in grids] == [0, 10, 20]
    assert grids[0].images.shape == (16, 32, 32)
    assert sorted(p.name for p in run_folder(library, run_id).samples.iterdir()) == [
        "step-00000000.png",
        "step-00000010.png",
        "step-00000020.png",
    ]
    assert read_metrics(library, run_id)["step"] == [float(step) for step in range(1, 21)]


def test_only_the_last_two_checkpoints_are_kept(library: Workspace) -> None:
    run_id = create_run(library, config(), "kept")
    train(library, run_id)
    folder = run_folder(library, run_id).checkpoints
    assert sorted(path.name for path in folder.iterdir()) == ["step-00000015", "step-00000020"]


def test_an_unknown_variant_is_refused_with_the_known_ones(library: Workspace) -> None:
    run_id = create_run(library, config().model_copy(update={"variant": "dcgna"}), "typo")
    with pytest.raises(ConfigError, match=r"known are .*dcgan.*upgan"):
        train(library, run_id)


def test_a_gpu_that_is_not_there_is_named(library: Workspace) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    run_id = create_run(library, config(device="cuda"), "gpu")
    with pytest.raises(ConfigError, match="torch sees none"):
        train(library, run_id)


def test_settings_of_a_run_survive_as_json(library: Workspace, tmp_path: Path) -> None:
    settings = config(seed=7)
    create_run(library, settings, "kept")
    assert TrainConfig.read(run_folder(library, "kept").config) == settings
    (tmp_path / "config.json").write_text('{"variant": "dcgan", "stpes": 3}')
    with pytest.raises(ConfigError, match="stpes"):
        TrainConfig.read(tmp_path / "config.json")


def test_resumed_optimisers_are_laid_out_as_their_parameters(library: Workspace) -> None:
    """Fused updates pair numbers by place in memory, and files forget channels-last layouts."""
    run_id = create_run(library, config("upgan"), "layout")
    train(library, run_id, stop_after(2))
    checkpoint = list_checkpoints(run_folder(library, run_id).checkpoints)[-1]
    variant = build_variant(config("upgan"), checkpoint.state.spec)
    load_checkpoint(checkpoint, variant, Ema(variant, 0.9))
    optimiser = variant.optimisers()["G0"]
    layouts = {
        (tuple(parameter.stride()), tuple(values["exp_avg"].stride()))
        for parameter, values in optimiser.state.items()
    }
    assert layouts
    assert all(weights == averages for weights, averages in layouts)
    assert any(stride[1] == 1 and len(stride) == 4 and stride[3] > 1 for stride, _ in layouts)
