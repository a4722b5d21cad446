from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from scipy.stats import ortho_group

from engine.errors import EvaluationError
from engine.evaluation.frechet import frechet_distance, gaussian_frechet_distance


def covariance(rng: np.random.Generator, dim: int) -> np.ndarray:
    root = rng.normal(size=(dim, dim))
    return root @ root.T + 0.1 * np.eye(dim)


def test_the_distance_of_one_dimensional_gaussians_is_the_closed_form() -> None:
    # (μ₁ − μ₂)² + (σ₁ − σ₂)², Dowson and Landau 1982
    found = gaussian_frechet_distance(
        np.array([1.0]), np.array([[4.0]]), np.array([-2.0]), np.array([[25.0]])
    )
    assert found == pytest.approx(9 + 9)


def test_commuting_covariances_have_the_closed_form() -> None:
    first, second = np.diag([1.0, 4.0, 9.0]), np.diag([16.0, 1.0, 9.0])
    found = gaussian_frechet_distance(np.zeros(3), first, np.ones(3), second)
    assert found == pytest.approx(3 + (1 - 4) ** 2 + (2 - 1) ** 2 + 0)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_formula_with_the_matrix_root_of_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = covariance(rng, 7), covariance(rng, 7)
    shift = rng.normal(size=7)
    expected = (shift**2).sum() + np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    found = gaussian_frechet_distance(shift, first, np.zeros(7), second)
    assert found == pytest.approx(expected, rel=1e-9)


def test_samples_approach_the_distance_of_their_gaussians() -> None:
    rng = np.random.default_rng(0)
    first, second = covariance(rng, 4), covariance(rng, 4)
    mean = np.array([1.0, 0.0, -1.0, 0.5])
    x = rng.multivariate_normal(mean, first, 40_000)
    y = rng.multivariate_normal(np.zeros(4), second, 40_000)
    expected = gaussian_frechet_distance(mean, first, np.zeros(4), second)
    metric = frechet_distance(x, y, "acdc-encoder")
    assert metric.value == pytest.approx(expected, rel=0.03)
    assert metric.label == "FD (acdc-encoder)"
    assert metric.note == ""


def test_only_the_published_network_gives_an_fid() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(20, 3)), rng.normal(size=(20, 3))
    assert frechet_distance(x, y, "Inception-v3").label == "FID"
    assert frechet_distance(x, y, "Inception-v3 (other weights)").label.startswith("FD (")


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_it_keeps_under_motion_and_order_and_is_symmetric(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(30, 5)), 1.5 * rng.normal(size=(40, 5)) + 0.3
    turn = ortho_group.rvs(5, random_state=rng)
    shift = rng.normal(size=5)
    value = frechet_distance(x, y, "e").value
    assert value >= 0
    assert frechet_distance(y, x, "e").value == pytest.approx(value, rel=1e-6)
    moved = frechet_distance(rng.permutation(x) @ turn + shift, y @ turn + shift, "e").value
    assert moved == pytest.approx(value, rel=1e-6)
    assert frechet_distance(x, x, "e").value == pytest.approx(0, abs=1e-8)


def test_a_singular_covariance_is_regularised_and_says_so() -> None:
    rng = np.random.default_rng(0)
    metric = frechet_distance(rng.normal(size=(10, 50)), rng.normal(size=(200, 50)), "e")
    assert np.isfinite(metric.value)
    assert "10 real images" in metric.note and "regularised" in metric.note
    assert "generated" not in metric.note


@pytest.mark.parametrize(
    ("real", "generated", "words"),
    [
        (np.ones((1, 3)), np.random.default_rng(0).normal(size=(9, 3)), "at least 2 real"),
        (
            np.random.default_rng(0).normal(size=(9, 3)),
            np.ones((9, 3)),
            "generated images have",
        ),
        (np.full((9, 3), np.nan), np.ones((9, 3)), "no numbers"),
        (np.zeros((9, 3)), np.zeros((9, 4)), "3 and 4 numbers"),
        (np.zeros(9), np.zeros((9, 4)), "table"),
    ],
)
def test_what_means_nothing_is_refused(real: np.ndarray, generated: np.ndarray, words: str) -> None:
    with pytest.raises(EvaluationError, match=words):
        frechet_distance(real, generated, "e")
