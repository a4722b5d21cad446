"""Restoring runs refine and map library images, repeatably, whatever made the images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.cli import main
from engine.data.content_store import available_maps, read_image, write_image
from engine.data.manifest import all_records, read_manifest
from engine.data.records import ImageRecord
from engine.errors import Cancelled, ConfigError
from engine.gans.registry import preset
from engine.generation import generate_batch
from engine.restoration import REFINED_FROM, map_images, refine_images
from engine.training.config import TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, run_folder
from engine.workspace import Workspace


def trained(workspace: Workspace, variant: str, steps: int = 4) -> str:
    fields = preset(variant, "acdc", "tiny").model_dump() | {"steps": steps}
    run_id = create_run(workspace, TrainConfig.checked(**fields), variant)
    Trainer(workspace, run_id, lambda event: None, always_run()).train()
    return run_id


def real(workspace: Workspace) -> list[ImageRecord]:
    return read_manifest(workspace.manifest_path("acdc"))


@pytest.mark.parametrize(
    ("refiner", "kinds"), [("upgan", ["aleatoric", "epistemic"]), ("higan", ["disagreement"])]
)
def test_another_variants_images_are_refined_into_new_ones(
    library: Workspace, refiner: str, kinds: list[str]
) -> None:
    drawn = generate_batch(library, trained(library, "dcgan"), 3, seed=1)
    run_id = trained(library, refiner)
    refined = refine_images(library, run_id, drawn)
    assert len({record.key for record in refined} | {record.key for record in drawn}) == 6
    for source, record in zip(drawn, refined, strict=True):
        assert record.attributes[REFINED_FROM] == source.record_id
        assert (record.source, record.variant, record.run_id) == ("generated", refiner, run_id)
        assert (record.checkpoint_step, record.class_label) == (4, source.class_label)
        assert read_image(library, record.key).dtype == np.uint16
        assert [m.kind for m in available_maps(library, record.key)] == kinds
    known = {record.record_id for record in all_records(library)}
    assert {record.record_id for record in (*drawn, *refined)} <= known


def test_refining_does_not_degrade(library: Workspace) -> None:
    """A network that has learnt nothing answers with the image itself."""
    run_id = trained(library, "higan", steps=1)
    source = real(library)[0]
    (record,) = refine_images(library, run_id, [source])
    before, after = (read_image(library, key).astype(float) for key in (source.key, record.key))
    assert abs(before - after).mean() < 0.01 * 65535
    drawn = generate_batch(library, run_id, 1, seed=1)[0]
    distances = [
        abs(read_image(library, drawn.key) - read_image(library, each.key).astype(float)).mean()
        for each in real(library)
    ]
    assert min(distances) > 0.03 * 65535


def test_an_image_is_refined_alike_alone_among_others_and_again(library: Workspace) -> None:
    run_id = trained(library, "upgan")
    images = real(library)[:4]
    together = refine_images(library, run_id, images)
    assert refine_images(library, run_id, images[2:3]) == together[2:3]
    assert refine_images(library, run_id, images) == together
    assert len(read_manifest(run_folder(library, run_id).generated)) == 4
    other = refine_images(library, run_id, images, seed=1)
    assert {r.record_id for r in other}.isdisjoint(r.record_id for r in together)


def test_images_of_other_sizes_come_out_at_the_runs(library: Workspace) -> None:
    run_id = trained(library, "upgan")
    source = real(library)[0]
    pixels = read_image(library, source.key)
    for size, key in (
        (64, write_image(library, np.kron(pixels, np.ones((2, 2), np.uint16)))),
        (16, write_image(library, np.ascontiguousarray(pixels[::2, ::2]))),
    ):
        other = source.model_copy(update={"key": key, "width": size, "height": size})
        (refined,) = refine_images(library, run_id, [other])
        assert (refined.width, refined.height) == (32, 32)
        assert map_images(library, run_id, [other]) == 1


def test_what_was_refined_before_a_cancel_is_kept(library: Workspace) -> None:
    run_id = trained(library, "upgan")
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        refine_images(library, run_id, real(library), cancelled=lambda: next(asked))
    assert len(read_manifest(run_folder(library, run_id).generated)) == 2


def test_progress_is_told_by_image(library: Workspace) -> None:
    told: list[tuple[int, int]] = []
    refine_images(
        library,
        trained(library, "upgan"),
        real(library)[:2],
        progress=lambda done, total, _: told.append((done, total)),
    )
    assert told == [(0, 2), (1, 2), (2, 2)]


def test_only_restoring_runs_refine_and_only_images_of_their_channels(library: Workspace) -> None:
    dcgan, upgan = trained(library, "dcgan"), trained(library, "upgan")
    with pytest.raises(ConfigError, match="take a run of upgan or higan"):
        refine_images(library, dcgan, real(library)[:1])
    colour = write_image(library, np.zeros((32, 32, 3), np.uint8))
    record = real(library)[0].model_copy(update={"key": colour, "channels": 3, "bit_depth": 8})
    with pytest.raises(ConfigError, match="The images have 3 channels, the upgan run 1"):
        refine_images(library, upgan, [record])


def test_the_command_refines_what_it_draws(
    library: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    dcgan, upgan = trained(library, "dcgan"), trained(library, "upgan")
    where = ["-w", str(Path(library.root))]
    assert main(["sample", dcgan, *where, "-n", "2", "--refine", upgan]) == 0
    assert "2 refined copies by" in capsys.readouterr().out
    assert len(read_manifest(run_folder(library, upgan).generated)) == 2
