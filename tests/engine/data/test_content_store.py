from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from engine.data.content_store import (
    MapInfo,
    UncertaintyMap,
    available_maps,
    from_float,
    read_image,
    read_map,
    to_float,
    write_image,
    write_map,
)
from engine.errors import DataError
from engine.workspace import Workspace

sides = st.integers(1, 12)
grey8 = st.tuples(sides, sides).flatmap(lambda shape: npst.arrays(np.uint8, shape))
grey16 = st.tuples(sides, sides).flatmap(lambda shape: npst.arrays(np.uint16, shape))
rgb8 = st.tuples(sides, sides).flatmap(lambda shape: npst.arrays(np.uint8, (*shape, 3)))
pictures = st.one_of(grey8, grey16, rgb8)


@given(pictures)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_stored_pixels_come_back_unchanged(workspace: Workspace, pixels: np.ndarray) -> None:
    key = write_image(workspace, pixels)
    restored = read_image(workspace, key)
    assert restored.dtype == pixels.dtype
    np.testing.assert_array_equal(restored, pixels)
    assert write_image(workspace, pixels) == key


def test_every_grey_level_survives_the_way_through_float() -> None:
    for dtype, depth in ((np.uint8, 8), (np.uint16, 16)):
        levels = np.arange(np.iinfo(dtype).max + 1, dtype=dtype).reshape(16, -1)
        image = to_float(levels)
        assert image.dtype == np.float32
        assert (image.min(), image.max()) == (-1, 1)
        restored = from_float(image, depth)
        assert restored.dtype == dtype
        np.testing.assert_array_equal(restored, levels)


def test_colour_is_stored_last_and_computed_first() -> None:
    pixels = np.zeros((2, 3, 3), np.uint8)
    pixels[1, 2] = (255, 0, 51)
    image = to_float(pixels)
    assert image.shape == (3, 2, 3)
    np.testing.assert_allclose(image[:, 1, 2], [1, -1, -0.6], atol=1e-6)
    np.testing.assert_array_equal(from_float(image, 8), pixels)


def test_float_values_beyond_the_range_are_clipped() -> None:
    np.testing.assert_array_equal(from_float(np.array([[[-7.0, 7.0]]]), 16), [[0, 65535]])


@pytest.mark.parametrize(
    ("image", "depth"),
    [
        (np.zeros((3, 4, 4)), 16),
        (np.zeros((2, 4, 4)), 8),
        (np.zeros((4, 4)), 8),
        (np.full((1, 4, 4), np.nan), 8),
        (np.full((1, 4, 4), np.inf), 16),
    ],
)
def test_what_is_no_picture_is_refused(image: np.ndarray, depth: int) -> None:
    with pytest.raises(DataError):
        from_float(image, depth)


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((4, 4), np.float32), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4), np.uint8)],
)
def test_arrays_that_png_cannot_hold_are_refused(workspace: Workspace, pixels: np.ndarray) -> None:
    with pytest.raises(DataError):
        write_image(workspace, pixels)


def test_the_key_is_the_sha256_of_a_png_without_metadata(workspace: Workspace) -> None:
    key = write_image(workspace, np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000)
    path = workspace.image_path(key)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == key
    with Image.open(path) as image:
        assert (image.format, image.mode, image.info) == ("PNG", "I;16", {})


def test_a_damaged_image_is_named_and_written_again(workspace: Workspace) -> None:
    pixels = np.full((8, 8), 7, np.uint8)
    key = write_image(workspace, pixels)
    path = workspace.image_path(key)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DataError, match=key):
        read_image(workspace, key)
    assert write_image(workspace, pixels) == key
    np.testing.assert_array_equal(read_image(workspace, key), pixels)


def test_a_missing_image_is_named(workspace: Workspace) -> None:
    with pytest.raises(DataError, match="a" * 64):
        read_image(workspace, "a" * 64)


def test_maps_lie_beside_their_image_by_kind(workspace: Workspace) -> None:
    key = write_image(workspace, np.zeros((8, 8), np.uint8))
    values = np.linspace(0, 60, 64, dtype=np.float32).reshape(8, 8)
    aleatoric = UncertaintyMap(values, "aleatoric", "grey levels (0–255)", "run-a")
    write_map(workspace, key, aleatoric)
    write_map(workspace, key, UncertaintyMap(values / 2, "epistemic", "grey levels", "run-b"))
    assert available_maps(workspace, key) == [
        MapInfo("aleatoric", "grey levels (0–255)", "run-a"),
        MapInfo("epistemic", "grey levels", "run-b"),
    ]
    restored = read_map(workspace, key, "aleatoric")
    assert restored.unit == aleatoric.unit
    np.testing.assert_allclose(restored.values, values, rtol=1e-3)
    assert available_maps(workspace, "b" * 64) == []


def test_maps_that_float16_cannot_hold_are_refused(workspace: Workspace) -> None:
    for values in (np.full((4, 4), 1e6), np.full((4, 4), np.nan), np.zeros((2, 4, 4))):
        with pytest.raises(DataError):
            write_map(
                workspace, "c" * 64, UncertaintyMap(values.astype(np.float32), "any", "u", "r")
            )


def test_a_damaged_map_is_named(workspace: Workspace) -> None:
    write_map(workspace, "d" * 64, UncertaintyMap(np.ones((4, 4), np.float32), "sigma", "u", "r"))
    workspace.map_path("d" * 64, "sigma").write_bytes(b"\x93NUMPY")
    with pytest.raises(DataError, match="sigma"):
        read_map(workspace, "d" * 64, "sigma")
