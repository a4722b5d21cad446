"""Window and level, and what they make of stored pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.widgets.colour_map import COLOUR_MAPS, colour_table
from reviewapp.widgets.grey_window import MAX_WIDTH, MIN_WIDTH, GreyWindow
from reviewapp.widgets.pixel_rendering import check_pixels, render_overlay, render_pixels

UINT8 = np.dtype(np.uint8)
UINT16 = np.dtype(np.uint16)


def test_the_full_window_leaves_8_bit_levels_alone() -> None:
    assert GreyWindow().lookup_table(UINT8).tolist() == list(range(256))


def test_a_window_means_the_same_in_8_and_16_bits() -> None:
    window = GreyWindow(80, 40)
    of_8_bits = window.lookup_table(UINT8)
    of_16_bits = window.lookup_table(UINT16)
    assert of_16_bits[np.arange(256) * 257].tolist() == of_8_bits.tolist()


def test_known_levels_of_a_window() -> None:
    table = GreyWindow(center=100, width=50).lookup_table(UINT8)
    assert (table[75], table[85], table[105], table[125]) == (0, 51, 153, 255)
    assert (table[0], table[255]) == (0, 255)


@given(
    st.floats(-500, 500),
    st.floats(-500, 2000),
)
def test_a_limited_window_keeps_order_and_stays_within_its_limits(
    center: float, width: float
) -> None:
    window = GreyWindow(center, width).limited()
    assert 0 <= window.center <= 255
    assert MIN_WIDTH <= window.width <= MAX_WIDTH
    assert (np.diff(window.lookup_table(UINT8).astype(int)) >= 0).all()


def test_dragging_right_widens_and_up_brightens() -> None:
    window = GreyWindow(100, 50).moved(wider=10, brighter=5)
    assert window == GreyWindow(95, 60)
    assert window.lookup_table(UINT8)[95] >= GreyWindow(100, 60).lookup_table(UINT8)[95]


def test_a_percentile_window_spreads_the_middle_of_the_image() -> None:
    pixels = np.linspace(0, 65535, 10_001).astype(np.uint16).reshape(73, 137)
    window = GreyWindow.of_percentiles(pixels, 10, 90)
    assert window.center == pytest.approx(127.5, abs=0.1)
    assert window.width == pytest.approx(204, abs=0.1)


def test_an_even_image_still_gets_a_window_of_some_width() -> None:
    assert GreyWindow.of_percentiles(np.full((4, 4), 7, np.uint8), 1, 99).width == MIN_WIDTH


def test_inversion_and_colour_act_on_grey_images() -> None:
    grey = np.array([[0, 255]], np.uint8)
    assert render_pixels(grey, GreyWindow(), inverted=True).tolist() == [[255, 0]]
    coloured = render_pixels(grey, GreyWindow(), colour_map="viridis")
    table = colour_table("viridis")
    assert coloured.tolist() == [[table[0].tolist(), table[255].tolist()]]


def test_colour_images_keep_their_colours_whatever_the_map() -> None:
    colour = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    shown = render_pixels(colour, GreyWindow(), colour_map="magma", inverted=True)
    assert (shown == colour).all()


def test_a_16_bit_image_becomes_screen_levels() -> None:
    pixels = np.array([[0, 32768, 65535]], np.uint16)
    assert render_pixels(pixels, GreyWindow()).tolist() == [[0, 128, 255]]


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.uint16),
        np.zeros((0, 4), np.uint8),
    ],
    ids=["float", "RGBA", "16-bit colour", "empty"],
)
def test_arrays_that_are_no_image_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Cannot show"):
        check_pixels(pixels)


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_colour_maps_grow_lighter_all_the_way(name: str) -> None:
    table = colour_table(name).astype(float)
    assert table.shape == (256, 3)
    luminance = table @ (0.2126, 0.7152, 0.0722)
    assert (np.diff(luminance[::8]) > 0).all()


def test_an_unknown_colour_map_is_named() -> None:
    with pytest.raises(ValueError, match="rainbow"):
        colour_table("rainbow")


def test_an_overlay_takes_the_end_colours_at_and_beyond_its_range() -> None:
    values = np.array([[-1.0, 2.0, 6.0, 99.0]], np.float32)
    shown = render_overlay(values, 2, 6, colour_map="magma", opacity=0.5)
    table = colour_table("magma")
    assert shown[0, :2, :3].tolist() == [table[0].tolist()] * 2
    assert shown[0, 2:, :3].tolist() == [table[255].tolist()] * 2
    assert set(shown[..., 3].flat) == {128}


def test_an_overlay_of_one_value_is_drawn() -> None:
    shown = render_overlay(np.zeros((2, 2), np.float32), 0, 0, colour_map="magma", opacity=1)
    assert shown.shape == (2, 2, 4)
