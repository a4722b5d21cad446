"""The guard in real runs: it changes nothing, resumes, warns, pauses, and keeps to its cost."""

from __future__ import annotations

import dataclasses
import math
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from engine.data.manifest import read_manifest, write_manifest
from engine.degradation.config import GuardConfig
from engine.degradation.measurement import read_measurements
from engine.degradation.probe import unchanged
from engine.degradation.rules import all_warnings
from engine.degradation.samples import SampleWatch
from engine.errors import EvaluationError
from engine.gans.batch import Batch
from engine.gans.registry import preset, variants
from engine.gans.variant import ImageSpec
from engine.training.checkpoint import OPTIMISERS, WEIGHTS, list_checkpoints
from engine.training.config import TrainConfig
from engine.training.control import Control, Wish
from engine.training.ema import Ema
from engine.training.events import (
    DegradationMeasured,
    DegradationWarning,
    Event,
    StateChanged,
)
from engine.training.job import JobQueue
from engine.training.loop import Trainer, build_variant
from engine.training.runs import create_run, read_metrics, read_status, run_folder
from engine.workspace import Workspace

GUARD: dict[str, Any] = {
    "every": 4,
    "max_cost": None,
    "images": 16,
    "probe_images": 4,
    "power_iterations": 2,
}


@pytest.fixture(autouse=True)
def _short_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps of the encoder: its quality is not what is tested here."""
    import engine.degradation.samples as samples

    whole = samples.load_or_train_encoder
    monkeypatch.setattr(samples, "load_or_train_encoder", lambda *a, **k: whole(*a, steps=2, **k))


def config(
    variant: str = "dcgan", guard: dict[str, Any] | None = GUARD, **changes: Any
) -> TrainConfig:
    fields = preset(variant, "acdc", "tiny").model_dump()
    usual = {"steps": 8, "checkpoint_every": 6, "log_every": 1, "sample_every": 50, "threads": 1}
    watched = {"ema_decay": 0.9, "guard": guard}
    return TrainConfig.checked(**(fields | usual | watched | changes))


def train(workspace: Workspace, settings: TrainConfig, name: str, stop: int = 0) -> list[Event]:
    """Train, or go on; ``stop`` ends the run after the guard's look at that step."""
    if not (workspace.run_path(name) / "config.json").exists():
        create_run(workspace, settings, name)
    events: list[Event] = []

    def wish() -> Wish:
        looks = [event.step for event in events if isinstance(event, DegradationMeasured)]
        return "stop" if stop and stop in looks else "run"

    Trainer(workspace, name, events.append, Control(wish, wish)).train()
    return events


def assert_same_run(workspace: Workspace, first: str, second: str) -> None:
    assert read_metrics(workspace, first) == read_metrics(workspace, second)
    last = [
        list_checkpoints(run_folder(workspace, name).checkpoints)[-1].folder
        for name in (first, second)
    ]
    for file in (WEIGHTS, OPTIMISERS):
        a, b = load_file(last[0] / file), load_file(last[1] / file)
        assert a.keys() == b.keys()
        for name, tensor in a.items():
            assert torch.equal(tensor, b[name]), name


@pytest.mark.parametrize("variant", sorted(variants()))
def test_training_is_the_same_bit_for_bit_with_and_without_it_also_after_a_resume(
    library: Workspace, variant: str
) -> None:
    train(library, config(variant, None), "alone")
    train(library, config(variant), "watched", stop=4)
    train(library, config(variant), "watched")
    assert_same_run(library, "alone", "watched")
    rows = read_measurements(library, "watched")
    assert [row.step for row in rows] == [4, 8]
    for row in rows:
        assert row.seconds > 0
        assert row.gradient_g > 0
        assert math.isfinite(row.eigenvalue_g)
        assert row.trained > 0


def test_values_are_the_same_after_a_resume(library: Workspace) -> None:
    train(library, config(), "whole")
    train(library, config(), "parts", stop=4)
    train(library, config(), "parts")
    whole, parts = (
        [dataclasses.replace(row, seconds=0, cost=0) for row in read_measurements(library, name)]
        for name in ("whole", "parts")
    )
    assert str(whole) == str(parts)
    assert math.isfinite(whole[-1].frechet_distance)
    assert 0 <= whole[-1].precision <= 1
    assert whole[-1].diversity > 0


def test_unseen_real_images_are_judged_where_the_data_set_has_any(library: Workspace) -> None:
    train(library, config(), "without")
    assert math.isnan(read_measurements(library, "without")[-1].accuracy_unseen)
    manifest = library.manifest_path("acdc")
    records = [
        record.model_copy(update={"split": "test" if number % 4 > 1 else "train"})
        for number, record in enumerate(read_manifest(manifest))
    ]
    write_manifest(manifest, records)
    for variant in ("dcgan", "ssgan", "progan", "r3gan"):
        train(library, config(variant), variant)
        row = read_measurements(library, variant)[-1]
        assert 0 <= row.accuracy_training <= 1, variant
        assert 0 <= row.accuracy_unseen <= 1, variant


