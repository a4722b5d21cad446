from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from reviewapp.study.leak_classifier import (
    FOLDS,
    cross_validated_scores,
    fit_logistic,
    grouped_folds,
    normal_scores,
)
from reviewapp.study.statistics.roc import auc


def test_the_fit_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(80, 6))
    labels = features[:, 0] + 0.5 * features[:, 1] + rng.normal(size=80) > 0.2
    for penalty in (0.1, 1.0, 10.0):
        weights, intercept = fit_logistic(features, labels, penalty)
        expected = LogisticRegression(C=1 / penalty, tol=1e-10, max_iter=10_000)
        expected.fit(features, labels)
        assert weights == pytest.approx(expected.coef_[0], abs=2e-3)
        assert intercept == pytest.approx(expected.intercept_[0], abs=2e-3)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=10, max_size=80),
    st.integers(0, 100),
)
def test_folds_keep_groups_whole_and_classes_even(
    images: list[tuple[bool, int]], seed: int
) -> None:
    # Real images (False) come in patients, generated ones alone.
    labels = np.array([generated for generated, _ in images])
    groups = [f"g{n}" if generated else f"p{p}" for n, (generated, p) in enumerate(images)]
    folds = grouped_folds(labels, groups, seed)
    assert set(folds) <= set(range(FOLDS))
    for group in set(groups):
        assert len({folds[i] for i, own in enumerate(groups) if own == group}) == 1
    shares = [int(labels[folds == fold].sum()) for fold in range(FOLDS)]
    assert max(shares) - min(shares) <= 1


def test_normal_scores_rank_within_strata() -> None:
    values = np.array([[1.0, 7.0], [2.0, 7.0], [300.0, 7.0], [-5.0, 7.0], [4.0, 7.0]])
    scores = normal_scores(values, ["a", "a", "a", "b", "b"])
    assert scores[:3, 0] == pytest.approx([-0.967, 0, 0.967], abs=1e-3)
    assert scores[3, 0] == -scores[4, 0] < 0
    assert np.all(scores[:, 1] == 0)


def test_scores_of_noise_are_no_better_than_chance_and_of_signal_are() -> None:
    rng = np.random.default_rng(3)
    labels = np.arange(100) % 2 == 0
    groups = [str(n) for n in range(100)]
    noise = rng.normal(size=(100, 13))
    told = cross_validated_scores(noise, labels, groups)
    assert auc(list(told[labels]), list(told[~labels])).value < 0.65
    signal = noise.copy()
    signal[labels, 4] += 1.5
    told = cross_validated_scores(signal, labels, groups)
    assert auc(list(told[labels]), list(told[~labels])).value > 0.75
