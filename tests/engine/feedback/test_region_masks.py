"""Marks become pixels, and pixels weights of patches and of what is restored."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.data.manifest import read_manifest
from engine.data.records import Source
from engine.feedback.region_masks import marked_images, region_of
from engine.feedback.restoration_emphasis import restoration_emphasis
from engine.feedback.snapshot import FeedbackMark, FeedbackRating, Snapshot
from engine.gans.blocks.patches import region_places
from engine.gans.registry import preset
from engine.generated_images import RESTORED_FROM
from engine.generation import generate_batch
from engine.losses.recognised import recognised_loss, region_loss
from engine.training.config import TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run
from engine.workspace import Workspace

WHOLE = FeedbackMark(shape="ellipse", x=0, y=0, w=1, h=1)
QUARTER = FeedbackMark(
    shape="brush", x=0, y=0, w=0.5, h=0.5, points=((0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5))
)


def rating(
    name: str,
    confidence: int,
    *marks: FeedbackMark,
    source: Source = "generated",
    reader: str = "r1",
    held_out: bool = False,
) -> FeedbackRating:
    return FeedbackRating(
        record_id=name,
        key=f"{sum(name.encode()):064x}",
        source=source,
        confidence=confidence,
        reader_id=reader,
        study_id="s",
        held_out=held_out,
        marks=marks,
    )


def snapshot(*ratings: FeedbackRating) -> Snapshot:
    return Snapshot("0" * 64, ratings)


def test_an_ellipse_covers_its_area_and_an_outline_its_inside() -> None:
    assert region_of([WHOLE], 64).mean() == pytest.approx(math.pi / 4, abs=0.01)
    square = region_of([QUARTER], 16)
    assert square[:8, :8].all()
    assert square.sum() <= 9 * 9
    both = region_of([WHOLE, QUARTER], 16)
    assert np.array_equal(both, np.maximum(region_of([WHOLE], 16), square))


@given(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2), st.integers(4, 64))
def test_a_mark_smaller_than_a_pixel_is_one_pixel(x: float, y: float, size: int) -> None:
    dot = FeedbackMark(shape="ellipse", x=x, y=y, w=1e-6, h=1e-6)
    assert region_of([dot], size).sum() == 1


def test_only_recognised_images_are_marked_and_raters_agreement_counts() -> None:
    found = marked_images(
        snapshot(
            rating("seen", 1, QUARTER),
            rating("seen", 1, reader="r2"),
            rating("fooling", 6, QUARTER),
            rating("unmarked", 1),
            rating("judging", 1, QUARTER, held_out=True),
            rating("real", 1, QUARTER, source="real"),
        ),
        "generated",
    )
    assert [(image.record_id, image.strength) for image in found] == [("seen", 1.0)]
    region = found[0].region(16)
    assert region[2, 2] == pytest.approx(0.5)
    assert region[12, 12] == 0


def test_the_loss_of_a_region_is_that_of_its_patches() -> None:
    each = torch.arange(32.0).view(2, 1, 4, 4)
    regions = torch.zeros(2, 1, 16, 16)
    regions[0, :, :4, :4] = 1.0
    weights = torch.tensor([2.0, 1.0])
    assert float(region_loss(each, regions, weights, 4)) == pytest.approx(
        2.0 * each[0, 0, 0, 0] / 4
    )
    regions[1] = 1.0
    expected = (2.0 * each[0, 0, 0, 0] + each[1].mean()) / 4
    assert float(region_loss(each, regions, weights, 4)) == pytest.approx(float(expected))
    scales = torch.stack([each, each + 2], dim=1)
    expected = (2.0 * (each[0, 0, 0, 0] + 1) + each[1].mean() + 1) / 4
    assert float(region_loss(scales, regions, weights, 4)) == pytest.approx(float(expected))


@pytest.mark.parametrize("shape", [(3,), (3, 2)])
def test_a_discriminator_of_wholes_judges_the_marked_image_as_one(shape: tuple[int, ...]) -> None:
    each, weights = torch.rand(shape), torch.tensor([1.0, 0.5, 2.0])
    regions = (torch.rand(3, 1, 8, 8) > 0.5).float()
    torch.testing.assert_close(
        region_loss(each, regions, weights, 8), recognised_loss(each, weights, 8)
    )


def test_gradients_reach_marked_patches_alone() -> None:
    each = torch.rand(1, 1, 4, 4, requires_grad=True)
    regions = torch.zeros(1, 1, 16, 16)
    regions[..., 4:8, 8:12] = 1.0
    torch.autograd.backward(region_loss(each, regions, torch.ones(1), 1))
    assert each.grad is not None
    assert each.grad.nonzero().tolist() == [[0, 0, 1, 2]]


@given(st.floats(0, 1, exclude_max=True))
def test_patches_are_cut_around_marked_pixels_or_anywhere(u: float) -> None:
    regions = torch.zeros(2, 1, 32, 32)
    regions[0, :, 24:26, 4:6] = 1.0
    (marked, anywhere) = region_places(regions, torch.tensor([u, u], dtype=torch.float32), 32, 8)
    assert marked[0] <= 24 < marked[0] + 8
    assert marked[1] <= 5 < marked[1] + 8
    for y, x in (marked, anywhere):
        assert y % 2 == x % 2 == 0
        assert 0 <= y <= 24
        assert 0 <= x <= 24


def test_a_mark_in_a_restored_image_leads_back_to_the_real_one(library: Workspace) -> None:
    fields = preset("upgan", "acdc", "tiny").model_dump() | {"steps": 2, "threads": 1}
    create_run(library, TrainConfig.checked(**fields), "restorer")
    Trainer(library, "restorer", lambda event: None, always_run()).train()
    restored = generate_batch(library, "restorer", 1, seed=1)[0]
    origin = restored.attributes[RESTORED_FROM]
    real = {record.record_id for record in read_manifest(library.manifest_path("acdc"))}
    assert origin in real
    other = sorted(real - {origin})[0]
    given = snapshot(
        rating(restored.record_id, 1, QUARTER), rating(other, 2, QUARTER, source="real")
    )
    emphasis = restoration_emphasis(library, given, 2.0, 32)
    assert len(emphasis) == 2
    weights = emphasis.of([origin, other, "unrated"])
    assert weights[0, 0, 3, 3] == pytest.approx(3.0)
    assert weights[1, 0, 3, 3] == pytest.approx(1 + 2.0 * 0.6)
    assert (weights[:, :, 20:, 20:] == 1).all()
    assert (weights[2] == 1).all()
