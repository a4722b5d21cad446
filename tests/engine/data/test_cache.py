from __future__ import annotations

import numpy as np
import pytest

from engine.data.cache import area_average, training_arrays
from engine.data.content_store import read_image, to_float, write_image
from engine.data.manifest import read_manifest, write_manifest
from engine.data.records import ImageRecord
from engine.errors import Cancelled, DataError
from engine.workspace import Workspace


def store(
    workspace: Workspace, pixels: np.ndarray, name: str, label: str = "", split: str = "train"
) -> ImageRecord:
    """Put a picture into the library and at the end of the manifest ``demo``."""
    record = ImageRecord(
        record_id=f"demo/{name}",
        key=write_image(workspace, pixels),
        dataset="demo",
        source="real",
        class_label=label,
        split=split,
        width=pixels.shape[1],
        height=pixels.shape[0],
        channels=1 if pixels.ndim == 2 else 3,
        bit_depth=8 if pixels.dtype == np.uint8 else 16,
    )
    path = workspace.manifest_path("demo")
    write_manifest(path, [*read_manifest(path), record])
    return record


@pytest.fixture
def filled(workspace: Workspace) -> Workspace:
    rng = np.random.default_rng(0)
    for number, label in enumerate(["RV", "", "DCM", "RV"]):
        store(workspace, rng.integers(0, 65536, (32, 32)).astype(np.uint16), str(number), label)
    store(workspace, rng.integers(0, 65536, (32, 32)).astype(np.uint16), "t", "NOR", split="test")
    return workspace


def cache_files(workspace: Workspace) -> list[str]:
    return sorted(path.name for path in workspace.cache.rglob("*.npy"))


def test_rows_are_the_images_of_the_splits(filled: Workspace) -> None:
    arrays = training_arrays(filled, "demo", 32)
    assert len(arrays) == 4
    assert arrays.record_ids == ("demo/0", "demo/1", "demo/2", "demo/3")
    assert arrays.class_names == ("DCM", "RV")
    assert arrays.labels.tolist() == [1, -1, 0, 1]
    assert (arrays.images.shape, arrays.images.dtype) == ((4, 1, 32, 32), np.uint16)
    for row, key in enumerate(arrays.keys):
        np.testing.assert_array_equal(arrays.images[row, 0], read_image(filled, key))
        np.testing.assert_allclose(
            arrays.batch([row])[0], to_float(read_image(filled, key)), atol=1e-6
        )
    assert training_arrays(filled, "demo", 32, splits=("test",)).record_ids == ("demo/t",)


def test_a_batch_is_float32_in_range(filled: Workspace) -> None:
    batch = training_arrays(filled, "demo", 16).batch(np.array([2, 0]))
    assert (batch.shape, batch.dtype) == ((2, 1, 16, 16), np.float32)
    assert -1 <= batch.min() < batch.max() <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_halving_averages_four_pixels(dtype) -> None:
    pixels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (16, 16)).astype(dtype)
    mean = pixels.reshape(8, 2, 8, 2).mean(axis=(1, 3))
    reduced = area_average(pixels, 8)
    assert reduced.dtype == dtype
    assert np.abs(reduced - mean).max() <= 0.51


def test_colour_is_averaged_channel_by_channel() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (16, 16, 3)).astype(np.uint8)
    reduced = area_average(pixels, 4)
    for channel in range(3):
        np.testing.assert_array_equal(reduced[..., channel], area_average(pixels[..., channel], 4))


def test_a_second_call_reads_the_same_file(filled: Workspace) -> None:
    training_arrays(filled, "demo", 16)
    (path,) = filled.cache.rglob("*.npy")
    stamp = path.stat().st_mtime_ns
    training_arrays(filled, "demo", 16)
    assert path.stat().st_mtime_ns == stamp


@pytest.mark.parametrize("harm", ["delete", "truncate", "flip", "no description", "delete all"])
def test_a_cache_that_is_gone_or_damaged_is_made_again(filled: Workspace, harm: str) -> None:
    expected = np.array(training_arrays(filled, "demo", 16).images)
    (path,) = filled.cache.rglob("*.npy")
    content = path.read_bytes()
    if harm == "delete":
        path.unlink()
    elif harm == "truncate":
        path.write_bytes(content[:-10])
    elif harm == "flip":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif harm == "no description":
        path.with_suffix(".json").unlink()
    else:
        for file in path.parent.iterdir():
            file.unlink()
        path.parent.rmdir()
        filled.cache.rmdir()
    np.testing.assert_array_equal(training_arrays(filled, "demo", 16).images, expected)


def test_new_images_make_a_new_cache_in_the_old_ones_place(filled: Workspace) -> None:
    training_arrays(filled, "demo", 16)
    training_arrays(filled, "demo", 16, splits=("test",))
    before = cache_files(filled)
    store(filled, np.full((32, 32), 500, np.uint16), "new")
    assert len(training_arrays(filled, "demo", 16)) == 5
    after = cache_files(filled)
    assert len(after) == len(before) == 2
    assert len(set(after) & set(before)) == 1  # that of the test split is still right


def test_mixed_pictures_become_the_richer_kind(workspace: Workspace) -> None:
    store(workspace, np.full((16, 16), 255, np.uint8), "grey")
    store(workspace, np.full((16, 16, 3), (255, 0, 255), np.uint8), "colour")
    store(workspace, np.full((16, 16), 65535, np.uint16), "deep")
    images = training_arrays(workspace, "demo", 16).images
    assert (images.shape, images.dtype) == ((3, 3, 16, 16), np.uint16)
    assert images[:, :, 0, 0].tolist() == [[65535] * 3, [65535, 0, 65535], [65535] * 3]


def test_cancelling_leaves_no_half_array(filled: Workspace) -> None:
    seen: list[int] = []
    with pytest.raises(Cancelled):
        training_arrays(
            filled,
            "demo",
            16,
            progress=lambda done, total, item: seen.append(done),
            cancelled=lambda: len(seen) > 2,
        )
    assert [path for path in filled.cache.rglob("*") if path.is_file()] == []
    assert len(training_arrays(filled, "demo", 16)) == 4


def test_what_cannot_be_trained_on_is_named(filled: Workspace) -> None:
    with pytest.raises(DataError, match="Import it first"):
        training_arrays(filled, "missing", 16)
    with pytest.raises(DataError, match=r"demo/0 is 32 x 32.*64"):
        training_arrays(filled, "demo", 64)
    filled.image_path(training_arrays(filled, "demo", 32).keys[1]).unlink()
    with pytest.raises(DataError, match="cannot be read"):
        training_arrays(filled, "demo", 16)
