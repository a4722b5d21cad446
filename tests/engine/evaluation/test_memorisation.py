from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from engine.errors import EvaluationError
from engine.evaluation.memorisation import memorisation, pair_picture


def sets(seed: int, n: int = 120, dim: int = 6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, dim)), rng.normal(size=(n, dim)), rng.normal(size=(n, dim))


def test_copies_are_found_with_the_image_they_copy() -> None:
    training, unseen, _ = sets(0)
    rng = np.random.default_rng(9)
    rows = rng.permutation(len(training))
    copies = training[rows] + 0.01 * rng.normal(size=training.shape)
    found = memorisation(training, copies, "pixels", unseen=unseen)
    assert found.metric.value > 0.99
    assert found.p_value < 1e-10
    assert (found.nearest == rows).all()
    assert found.distances[found.closest] == found.distances.min()
    assert found.metric.name == "memorisation_pixels"


def test_the_p_value_is_uniform_where_nothing_is_copied() -> None:
    values = []
    for seed in range(60):
        training, unseen, generated = sets(seed, 60)
        values.append(memorisation(training, generated, "e", unseen=unseen).p_value)
    assert 0.3 < np.mean(values) < 0.7
    assert np.mean(np.array(values) < 0.05) < 0.2


def test_value_and_p_are_those_of_the_mann_whitney_test() -> None:
    training, unseen, generated = sets(3)
    found = memorisation(training, generated, "e", unseen=unseen)

    def to_nearest(points: np.ndarray) -> np.ndarray:
        return np.array([np.linalg.norm(training - p, axis=1).min() for p in points])

    mine, usual = to_nearest(generated), to_nearest(unseen)
    assert found.distances == pytest.approx(mine)
    assert found.metric.value == pytest.approx((mine[:, None] < usual[None]).mean())
    assert found.p_value == pytest.approx(mannwhitneyu(mine, usual, alternative="less").pvalue)


def test_without_unseen_images_the_training_set_is_compared_with_itself() -> None:
    training, _, generated = sets(4)
    found = memorisation(training, generated, "e")
    assert 0.3 < found.metric.value < 0.7
    assert "among themselves" in found.metric.note


def test_an_exact_copy_has_distance_zero() -> None:
    training, unseen, generated = sets(5)
    generated[7] = training[11] + 0
    found = memorisation(training + 1e4, generated + 1e4, "e", unseen=unseen + 1e4)
    assert found.closest == 7
    assert found.nearest[7] == 11
    assert found.distances[7] == 0


def test_a_pair_lies_side_by_side() -> None:
    generated = np.full((1, 8, 8), -1, dtype=np.float32)
    training = np.full((1, 8, 8), 1, dtype=np.float32)
    picture = pair_picture(generated, training)
    assert picture.shape == (8, 20)
    assert picture.dtype == np.uint8
    assert picture[0, 0] == 0 and picture[0, -1] == 255
    colour = pair_picture(np.zeros((3, 8, 8), np.float32), np.zeros((3, 8, 8), np.float32))
    assert colour.shape == (8, 20, 3)


def test_too_few_images_are_refused() -> None:
    training, unseen, generated = sets(6)
    with pytest.raises(EvaluationError, match="at least 8"):
        memorisation(training[:7], generated, "e", unseen=unseen)
