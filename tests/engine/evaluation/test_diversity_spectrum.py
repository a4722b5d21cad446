from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from engine.errors import EvaluationError
from engine.evaluation.diversity import diversity, mean_pairwise_distance
from engine.evaluation.spectrum import radial_spectrum, spectrum_distance


def test_the_mean_is_over_all_different_pairs() -> None:
    points = np.random.default_rng(0).normal(size=(40, 5)) + 1e3
    assert mean_pairwise_distance(points) == pytest.approx(pdist(points).mean())


def test_diversity_is_a_share_of_the_real_images() -> None:
    rng = np.random.default_rng(0)
    real = rng.normal(size=(200, 5))
    assert diversity(real, 0.5 * real, "e").value == pytest.approx(0.5)
    assert diversity(real, rng.normal(size=(200, 5)), "e").value == pytest.approx(1, abs=0.1)


def test_identical_images_are_the_finding_zero() -> None:
    real = np.random.default_rng(0).normal(size=(20, 5))
    metric = diversity(real, np.ones((20, 5)), "e")
    assert metric.value == 0
    assert "same features" in metric.note


def test_constant_real_images_are_refused() -> None:
    with pytest.raises(EvaluationError, match="real images have the same"):
        diversity(np.ones((20, 5)), np.random.default_rng(0).normal(size=(20, 5)), "e")


def test_a_wave_has_its_power_at_its_frequency() -> None:
    x = np.arange(32)
    wave = np.sin(2 * np.pi * 5 * x / 32)[None, None, None, :].repeat(32, axis=2)
    spectrum = radial_spectrum(wave.astype(np.float32))
    assert spectrum.shape == (17,)
    assert spectrum.argmax() == 5


def test_the_spectrum_keeps_the_power_of_white_noise() -> None:
    noise = np.random.default_rng(0).normal(size=(50, 1, 32, 32)).astype(np.float32)
    spectrum = radial_spectrum(noise)
    # White noise has the same power, its variance 1, at every frequency.
    assert spectrum[2:] == pytest.approx(0, abs=0.12)


def test_smoothing_shows_at_high_frequencies() -> None:
    rng = np.random.default_rng(0)
    images = rng.normal(size=(20, 1, 32, 32)).astype(np.float32)
    smooth = (images + np.roll(images, 1, 3)) / 2
    one, other = radial_spectrum(images), radial_spectrum(smooth)
    metric = spectrum_distance(one, other)
    assert metric.value > 0.1
    assert spectrum_distance(one, one).value == 0
    assert abs(one[-1] - other[-1]) > abs(one[2] - other[2])


def test_other_sizes_and_damage_are_refused() -> None:
    with pytest.raises(EvaluationError, match="17 and 9"):
        spectrum_distance(np.zeros(17), np.zeros(9))
    with pytest.raises(EvaluationError, match="no numbers"):
        spectrum_distance(np.zeros(17), np.full(17, np.nan))
