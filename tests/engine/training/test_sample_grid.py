"""Grids: the same samples as asked for at once, however many are drawn at a time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.cache import training_arrays
from engine.gans.registry import preset, variant_class
from engine.training import sample_grid
from engine.training.loop import image_spec
from engine.training.randomness import generator
from engine.training.sample_grid import draw_grid, write_grid
from engine.workspace import Workspace


@pytest.mark.parametrize("name", ["dcgan", "upgan"])
def test_large_images_are_drawn_a_few_at_a_time_and_are_the_same(
    library: Workspace, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    data = training_arrays(library, "acdc", 32)
    options = preset(name, "acdc", "tiny").options
    variant = variant_class(name).build(image_spec(data, 32), options, 50, generator(1, "weights"))
    together = draw_grid(variant, data)
    asked: list[int] = []
    sample = variant.sample

    def counted(n: int, *arguments: object, **named: object) -> object:
        asked.append(n)
        return sample(n, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(variant, "sample", counted)
    monkeypatch.setattr(sample_grid, "_PIXELS_AT_ONCE", 5 * 32**2 + 7)
    in_parts = draw_grid(variant, data)
    assert asked == [5, 5, 5, 1]
    assert together.shape == in_parts.shape == (16, 32, 32)
    assert np.abs(together.astype(int) - in_parts.astype(int)).max() <= 1
    monkeypatch.setattr(sample_grid, "_PIXELS_AT_ONCE", 1)
    draw_grid(variant, data)
    assert asked[4:] == [1] * 16


def test_a_grid_is_written_row_by_row(tmp_path: Path) -> None:
    images = np.arange(4, dtype=np.uint8)[:, None, None] * np.ones((4, 2, 2), np.uint8)
    write_grid(images, tmp_path / "grid.png")
    with Image.open(tmp_path / "grid.png") as picture:
        assert np.asarray(picture).tolist() == [[0, 0, 1, 1]] * 2 + [[2, 2, 3, 3]] * 2
