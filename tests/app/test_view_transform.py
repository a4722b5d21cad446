"""Zoom and pan."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reviewapp.widgets.view_transform import MAX_SCALE, RelativeView, ViewTransform

sizes = st.integers(16, 2048)
views = st.builds(RelativeView, st.floats(0.25, 20), st.floats(0, 1), st.floats(0, 1))
transforms = st.builds(ViewTransform, sizes, sizes, sizes, sizes, views)
points = st.tuples(st.floats(0, 2000), st.floats(0, 2000))


def test_a_fitted_image_fills_the_shorter_side_and_is_centred() -> None:
    transform = ViewTransform(100, 50, 400, 400)
    assert transform.scale == 4
    assert transform.to_view(0, 0) == (0, 100)
    assert transform.to_view(100, 50) == (400, 300)


@given(transforms, points)
def test_image_and_view_positions_are_inverse(
    transform: ViewTransform, point: tuple[float, float]
) -> None:
    assert transform.to_view(*transform.to_image(*point)) == pytest.approx(point, abs=1e-6)


@given(transforms, st.floats(0.1, 10), st.floats(0.2, 0.8), st.floats(0.2, 0.8))
def test_zooming_in_keeps_the_point_under_the_cursor(
    transform: ViewTransform, factor: float, across: float, down: float
) -> None:
    cursor = transform.to_view(across * transform.image_width, down * transform.image_height)
    before = transform.to_image(*cursor)
    zoomed = transform.zoomed(factor, *cursor)
    # Where the middle would leave the image it is held there, which matters more.
    assume(0 < zoomed.center_x < 1 and 0 < zoomed.center_y < 1)
    after = ViewTransform(
        transform.image_width,
        transform.image_height,
        transform.view_width,
        transform.view_height,
        zoomed,
    )
    assert after.to_image(*cursor) == pytest.approx(before, abs=1e-6 * transform.image_width)


@given(transforms, st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_the_middle_of_the_view_stays_on_the_image(
    transform: ViewTransform, dx: float, dy: float
) -> None:
    view = transform.panned(dx, dy)
    assert 0 <= view.center_x <= 1
    assert 0 <= view.center_y <= 1


def test_zoom_ends_at_the_largest_pixel() -> None:
    transform = ViewTransform(128, 128, 512, 512)
    view = transform.zoomed(1e9, 256, 256)
    assert ViewTransform(128, 128, 512, 512, view).scale == pytest.approx(MAX_SCALE)


def test_a_relative_view_shows_the_same_part_of_a_larger_image() -> None:
    view = ViewTransform(128, 128, 300, 300).zoomed(3, 40, 200)
    small = ViewTransform(128, 128, 300, 300, view)
    large = ViewTransform(512, 512, 600, 600, view)
    corner = small.to_image(0, 0)
    assert large.to_image(0, 0) == pytest.approx((corner[0] * 4, corner[1] * 4))


def test_a_chosen_scale_is_kept_about_the_middle() -> None:
    transform = ViewTransform(128, 128, 512, 512, RelativeView(2, 0.3, 0.6))
    assert transform.at_scale(1) == RelativeView(0.25, 0.3, 0.6)
