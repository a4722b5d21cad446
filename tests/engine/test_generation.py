"""Images and maps of a run reach the library, repeatably; shipped runs can draw and be parents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from engine.data.content_store import available_maps, read_image, read_map
from engine.data.manifest import all_records, read_manifest
from engine.data.records import ImageRecord
from engine.errors import Cancelled, CheckpointError, ConfigError, TrainingError
from engine.gans.registry import preset
from engine.generation import generate_batch
from engine.restoration import map_images
from engine.training.checkpoint import WEIGHTS, list_checkpoints
from engine.training.config import TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, read_summary, run_folder
from engine.training.shipping import export_checkpoint, install_checkpoint
from engine.workspace import Workspace


def trained(workspace: Workspace, variant: str, steps: int = 4) -> str:
    fields = preset(variant, "acdc", "tiny").model_dump() | {"steps": steps, "ema_decay": 0.9}
    run_id = create_run(workspace, TrainConfig.checked(**fields), variant)
    Trainer(workspace, run_id, lambda event: None, always_run()).train()
    return run_id


def test_drawn_images_are_library_images_of_their_run(library: Workspace) -> None:
    run_id = trained(library, "dcgan")
    records = generate_batch(library, run_id, 5, seed=3)
    assert len({record.record_id for record in records}) == 5
    for record in records:
        assert (record.source, record.variant, record.run_id) == ("generated", "dcgan", run_id)
        assert (record.checkpoint_step, record.seed, record.dataset) == (4, 3, "acdc")
        assert record.class_label in {"NOR", "DCM"}
        assert read_image(library, record.key).shape == (32, 32)
        assert read_image(library, record.key).dtype == np.uint16
    known = {record.record_id for record in all_records(library)}
    assert {record.record_id for record in records} <= known


def test_drawing_again_adds_nothing_and_more_extends(library: Workspace) -> None:
    run_id = trained(library, "dcgan")
    first = generate_batch(library, run_id, 3, seed=1)
    assert generate_batch(library, run_id, 3, seed=1) == first
    more = generate_batch(library, run_id, 5, seed=1)
    assert [r.record_id for r in more[:3]] == [r.record_id for r in first]
    assert len(read_manifest(run_folder(library, run_id).generated)) == 5


def test_an_upgan_run_maps_another_variants_images(library: Workspace) -> None:
    drawn, mapper = trained(library, "dcgan"), trained(library, "upgan")
    record = generate_batch(library, drawn, 1, seed=1, uncertainty_run=mapper)[0]
    assert [(m.kind, m.unit, m.origin) for m in available_maps(library, record.key)] == [
        ("aleatoric", "grey levels (0–255)", mapper),
        ("epistemic", "grey levels (0–255)", mapper),
    ]
    assert read_map(library, record.key, "aleatoric").values.shape == (32, 32)


def test_upgan_draws_restorations_and_maps_real_images(library: Workspace) -> None:
    run_id = trained(library, "upgan")
    record = generate_batch(library, run_id, 2, seed=1)[0]
    assert record.variant == "upgan"
    assert len(available_maps(library, record.key)) == 2
    real = read_manifest(library.manifest_path("acdc"))[:2]
    assert map_images(library, run_id, real) == 2
    assert [m.kind for m in available_maps(library, real[0].key)] == ["aleatoric", "epistemic"]


def test_only_upgan_maps(library: Workspace) -> None:
    run_id = trained(library, "dcgan")
    with pytest.raises(ConfigError, match="take a run of upgan or higan"):
        generate_batch(library, run_id, 1, seed=1, uncertainty_run=run_id)


def test_a_run_without_a_checkpoint_is_refused(library: Workspace) -> None:
    run_id = create_run(library, preset("dcgan", "acdc", "tiny"))
    with pytest.raises(CheckpointError, match="no checkpoint"):
        generate_batch(library, run_id, 1, seed=1)


def test_what_was_drawn_before_a_cancel_is_kept(library: Workspace) -> None:
    run_id = trained(library, "dcgan")
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        generate_batch(library, run_id, 40, seed=1, cancelled=lambda: next(asked))
    assert len(read_manifest(run_folder(library, run_id).generated)) == 32


def ids(records: list[ImageRecord]) -> list[str]:
    return [record.key for record in records]


def test_a_shipped_checkpoint_draws_in_another_workspace(
    library: Workspace, tmp_path: Path
) -> None:
    run_id = trained(library, "dcgan")
    shipped = export_checkpoint(library, run_id, tmp_path / "shipped")
    assert sorted(p.name for p in shipped.iterdir()) == ["config.json", "state.json", WEIGHTS]
    tensors = load_file(shipped / WEIGHTS)
    assert not any(name.startswith("ema/") for name in tensors)
    elsewhere = Workspace.create(tmp_path / "elsewhere")
    install_checkpoint(elsewhere, shipped, "shipped-run")
    assert read_summary(elsewhere, "shipped-run").state == "finished"
    drawn = generate_batch(elsewhere, "shipped-run", 3, seed=2)
    original = generate_batch(library, run_id, 3, seed=2)
    for a, b in zip(drawn, original, strict=True):
        near = read_image(elsewhere, a.key).astype(int) - read_image(library, b.key).astype(int)
        assert abs(near).max() < 0.01 * 65535
    with pytest.raises(TrainingError, match="exists already"):
        install_checkpoint(elsewhere, shipped, "shipped-run")


def test_an_exchanged_weights_file_is_refused(library: Workspace, tmp_path: Path) -> None:
    run_id = trained(library, "dcgan")
    shipped = export_checkpoint(library, run_id, tmp_path / "shipped")
    (shipped / WEIGHTS).write_bytes(b"\x80\x04\x95pickle")
    with pytest.raises(CheckpointError, match="damaged or was exchanged"):
        install_checkpoint(Workspace.create(tmp_path / "elsewhere"), shipped, "bad")
    checkpoint = list_checkpoints(run_folder(library, run_id).checkpoints)[-1]
    (checkpoint.folder / WEIGHTS).unlink()
    with pytest.raises(CheckpointError, match="cannot be read"):
        generate_batch(library, run_id, 1, seed=1)