def test_looks_and_warnings_are_told_and_a_warning_stays_in_the_status(library: Workspace) -> None:
    # Any decrease of diversity counts here.
    guard = GUARD | {"every": 1, "persistence": 1, "collapse_diversity": 0.999}
    events = train(library, config(guard=guard, steps=16), "run")
    looks = [event for event in events if isinstance(event, DegradationMeasured)]
    assert [event.step for event in looks] == list(range(1, 17))
    assert {"eigenvalue_d", "diversity", "cost"} <= looks[0].values.keys()
    warnings = [event for event in events if isinstance(event, DegradationWarning)]
    assert {warning.name for warning in warnings} >= {"collapse"}
    told = [event.message for event in events if isinstance(event, StateChanged)]
    assert all(any(warning.message in message for message in told) for warning in warnings)
    rows = read_measurements(library, "run")
    expected = [(each.step, each.name) for each in all_warnings(rows, GuardConfig(**guard))]
    assert [(each.step, each.name) for each in warnings] == expected


def test_a_named_warning_pauses_the_job_until_it_is_resumed(library: Workspace) -> None:
    guard = GUARD | {"persistence": 1, "collapse_diversity": 0.999, "pause_on": ("collapse",)}
    settings = config(guard=guard | {"every": 1}, steps=60)
    events: list[Event] = []
    queue = JobQueue(library, events.append)
    try:
        run_id = queue.submit(settings)
        status = wait_for(library, run_id, ("paused",))
        assert "collapse" in status.message
        warning = next(event for event in events if isinstance(event, DegradationWarning))
        assert warning.pauses
        assert status.step == warning.step
        queue.resume(run_id)
        wait_for(library, run_id, ("running", "finished"))
    finally:
        queue.shutdown()


def wait_for(workspace: Workspace, run_id: str, states: tuple[str, ...]) -> Any:
    for _ in range(1200):
        status = read_status(run_folder(workspace, run_id))
        if status.state in states:
            return status
        time.sleep(0.05)
    raise AssertionError(f"the run never became {states}: {status}")


def test_it_keeps_to_its_share_of_the_time(library: Workspace) -> None:
    train(library, config(guard=GUARD | {"every": 1, "max_cost": 0.2}, steps=40), "run")
    assert len(read_measurements(library, "run")) < 40
    free = config(guard=GUARD | {"every": 1}, steps=10)
    train(library, free, "free")
    assert len(read_measurements(library, "free")) == 10


def test_a_child_is_looked_at_before_its_first_step_whatever_the_limit(library: Workspace) -> None:
    train(library, config(guard=None), "parent")
    parent = list_checkpoints(run_folder(library, "parent").checkpoints)[-1].reference("parent")
    child = config(parent=parent, guard=GUARD | {"max_cost": 0.001})
    train(library, child, "child")
    (row,) = read_measurements(library, "child")
    assert row.step == 0
    assert row.recall >= 0
    assert row.diversity > 0
    train(library, config(parent=parent, guard=None), "alone")
    assert_same_run(library, "alone", "child")
    free = config(parent=parent, guard=GUARD)
    train(library, free, "whole")
    train(library, free, "parts", stop=4)
    train(library, free, "parts")
    assert [row.step for row in read_measurements(library, "parts")] == [0, 4, 8]
    assert_same_run(library, "whole", "parts")


def test_a_guard_that_fails_does_not_end_the_run(
    library: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise EvaluationError("The encoder cannot be read.")

    monkeypatch.setattr(SampleWatch, "prepare", fail)
    events = train(library, config(), "run")
    assert any(
        isinstance(event, StateChanged) and "The encoder cannot be read" in event.message
        for event in events
    )
    assert read_status(run_folder(library, "run")).step == 8


def test_a_probe_that_fails_leaves_a_variant_as_it_was() -> None:
    settings = config("progan")
    variant = build_variant(settings, ImageSpec(channels=1, size=32))
    Ema(variant, 0)
    before = {
        name: {key: tensor.clone() for key, tensor in network.state_dict().items()}
        for name, network in variant.networks().items()
    }
    with pytest.raises(RuntimeError, match="on purpose"), unchanged(variant):
        # The last step: everything has grown, which a buffer keeps.
        variant.step(Batch(torch.zeros(2, 1, 32, 32), torch.tensor([-1, -1])), settings.steps - 1)
        assert int(variant.networks()["G"].lod) != int(before["G"]["lod"])  # type: ignore[arg-type]
        assert any(optimiser.state for optimiser in variant.optimisers().values())
        raise RuntimeError("on purpose")
    assert not any(optimiser.state for optimiser in variant.optimisers().values())
    for name, network in variant.networks().items():
        for key, buffer in network.named_buffers():
            assert torch.equal(buffer, before[name][key]), key


def test_settings_of_runs_without_guard_are_still_read(library: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    fields = config().model_dump(mode="json")
    del fields["guard"]
    path.write_text(TrainConfig.checked(**fields).model_dump_json(exclude={"guard"}))
    assert TrainConfig.read(path).guard is None
    assert preset("dcgan", "acdc", "tiny").guard is None
    assert preset("dcgan", "acdc", 64).guard == GuardConfig()
