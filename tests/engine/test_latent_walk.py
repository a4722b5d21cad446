"""Walks through the latent space, latents through checkpoints, and nearest training images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.content_store import from_float, read_image, to_float, write_image
from engine.errors import Cancelled, ConfigError, DataError, TrainingError
from engine.evaluation.encoder import load_or_train_encoder
from engine.gans.registry import preset, variant_class
from engine.latent_walk import (
    LatentPoint,
    draw_across_checkpoints,
    draw_walk,
    spherical,
    why_no_walk,
)
from engine.nearest_real import nearest_real
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.training.config import TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run
from engine.workspace import Workspace

from .conftest import fill_library


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A dcgan run of four steps with checkpoints at 2 and 4."""
    workspace = Workspace.create(tmp_path_factory.mktemp("walk"))
    fill_library(workspace)
    fields = preset("dcgan", "acdc", "tiny").model_dump()
    fields |= {"steps": 4, "checkpoint_every": 2, "ema_decay": 0.9}
    run_id = create_run(workspace, TrainConfig.checked(**fields), "run")
    Trainer(workspace, run_id, lambda event: None, always_run()).train()
    return workspace, run_id


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_way_keeps_the_length_of_equally_long_latents(seed: int, fraction: float) -> None:
    rng = torch.Generator().manual_seed(seed)
    first, second = torch.nn.functional.normalize(torch.randn(2, 64, generator=rng), dim=1) * 8
    between = spherical(first, second, fraction)
    assert float(between.norm()) == pytest.approx(8, rel=1e-4)
    angle = torch.arccos(torch.dot(first, second) / 64)
    gone = torch.arccos((torch.dot(first, between) / 64).clamp(-1, 1))
    assert float(gone) == pytest.approx(fraction * float(angle), abs=2e-3)


def test_half_way_between_two_axes_and_along_one_latent() -> None:
    first, second = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    assert spherical(first, second, 0.5) == pytest.approx([0.5**0.5] * 2)
    assert spherical(first, 3 * first, 0.5).tolist() == [2.0, 0.0]


def test_a_walk_begins_and_ends_at_the_samples_of_its_seeds(trained: tuple[Workspace, str]) -> None:
    workspace, run_id = trained
    points = [LatentPoint(3), LatentPoint(8, 2), LatentPoint(5)]
    frames = draw_walk(workspace, run_id, points, 4, class_name="DCM")
    assert [(f.leg, f.fraction) for f in frames] == [
        *((0, k / 4) for k in range(4)), *((1, k / 4) for k in range(4)), (1, 1.0),
    ]  # fmt: skip
    variant = sampling_variant(newest_checkpoint(workspace, run_id))
    label = torch.tensor([variant.spec.class_names.index("DCM")])
    for place, point in ((0, points[0]), (4, points[1]), (8, points[2])):
        sample = variant.sample(1, point.seed, labels=label, first=point.index, maps=False)
        expected = from_float(sample.images[0].numpy(), variant.spec.bit_depth)
        difference = frames[place].pixels.astype(int) - expected.astype(int)
        assert np.abs(difference).max() <= 65, "more than rounding"
    assert not np.array_equal(frames[1].pixels, frames[0].pixels)


def test_the_same_latents_are_drawn_at_every_checkpoint(trained: tuple[Workspace, str]) -> None:
    workspace, run_id = trained
    points = [LatentPoint(1), LatentPoint(2)]
    strip = draw_across_checkpoints(workspace, run_id, points)
    assert strip.steps == (2, 4)
    assert [len(row) for row in strip.images] == [2, 2]
    at_two = draw_walk(workspace, run_id, points, 1, checkpoint_step=2)
    assert np.array_equal(strip.images[0][0], at_two[0].pixels)
    assert not np.array_equal(strip.images[0][0], strip.images[1][0])


def test_what_cannot_be_walked_says_why(trained: tuple[Workspace, str]) -> None:
    workspace, run_id = trained
    with pytest.raises(ConfigError, match="at least two"):
        draw_walk(workspace, run_id, [LatentPoint(1)], 4)
    with pytest.raises(ConfigError, match="knows no class 'cat'"):
        draw_walk(workspace, run_id, [LatentPoint(1), LatentPoint(2)], 4, class_name="cat")
    with pytest.raises(TrainingError):
        draw_across_checkpoints(workspace, "gone", [LatentPoint(1)])
    assert why_no_walk("dcgan") == ""
    assert variant_class("upgan").needs_inputs
    assert "restores images" in why_no_walk("upgan")


def test_a_walk_can_be_stopped(trained: tuple[Workspace, str]) -> None:
    workspace, run_id = trained
    with pytest.raises(Cancelled):
        draw_walk(workspace, run_id, [LatentPoint(1), LatentPoint(2)], 20, cancelled=lambda: True)


@pytest.mark.parametrize("space", ["pixels", "features"])
def test_a_changed_copy_is_found_by_its_original(tmp_path: Path, space: str) -> None:
    workspace = Workspace.create(tmp_path)
    records = fill_library(workspace)
    original = read_image(workspace, records[6].key)
    noise = np.random.default_rng(0).normal(0, 300, original.shape)
    copy = np.clip(original + noise, 0, 65535).astype(np.uint16)
    key = write_image(workspace, copy)
    encoder = load_or_train_encoder(workspace, "acdc", 32, steps=5)
    found = nearest_real(workspace, "acdc", key, 2, space=space, extractor=encoder)
    assert found[0].record_id == records[6].record_id
    assert found[0].distance < found[1].distance
    assert found[0].space == ("pixels" if space == "pixels" else "acdc-encoder")
    if space == "pixels":
        difference = to_float(copy) - to_float(original)
        expected = np.sqrt(np.square(difference).mean()) * 127.5
        assert found[0].distance == pytest.approx(expected, rel=1e-4)
    own = nearest_real(workspace, "acdc", records[6].key, 1, space=space, extractor=encoder)
    assert own[0].key != records[6].key


def test_images_that_cannot_be_compared_say_why(library: Workspace) -> None:
    colour = write_image(library, np.zeros((32, 32, 3), np.uint8))
    with pytest.raises(DataError, match="grey"):
        nearest_real(library, "acdc", colour)
    oblong = write_image(library, np.zeros((32, 40), np.uint16))
    with pytest.raises(DataError, match="square"):
        nearest_real(library, "acdc", oblong)
