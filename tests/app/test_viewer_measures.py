"""What the viewer computes without a screen: outlines, distances, values, histograms, looks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.data.content_store import UncertaintyMap
from reviewapp.browse.histogram import image_histogram, map_histogram
from reviewapp.browse.map_look import map_pixels, outline_threshold, outlined
from reviewapp.browse.pixel_words import map_words, pixel_words
from reviewapp.browse.ruler import Ruler, scale_bar_mm
from reviewapp.browse.segmentation import STRUCTURES, segmentation_contours
from reviewapp.study.model import ImageRow
from reviewapp.widgets.region_outline import region_outline


def row(**changes: object) -> ImageRow:
    fields: dict[str, object] = dict.fromkeys(ImageRow.__dataclass_fields__, "") | {
        "source": "real",
        "width": 8,
        "height": 8,
        "channels": 1,
        "bit_depth": 16,
        "spacing_mm": None,
        "attributes": {},
    }
    return ImageRow(**(fields | changes))  # type: ignore[arg-type]


def test_the_outline_of_one_pixel_is_its_four_sides() -> None:
    region = np.zeros((4, 5), bool)
    region[1, 2] = True
    assert sorted(map(tuple, region_outline(region).tolist())) == [
        (2, 1, 2, 2),
        (2, 1, 3, 1),
        (2, 2, 3, 2),
        (3, 1, 3, 2),
    ]


def test_pieces_in_a_line_are_joined_and_the_border_counts() -> None:
    assert len(region_outline(np.ones((30, 40), bool))) == 4
    assert region_outline(np.zeros((3, 3), bool)).shape == (0, 4)


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_the_outline_is_as_long_as_the_region_s_edges(region: np.ndarray) -> None:
    pieces = region_outline(region)
    padded = np.pad(region, 1).astype(int)
    edges = sum(int(np.abs(np.diff(padded, axis=axis)).sum()) for axis in (0, 1))
    lengths = np.abs(pieces[:, 2:] - pieces[:, :2])
    assert lengths.sum() == edges
    # Every piece runs along one axis.
    assert (lengths.min(axis=1) == 0).all() if len(pieces) else edges == 0


def test_each_structure_of_the_mask_gets_its_colour() -> None:
    mask = np.zeros((10, 12), np.uint8)
    mask[2:5, 2:5] = 1
    mask[6:9, 6:9] = 3
    right, left = segmentation_contours(mask)
    assert (right.colour, left.colour) == (STRUCTURES[0].colour, STRUCTURES[2].colour)
    assert right.size == (12, 10)
    assert right.pieces.min() == 2 and right.pieces.max() == 5


def test_a_distance_is_in_mm_where_the_spacing_is_known() -> None:
    ruler = Ruler(10, 20, 13, 24)
    assert ruler.words(1.5) == "7.5 mm"
    assert ruler.words(None) == "5.0 px"
    assert ruler.with_end(10, 30).with_start(10, 21).length_px == 9


@given(st.floats(0.001, 100), st.floats(10, 2000))
def test_the_scale_bar_is_round_and_fits(mm_per_px: float, room_px: float) -> None:
    length = scale_bar_mm(mm_per_px, room_px)
    assert length / mm_per_px <= room_px * 1.001
    assert length / mm_per_px > room_px / 2.6
    assert f"{length:e}"[0] in "125"


def test_a_value_of_mr_is_told_in_the_grey_range_and_as_in_the_file() -> None:
    known = row(attributes={"intensity": "12 912"})
    assert pixel_words(32768, known) == "grey 0.500 (0–1), in the file ≈ 462"
    assert pixel_words(0, known).endswith("≤ 12")
    assert pixel_words(65535, known).endswith("≥ 912")
    assert pixel_words(32768, row()) == "grey 0.500 (0–1)"
    # What a network has drawn was in no file.
    assert pixel_words(0, row(source="generated", attributes={"intensity": "12 912"})) == (
        "grey 0.000 (0–1)"
    )


def test_a_value_of_a_photograph_is_told_by_its_colours() -> None:
    assert pixel_words([200, 100, 7], row(bit_depth=8, channels=3)) == "R 200  G 100  B 7 (0–255)"
    assert pixel_words(17, row(bit_depth=8)) == "grey 17 (0–255)"


def uncertainty(values: np.ndarray) -> UncertaintyMap:
    return UncertaintyMap(values.astype(np.float32), "aleatoric", "grey levels (0–255)", "run")


def test_a_map_of_another_size_is_read_at_the_same_place() -> None:
    found = uncertainty(np.array([[1, 2], [3, 4.25]]))
    assert map_words(found, 7, 7, (8, 8)) == "aleatoric 4.25 grey levels (0–255)"
    assert map_words(found, 3, 4, (8, 8)).startswith("aleatoric 3 ")


def test_the_outline_encloses_the_highest_share() -> None:
    values = np.arange(400).reshape(20, 20)
    assert outlined(uncertainty(values), 0.1).sum() == 40
    assert outline_threshold(uncertainty(values), 0.1) == pytest.approx(359.1)
    # There is no highest part of a map that is the same everywhere.
    assert not outlined(uncertainty(np.full((5, 5), 3)), 0.1).any()


def test_a_map_beside_its_image_uses_the_whole_scale() -> None:
    assert map_pixels(uncertainty(np.array([[0, 5, 10, 20]])), 10).tolist() == [
        [0, 32768, 65535, 65535]
    ]
    assert map_pixels(uncertainty(np.zeros((1, 2))), 0).tolist() == [[0, 0]]


def test_histograms_count_every_pixel_and_name_what_they_count() -> None:
    grey = image_histogram(np.array([[0, 65535], [0, 32768]], np.uint16))
    assert (grey.counts.shape, grey.counts.sum()) == ((1, 128), 4)
    assert (grey.counts[0, 0], grey.counts[0, -1]) == (2, 1)
    colour = image_histogram(np.full((6, 6, 3), (255, 0, 128), np.uint8))
    assert (colour.counts[0, -1], colour.counts[1, 0], colour.counts[2, 64]) == (36, 36, 36)
    counted = map_histogram(uncertainty(np.array([[0, 5, 99]])), 10)
    assert (counted.counts[0, 0], counted.counts[0, -1], counted.high) == (1, 1, 10)
    assert "grey levels" in counted.title
    assert grey.heights().max() == 1
