from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import KernelDensity

from engine.errors import EvaluationError
from engine.evaluation import distances
from engine.evaluation.parzen import best_bandwidth, parzen, parzen_log_density


@pytest.mark.parametrize("bandwidth", [0.1, 0.7, 3.0])
@pytest.mark.parametrize("dim", [1, 12])
def test_the_density_is_that_of_scikit_learn(bandwidth: float, dim: int) -> None:
    rng = np.random.default_rng(0)
    samples, points = rng.normal(size=(80, dim)), rng.normal(size=(50, dim))
    expected = KernelDensity(bandwidth=bandwidth).fit(samples).score_samples(points)
    assert parzen_log_density(samples, points, bandwidth) == pytest.approx(expected, rel=1e-9)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    samples, points = rng.normal(size=(80, 3)), rng.normal(size=(50, 3))
    whole = parzen_log_density(samples, points, 0.5)
    monkeypatch.setattr(distances, "_BLOCK_BYTES", 8 * 80 * 3)
    assert parzen_log_density(samples, points, 0.5) == pytest.approx(whole)


def test_one_sample_is_a_gaussian() -> None:
    points = np.array([[0.0], [2.0]])
    expected = -0.5 * points[:, 0] ** 2 / 4 - 0.5 * np.log(2 * np.pi * 4)
    assert parzen_log_density(np.zeros((1, 1)), points, 2.0) == pytest.approx(expected)


def test_the_chosen_bandwidth_is_the_best_of_its_candidates_by_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    samples, validation = rng.normal(size=(150, 4)), rng.normal(size=(60, 4))
    chosen = best_bandwidth(samples, validation)

    def score(bandwidth: float) -> float:
        return float(KernelDensity(bandwidth=bandwidth).fit(samples).score(validation))

    assert score(chosen) > score(0.5 * chosen)
    assert score(chosen) > score(2 * chosen)


def test_the_bandwidth_grows_with_the_features_and_needs_not_the_first_images_to_differ() -> None:
    rng = np.random.default_rng(4)
    samples, validation = rng.normal(size=(900, 4)), rng.normal(size=(60, 4))
    chosen = best_bandwidth(samples, validation)
    assert best_bandwidth(1e4 * samples, 1e4 * validation) == pytest.approx(1e4 * chosen)
    samples[:300] = samples[0]
    assert best_bandwidth(samples, validation) == pytest.approx(chosen, rel=0.5)


def test_samples_that_are_all_but_identical_are_refused() -> None:
    samples = np.zeros((400, 3)) + 5.0
    samples[1] = 6.0
    real = np.random.default_rng(5).normal(size=(40, 3))
    with pytest.raises(EvaluationError, match="identical but for a few"):
        parzen(real, samples, "e")


def test_a_better_generator_has_the_higher_likelihood() -> None:
    rng = np.random.default_rng(2)
    real = rng.normal(size=(200, 6))
    good = parzen(real, rng.normal(size=(200, 6)), "e")
    bad = parzen(real, rng.normal(size=(200, 6)) + 2, "e")
    assert good.low is not None and bad.high is not None
    assert good.low > bad.high
    assert "bandwidth" in good.note and good.label == "Parzen log-likelihood (e)"


def test_a_given_bandwidth_scores_all_images() -> None:
    rng = np.random.default_rng(3)
    real, generated = rng.normal(size=(40, 3)), rng.normal(size=(50, 3))
    expected = KernelDensity(bandwidth=0.8).fit(generated).score_samples(real).mean()
    metric = parzen(real, generated, "e", bandwidth=0.8)
    assert metric.value == pytest.approx(expected)
    assert "40 real images" in metric.note


@pytest.mark.parametrize("bandwidth", [0.0, -1.0, float("nan")])
def test_a_bandwidth_without_meaning_is_refused(bandwidth: float) -> None:
    rng = np.random.default_rng(3)
    with pytest.raises(EvaluationError, match="bandwidth"):
        parzen(rng.normal(size=(40, 3)), rng.normal(size=(40, 3)), "e", bandwidth=bandwidth)
