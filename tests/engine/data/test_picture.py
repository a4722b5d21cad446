from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import picture
from engine.data.picture import open_picture, read_picture
from engine.errors import DataError


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)


def giant_png(path: Path) -> Path:
    """A few bytes whose header promises a picture of 60000 x 60000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.parametrize("ending", [".png", ".tif", ".tiff", ".PNG"])
def test_colour_is_read_exactly(tmp_path: Path, pixels: np.ndarray, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    Image.fromarray(pixels).save(path)
    np.testing.assert_array_equal(read_picture(path), pixels)


def test_depth_is_kept(tmp_path: Path) -> None:
    grey16 = (np.arange(300, dtype=np.uint16) * 200).reshape(15, 20)
    Image.fromarray(grey16).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").dtype == np.uint16
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), grey16)
    floats = np.linspace(-3, 8, 300, dtype=np.float32).reshape(15, 20)
    Image.fromarray(floats).save(tmp_path / "a.tif")
    np.testing.assert_array_equal(read_picture(tmp_path / "a.tif"), floats)
    bits = np.eye(16, dtype=bool)
    Image.fromarray(bits).save(tmp_path / "b.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "b.png"), bits * np.uint8(255))


def test_transparent_parts_are_black(tmp_path: Path) -> None:
    rgba = np.full((10, 10, 4), 255, np.uint8)
    rgba[:5, :, 3] = 0
    Image.fromarray(rgba).save(tmp_path / "a.png")
    read = read_picture(tmp_path / "a.png")
    assert (read[:5].max(), read[5:].min()) == (0, 255)


def test_pictures_stand_upright(tmp_path: Path) -> None:
    image = Image.fromarray(np.repeat(np.uint8([[0] * 24, [255] * 24]), 8, axis=0))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    read = read_picture(tmp_path / "a.jpg")
    assert read.shape == (24, 16)
    assert read[:, -4:].mean() < 20 < 235 < read[:, :4].mean()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jpg", b"", "empty"),
        ("a.jpg", b"only text", "not a JPEG"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"x" * 50, "not a PNG|damaged"),
    ],
)
def test_what_is_no_picture_is_refused(tmp_path, name, content, reason) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=reason):
        read_picture(tmp_path / name)


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif"])
def test_truncated_pictures_are_refused(tmp_path, pixels, ending) -> None:
    path = tmp_path / f"a{ending}"
    Image.fromarray(pixels).save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * 0.7)])
    with pytest.raises(DataError, match=r"cut short|damaged|not a"):
        read_picture(path)


def test_a_wrong_extension_is_named(tmp_path, pixels) -> None:
    Image.fromarray(pixels).save(tmp_path / "a.png")
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    with pytest.raises(DataError, match="the content is PNG, the name says JPEG"):
        read_picture(tmp_path / "a.jpg")


def test_a_bomb_is_refused_by_its_header(tmp_path) -> None:
    with pytest.raises(DataError, match=r"too large|bomb"):
        read_picture(giant_png(tmp_path / "a.png"))


def test_the_bound_on_pixels_comes_before_decoding(tmp_path, pixels, monkeypatch) -> None:
    Image.fromarray(pixels).save(tmp_path / "a.png")
    monkeypatch.setattr(picture, "MAX_PIXELS", pixels.shape[0] * pixels.shape[1] - 1)
    with pytest.raises(DataError, match="too large"), open_picture(tmp_path / "a.png"):
        pytest.fail("the picture was handed out")


def test_dots_and_stacks_are_refused(tmp_path, pixels) -> None:
    Image.fromarray(pixels[:1, :1]).save(tmp_path / "a.png")
    with pytest.raises(DataError, match="too small"):
        read_picture(tmp_path / "a.png")
    page = Image.fromarray(pixels)
    page.save(tmp_path / "a.tif", save_all=True, append_images=[page, page])
    with pytest.raises(DataError, match="several pages"):
        read_picture(tmp_path / "a.tif")


def test_files_out_of_reach_are_refused(tmp_path, pixels) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_picture(tmp_path / "none.png")
    path = tmp_path / "a.png"
    Image.fromarray(pixels).save(path)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(DataError, match="cannot be read"):
        read_picture(path)
