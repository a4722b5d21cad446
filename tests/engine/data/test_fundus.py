from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.fundus import decode_fundus, find_field_of_view
from engine.errors import DataError


def photograph(
    width: int, height: int, centre: tuple[float, float], radius: float, noise: int = 6
) -> Image.Image:
    """A lit disc, cut by the picture's edge, on a dark and noisy ground."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.random.default_rng(0).integers(0, noise + 1, (height, width, 3)).astype(np.uint8)
    pixels[np.hypot(x - centre[0], y - centre[1]) < radius] = (180, 90, 40)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("factor", [1, 4])
def test_the_field_is_found_where_it_is(factor: int) -> None:
    image = photograph(200 * factor, 150 * factor, (90 * factor, 70 * factor), 60 * factor)
    field = find_field_of_view(image)
    assert field.is_round
    edges = np.array([field.left, field.top, field.right, field.bottom]) / factor
    np.testing.assert_allclose(edges, [30, 10, 150, 130], atol=3)


def test_a_field_cut_above_and_below_keeps_its_width() -> None:
    field = find_field_of_view(photograph(300, 200, (150, 100), 120))
    assert (field.left, field.right) == (pytest.approx(30, abs=3), pytest.approx(270, abs=3))
    assert (field.top, field.bottom) == (0, 200)
    assert field.is_round


def test_captions_and_specks_are_not_the_field() -> None:
    image = photograph(400, 300, (220, 150), 120)
    image.paste((255, 255, 255), (2, 270, 60, 290))
    image.paste((255, 255, 255), (390, 5, 394, 9))
    field = find_field_of_view(image)
    assert (field.left, field.right) == (pytest.approx(100, abs=4), pytest.approx(340, abs=4))


def test_a_picture_without_a_dark_border_is_used_whole() -> None:
    pixels = np.random.default_rng(0).integers(90, 200, (120, 120, 3)).astype(np.uint8)
    field = find_field_of_view(Image.fromarray(pixels))
    assert (field.left, field.top, field.right, field.bottom) == (0, 0, 120, 120)
    assert not field.is_round


def test_uniform_pictures_show_no_field() -> None:
    for value in (0, 128, 255):
        with pytest.raises(DataError, match="no field of view"):
            find_field_of_view(Image.new("RGB", (100, 80), (value, value, value)))


def test_the_field_fills_the_square_and_the_rest_is_black(tmp_path: Path) -> None:
    photograph(600, 400, (310, 190), 150).save(tmp_path / "a.jpg", quality=95)
    pixels = decode_fundus(tmp_path / "a.jpg", 64)
    assert (pixels.shape, pixels.dtype) == ((64, 64, 3), np.uint8)
    assert pixels[0, 0].max() == pixels[63, 63].max() == 0
    lit = np.count_nonzero(pixels[:, :, 0] > 90) / 64**2
    assert lit == pytest.approx(np.pi / 4, abs=0.03)


@pytest.mark.parametrize("size", [32, 64, 200, 500])
def test_reduced_decoding_shows_the_same_picture(tmp_path: Path, size: int) -> None:
    rng = np.random.default_rng(1)
    image = photograph(1200, 900, (600, 450), 430)
    hills = Image.fromarray(rng.integers(0, 90, (9, 12, 3)).astype(np.uint8))
    texture = np.asarray(hills.resize((1200, 900), Image.Resampling.BICUBIC)).astype(int)
    lit = np.asarray(image)[..., 0] > 90
    pixels = np.where(lit[..., None], np.asarray(image) + texture, np.asarray(image))
    image = Image.fromarray(pixels.astype(np.uint8))
    image.save(tmp_path / "a.jpg", quality=98, subsampling=0)
    image.save(tmp_path / "a.png")  # PNG is never decoded at a reduced size
    reduced, full = decode_fundus(tmp_path / "a.jpg", size), decode_fundus(tmp_path / "a.png", size)
    assert np.abs(reduced.astype(int) - full).mean() < 3


def test_a_small_field_is_decoded_finely_enough(tmp_path: Path) -> None:
    # An eighth of the picture would leave 25 pixels of the field.
    image = photograph(1600, 1600, (800, 800), 180)
    stripes = np.asarray(image).copy()
    stripes[:, ::8] = 0
    stripes[:, 1::8] = 0
    Image.fromarray(stripes).save(tmp_path / "a.jpg", quality=98, subsampling=0)
    middle = decode_fundus(tmp_path / "a.jpg", 200)[100, 40:160, 0].astype(int)
    assert middle.max() - middle.min() > 80


def test_real_photographs_fill_the_square(real_data: Path) -> None:
    for number in (2, 4, 17):
        pixels = decode_fundus(real_data / "idrid" / f"IDRiD_{number:02d}.jpg", 128)
        brightness = pixels.max(axis=2)
        assert brightness[64, :4].max() > 20 and brightness[64, -4:].max() > 20
        assert brightness[:8, :8].max() == 0
        assert (brightness > 20).mean() == pytest.approx(0.73, abs=0.08)
