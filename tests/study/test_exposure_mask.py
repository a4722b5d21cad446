from __future__ import annotations

import numpy as np
import pytest

from reviewapp.study.exposure_mask import exposure_mask


@pytest.mark.parametrize(("size", "channels"), [(64, 1), (100, 3), (512, 1)])
def test_a_mask_has_every_grey_level_equally_often(size: int, channels: int) -> None:
    mask = exposure_mask(size, 7, 3, channels)
    assert mask.shape == ((size, size) if channels == 1 else (size, size, 3))
    assert mask.dtype == np.uint8
    counts = np.bincount(mask.reshape(-1, channels)[:, 0], minlength=256)
    assert counts.max() - counts.min() <= 1


def test_it_follows_from_seed_and_trial_alone() -> None:
    assert np.array_equal(exposure_mask(64, 7, 3), exposure_mask(64, 7, 3))
    assert not np.array_equal(exposure_mask(64, 7, 3), exposure_mask(64, 7, 4))
    assert not np.array_equal(exposure_mask(64, 7, 3), exposure_mask(64, 8, 3))


def test_it_covers_coarse_and_fine_detail() -> None:
    mask = exposure_mask(256, 1, 1).astype(float) - 127.5
    power = np.abs(np.fft.fft2(mask)) ** 2
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256)))
    for low, high in ((0.004, 0.02), (0.02, 0.1), (0.1, 0.5)):
        share = power[(frequency >= low) & (frequency < high)].sum() / power.sum()
        assert share > 0.1
