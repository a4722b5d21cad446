from __future__ import annotations

import numpy as np
import pytest

from engine.errors import EvaluationError
from engine.evaluation import kernel
from engine.evaluation.kernel import kernel_distance, polynomial_kernel, unbiased_mmd2


def test_the_kernel_is_the_papers() -> None:
    x, y = np.array([[1.0, 2.0]]), np.array([[3.0, -1.0], [0.0, 0.0]])
    assert polynomial_kernel(x, y) == pytest.approx(np.array([[(1 / 2 + 1) ** 3, 1.0]]))


def test_mmd_is_the_sum_over_different_pairs() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))

    def k(a: np.ndarray, b: np.ndarray) -> float:
        return float((a @ b / 3 + 1) ** 3)

    expected = (
        sum(k(x[i], x[j]) for i in range(4) for j in range(4) if i != j) / 12
        + sum(k(y[i], y[j]) for i in range(5) for j in range(5) if i != j) / 20
        - 2 * sum(k(a, b) for a in x for b in y) / 20
    )
    assert unbiased_mmd2(x, y) == pytest.approx(expected)


def test_it_is_unbiased_at_every_size() -> None:
    # The expectation for equal distributions is 0 however few images there are; the biased
    # estimate's would be far above it for 10.
    rng = np.random.default_rng(1)
    for size in (10, 40):
        values = [
            unbiased_mmd2(rng.normal(size=(size, 4)), rng.normal(size=(size, 4)))
            for _ in range(400)
        ]
        assert abs(np.mean(values)) < 3.5 * np.std(values) / np.sqrt(len(values))
    biased = [
        polynomial_kernel(x, x).mean()
        + polynomial_kernel(y, y).mean()
        - 2 * polynomial_kernel(x, y).mean()
        for x, y in ((rng.normal(size=(10, 4)), rng.normal(size=(10, 4))) for _ in range(100))
    ]
    assert np.mean(biased) > 5 * np.std(biased) / np.sqrt(len(biased))


def test_different_sets_are_told_apart_with_their_spread() -> None:
    rng = np.random.default_rng(2)
    real = rng.normal(size=(300, 8))
    near = kernel_distance(real, rng.normal(size=(300, 8)), "e", subsets=20, subset_size=100)
    far = kernel_distance(real, rng.normal(size=(300, 8)) + 1, "e", subsets=20, subset_size=100)
    assert near.low is not None and near.high is not None and far.low is not None
    assert near.low < 0.05 < far.low < far.value
    assert far.label == "KD (e)"
    assert kernel_distance(real, real + 1, "Inception-v3", subsets=2).label == "KID"


def test_a_seed_gives_the_same_value() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(50, 4)), rng.normal(size=(60, 4))
    values = [kernel_distance(x, y, "e", subset_size=20, seed=seed).value for seed in (1, 1, 2)]
    assert values[0] == values[1] != values[2]


def test_shared_kernels_and_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(90, 4)), rng.normal(size=(70, 4)) + 0.5
    drawn = np.random.default_rng(7)
    expected = [
        unbiased_mmd2(x[drawn.choice(90, 30, False)], y[drawn.choice(70, 30, False)])
        for _ in range(12)
    ]
    monkeypatch.setattr(kernel, "_BLOCK_BYTES", 8 * 70 * 13)
    # 12 subsets of 30 make more pairs than there are; 2 make fewer.
    for subsets in (12, 2):
        found = kernel_distance(x, y, "e", subsets=subsets, subset_size=30, seed=7)
        assert found.value == pytest.approx(np.mean(expected[:subsets]), rel=1e-9)
        assert found.high == pytest.approx(found.value + np.std(expected[:subsets]), rel=1e-9)


def test_too_few_images_are_refused() -> None:
    rng = np.random.default_rng(4)
    with pytest.raises(EvaluationError, match="at least 10 generated images, there are 9"):
        kernel_distance(rng.normal(size=(50, 4)), rng.normal(size=(9, 4)), "e")
