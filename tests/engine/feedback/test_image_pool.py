"""Each step sees a few rated images, with the weight of all."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.data.manifest import read_manifest
from engine.errors import DataError
from engine.feedback.image_pool import ImagePool, PoolImage
from engine.gans.variant import ImageSpec
from engine.workspace import Workspace

SPEC = ImageSpec(channels=1, size=16)


def pool(library: Workspace, n: int, batch_size: int, spec: ImageSpec = SPEC) -> ImagePool:
    keys = [record.key for record in read_manifest(library.manifest_path("acdc"))][:n]
    images = [PoolImage(key, weight=1.0 + row, label=row % 2) for row, key in enumerate(keys)]
    return ImagePool(library, images, spec, batch_size=batch_size, seed=1)


@pytest.mark.parametrize(
    ("n", "batch_size", "seen"), [(2, 16, 2), (16, 8, 1), (16, 64, 10), (3, 1, 1)]
)
def test_a_sixth_of_a_batch_is_seen(library: Workspace, n: int, batch_size: int, seen: int) -> None:
    drawn = pool(library, n, batch_size).drawn(0, torch.device("cpu"))
    assert drawn.images.shape == (seen, 1, 16, 16)
    assert drawn.images.abs().max() <= 1


def test_over_the_steps_images_weigh_as_if_all_were_seen(library: Workspace) -> None:
    some = pool(library, 8, 8)
    means = np.mean(
        [float(some.drawn(step, torch.device("cpu")).weights.sum()) for step in range(600)]
    )
    assert means == pytest.approx(sum(1.0 + row for row in range(8)), rel=0.05)


def test_steps_are_seeded_and_differ(library: Workspace) -> None:
    some, again = pool(library, 16, 48), pool(library, 16, 48)
    a, b = some.drawn(3, torch.device("cpu")), again.drawn(3, torch.device("cpu"))
    assert torch.equal(a.images, b.images)
    assert torch.equal(a.draws("x").normal(2), b.draws("x").normal(2))
    assert not torch.equal(a.images, some.drawn(4, torch.device("cpu")).images)


def test_grey_images_serve_a_run_in_colour(library: Workspace) -> None:
    drawn = pool(library, 4, 24, ImageSpec(channels=3, size=32)).drawn(0, torch.device("cpu"))
    assert drawn.images.shape == (4, 3, 32, 32)


def test_parts_divide_images_weights_and_random_numbers(library: Workspace) -> None:
    whole = pool(library, 16, 64).drawn(0, torch.device("cpu"))
    parts = [whole.part(number, 3) for number in range(3)]
    kept = [part for part in parts if part is not None]
    assert torch.equal(torch.cat([part.images for part in kept]), whole.images)
    numbers = torch.cat([part.draws("x").uniform(2) for part in kept])
    assert torch.equal(numbers, whole.draws("x").uniform(2))


def test_an_image_that_is_gone_is_named(library: Workspace) -> None:
    with pytest.raises(DataError):
        ImagePool(library, [PoolImage("a" * 64, 1.0)], SPEC, batch_size=8, seed=1)
