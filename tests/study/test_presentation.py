from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from engine.data.content_store import encode_png
from reviewapp.study.model import ImageRow
from reviewapp.study.presentation import Presentation, common_presentation, present
from reviewapp.study.presented_files import with_common_look
from reviewapp.study.protocol import Remedies


def image_row(width: int, height: int, channels: int) -> ImageRow:
    return ImageRow(
        "r", "ab" * 32, "d", "real", "", "", "", width, height, channels, 8, None, "", "", "",
        None, None, None, {},
    )  # fmt: skip


def shown(pixels: NDArray[np.generic], presentation: Presentation) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(present(pixels, presentation))))


def chunk_types(png: bytes) -> list[bytes]:
    types, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        types.append(png[at + 4 : at + 8])
        at += 12 + length
    return types


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_depth_size_and_chunks_are_the_same_whatever_comes_in(mode: str) -> None:
    rng = np.random.default_rng(0)
    inputs = [
        rng.integers(0, 65536, (96, 96)).astype(np.uint16),
        rng.integers(0, 256, (48, 48)).astype(np.uint8),
        rng.integers(0, 256, (70, 90)).astype(np.uint8),
    ]
    if mode == "RGB":
        inputs.append(rng.integers(0, 256, (64, 64, 3)).astype(np.uint8))
    headers = set()
    for pixels in inputs:
        png = present(pixels, Presentation(48, 128, mode))
        assert set(chunk_types(png)) == {b"IHDR", b"IDAT", b"IEND"}
        headers.add(png[:33])
        image = Image.open(io.BytesIO(png))
        assert (image.size, image.mode) == ((128, 128), mode)
    assert len(headers) == 1


@given(st.integers(0, 65535))
def test_a_grey_level_is_kept_to_8_bits(level: int) -> None:
    pixels = np.full((20, 20), level, dtype=np.uint16)
    assert np.all(shown(pixels, Presentation(16, 32, "L")) == np.rint(level * 255 / 65535))


def test_16_bit_and_8_bit_of_the_same_picture_look_the_same() -> None:
    coarse = np.random.default_rng(1).integers(0, 256, (40, 40)).astype(np.uint8)
    fine = coarse.astype(np.uint16) * 257
    presentation = Presentation(32, 64, "L")
    assert present(coarse, presentation) == present(fine, presentation)


def test_detail_finer_than_the_common_resolution_is_gone() -> None:
    checkerboard = (np.indices((128, 128)).sum(axis=0) % 2 * 65535).astype(np.uint16)
    assert np.ptp(shown(checkerboard, Presentation(128, 128, "L")).astype(int)) == 255
    inner = shown(checkerboard, Presentation(32, 128, "L"))[16:-16, 16:-16].astype(int)
    assert np.ptp(inner) <= 2


def test_a_colour_presentation_shows_grey_as_grey() -> None:
    grey = np.random.default_rng(2).integers(0, 256, (32, 32)).astype(np.uint8)
    picture = shown(grey, Presentation(32, 32, "RGB"))
    assert np.array_equal(picture[..., 0], grey)
    assert np.array_equal(picture[..., 1], grey)
    assert np.array_equal(picture[..., 2], grey)


def test_only_the_central_square_is_shown() -> None:
    pixels = np.zeros((30, 50), dtype=np.uint8)
    pixels[:, 10:40] = 200
    assert np.all(shown(pixels, Presentation(30, 30, "L")) == 200)


def test_a_presented_file_is_never_byte_for_byte_a_library_file() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    png = present(pixels, Presentation(64, 64, "RGB"))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(png))), pixels)
    assert png != encode_png(pixels)


def test_the_common_presentation_is_the_smallest_native_size_in_the_richest_mode() -> None:
    rows = [image_row(256, 200, 1), image_row(64, 80, 3), image_row(512, 512, 1)]
    assert common_presentation(rows, 512) == Presentation(64, 512, "RGB")
    assert common_presentation(rows[::2], 128) == Presentation(128, 128, "L")


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_length_of_a_file_does_not_follow_the_picture(mode: str) -> None:
    rng = np.random.default_rng(4)
    flat = np.zeros((64, 64), dtype=np.uint8)
    noisy = rng.integers(0, 256, (64, 64)).astype(np.uint8)
    lengths = {len(present(pixels, Presentation(64, 128, mode))) for pixels in (flat, noisy)}
    assert len(lengths) == 1


def test_cropping_takes_the_border_off_before_anything_else() -> None:
    pixels = np.full((100, 100), 50, dtype=np.uint8)
    pixels[5:95, 5:95] = 200
    rows = [image_row(100, 100, 1)]
    cropped = common_presentation(rows, 512, Remedies(crop_border=0.05))
    assert cropped.native_px == 90
    assert np.all(shown(pixels, cropped) == 200)
    assert np.ptp(shown(pixels, common_presentation(rows, 512))) > 100


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_remedies_act_on_every_image_and_keep_the_form(mode: str) -> None:
    rng = np.random.default_rng(5)
    pictures = [
        (rng.integers(60, 140, (48, 48)).astype(np.uint8)),
        (rng.integers(0, 60, (64, 64, 3)).astype(np.uint8) if mode == "RGB" else
         rng.integers(0, 9000, (64, 64)).astype(np.uint16)),
    ]  # fmt: skip
    remedies = Remedies(match_histogram=True, match_sharpness=True, jpeg_quality=60, grey_levels=32)
    plain = Presentation(48, 96, mode, remedies)
    presentation = with_common_look(plain, lambda: iter(pictures))
    means = []
    for pixels in pictures:
        levels = shown(pixels, presentation)
        assert levels.shape[:2] == (96, 96)
        assert len(np.unique(levels)) <= 32
        means.append(levels.mean())
    assert abs(means[0] - means[1]) < 4
