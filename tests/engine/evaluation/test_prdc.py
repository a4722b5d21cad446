from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import EvaluationError
from engine.evaluation import distances
from engine.evaluation.prdc import neighbour_radii, prdc


def values(real: np.ndarray, generated: np.ndarray, neighbours: int = 5) -> dict[str, float]:
    return {m.name: m.value for m in prdc(real, generated, "e", neighbours=neighbours)}


def plain(real: np.ndarray, generated: np.ndarray, k: int) -> dict[str, float]:
    """The definitions of Naeem et al. 2020, word by word."""

    def radius(points: np.ndarray, i: int) -> float:
        return float(np.sort(np.linalg.norm(points - points[i], axis=1))[k])

    real_radii = [radius(real, i) for i in range(len(real))]
    generated_radii = [radius(generated, j) for j in range(len(generated))]
    far = np.linalg.norm(real[:, None] - generated[None], axis=2)
    inside = far < np.array(real_radii)[:, None]
    return {
        "precision": float(inside.any(axis=0).mean()),
        "recall": float((far < np.array(generated_radii)[None]).any(axis=1).mean()),
        "density": float(inside.sum() / (k * len(generated))),
        "coverage": float(inside.any(axis=1).mean()),
    }


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_it_follows_the_definitions(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    real, generated = rng.normal(size=(25, 3)), 0.8 * rng.normal(size=(31, 3)) + 0.4
    assert values(real, generated, k) == pytest.approx(plain(real, generated, k))


def test_far_away_images_have_neither_precision_nor_recall() -> None:
    rng = np.random.default_rng(0)
    real = rng.normal(size=(50, 4))
    assert values(real, real + 1000) == {
        "precision": 0.0,
        "recall": 0.0,
        "density": 0.0,
        "coverage": 0.0,
    }


def test_one_good_mode_is_precise_but_recalls_half() -> None:
    rng = np.random.default_rng(0)
    modes = rng.normal(size=(200, 4)) + 100 * (np.arange(200) % 2)[:, None]
    generated = rng.normal(size=(200, 4))
    found = values(modes, generated)
    assert found["precision"] > 0.8
    assert found["recall"] <= 0.5
    assert 0.3 < found["coverage"] <= 0.5


def test_one_outlier_makes_recall_but_not_coverage() -> None:
    # Naeem et al. 2020, figure 3: an outlier among generated images inflates recall.
    rng = np.random.default_rng(0)
    real = rng.normal(size=(200, 2)) * 3
    generated = np.concatenate([rng.normal(size=(190, 2)) * 0.1, rng.normal(size=(10, 2)) * 50])
    found = values(real, generated)
    assert found["recall"] > 0.8
    assert found["coverage"] < 0.6


def test_equal_distributions_cover_each_other() -> None:
    rng = np.random.default_rng(1)
    found = values(rng.normal(size=(500, 8)), rng.normal(size=(500, 8)))
    assert found["density"] == pytest.approx(1, abs=0.15)
    # Naeem et al. 2020, equation 10: 1 − 1/2^k
    assert found["coverage"] == pytest.approx(1 - 0.5**5, abs=0.05)


def test_the_size_of_blocks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    real, generated = rng.normal(size=(60, 5)), rng.normal(size=(70, 5))
    whole = values(real, generated)
    monkeypatch.setattr(distances, "_BLOCK_BYTES", 8 * 70 * 7)
    assert values(real, generated) == whole


def test_a_radius_reaches_to_the_kth_other_row() -> None:
    points = np.array([[0.0], [1.0], [3.0], [10.0]])
    assert neighbour_radii(points, 1) == pytest.approx([1, 1, 4, 49])
    assert neighbour_radii(points, 2) == pytest.approx([9, 4, 9, 81])


def test_too_few_images_are_refused() -> None:
    with pytest.raises(EvaluationError, match="at least 6 real images, there are 5"):
        prdc(np.random.default_rng(0).normal(size=(5, 2)), np.zeros((9, 2)), "e")
