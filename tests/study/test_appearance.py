from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, laplace

from reviewapp.study.appearance import (
    coded_as_jpeg,
    common_sharpness,
    match_levels,
    match_sharpness,
    pooled_levels,
    reduce_levels,
    sharpness,
)


def noise(seed: int, sigma: float = 1.0, channels: int = 1) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    planes = [gaussian_filter(rng.standard_normal((64, 64)), sigma) for _ in range(channels)]
    return np.clip(np.stack(planes), -1, 1).astype(np.float32)


def test_matched_images_have_the_pooled_levels_in_every_channel() -> None:
    views = [noise(seed, 1, 3) * (0.5 + seed / 4) + 0.1 * seed for seed in range(4)]
    pooled = pooled_levels(views)
    for planes in views:
        matched = match_levels(planes, pooled)
        assert matched.shape == planes.shape
        own = pooled_levels([matched])
        assert np.abs(own - pooled).max() < 0.02
        # The order of the levels, and so the picture, is kept.
        assert np.all(np.diff(matched[0].ravel()[np.argsort(planes[0].ravel())]) >= 0)


def test_a_flat_background_stays_flat() -> None:
    planes = noise(1)
    planes[0, :20] = -1
    matched = match_levels(planes, pooled_levels([noise(2), noise(3)]))
    assert np.ptp(matched[0, :20]) == 0


def test_sharpness_is_the_laplacian_over_the_variance() -> None:
    planes = noise(1, 2)
    expected = np.mean(laplace(planes[0].astype(float), mode="reflect") ** 2) / planes[0].var()
    assert sharpness(planes) == pytest.approx(expected, rel=1e-4)
    assert sharpness(np.full((1, 16, 16), 0.3, np.float32)) == 0
    # Contrast is another matter.
    assert sharpness(planes * 0.3 + 0.2) == pytest.approx(sharpness(planes), rel=1e-4)


@given(st.integers(0, 1000), st.floats(0.3, 2))
def test_matching_blurs_down_to_the_target_and_never_sharpens(seed: int, sigma: float) -> None:
    planes, target = noise(seed, sigma), sharpness(noise(1, 1))
    matched = match_sharpness(planes, target)
    if sharpness(planes) <= target:
        assert np.array_equal(matched, planes)
    else:
        assert sharpness(matched) == pytest.approx(target, rel=0.01)
        assert matched.mean() == pytest.approx(planes.mean(), abs=1e-4)


def test_the_common_sharpness_leaves_out_the_blurriest_few() -> None:
    assert common_sharpness([0.0] + [1.0] * 39) == 1.0


@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_coding_has_the_artefacts_of_its_quality(channels: int) -> None:
    planes = noise(1, 0.7, channels)
    good, bad = coded_as_jpeg(planes, 95), coded_as_jpeg(planes, 20)
    assert good.shape == bad.shape == planes.shape
    assert np.abs(good - planes).mean() < np.abs(bad - planes).mean()


@given(st.integers(8, 128))
def test_reduced_levels_are_as_many_as_asked_with_black_and_white(count: int) -> None:
    reduced = reduce_levels(np.arange(256, dtype=np.uint8), count)
    assert len(np.unique(reduced)) == count
    assert (reduced[0], reduced[-1]) == (0, 255)
    assert np.all(np.abs(reduced.astype(int) - np.arange(256)) <= 255 / (count - 1) / 2 + 0.5)
