from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from engine.errors import FeedbackError
from engine.feedback.evidence import auc, platt_scaling, weigh_evidence
from engine.feedback.ordinal import OrdinalHead


def test_the_area_is_that_of_scikit_learn_also_with_ties() -> None:
    rng = np.random.default_rng(0)
    scores = np.round(rng.normal(size=200), 1)
    positive = rng.random(200) < expit(scores)
    assert auc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_platt_scaling_is_logistic_regression() -> None:
    rng = np.random.default_rng(1)
    scores = 3 * rng.normal(size=400)
    positive = rng.random(400) < expit(0.4 * scores - 0.7)
    fitted = LogisticRegression(C=1e6).fit(scores[:, None], positive)
    slope, intercept = platt_scaling(scores, positive)
    assert slope == pytest.approx(float(fitted.coef_[0, 0]), rel=1e-3)
    assert intercept == pytest.approx(float(fitted.intercept_[0]), rel=1e-3)


def test_separated_answers_still_have_a_finite_slope() -> None:
    scores = np.linspace(-2, 2, 40)
    slope, intercept = platt_scaling(scores, scores > 0)
    assert np.isfinite([slope, intercept]).all() and slope > 1


def test_chance_and_knowledge_are_told_apart() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(size=200)
    taken = truth + 0.5 * rng.normal(size=200) > 0
    folds = np.arange(200) % 4
    known = weigh_evidence(truth, taken, np.arange(200), folds)
    guessed = weigh_evidence(rng.normal(size=200), taken, np.arange(200), folds)
    assert known.auc_low > 0.75 and known.brier < 0.7 * known.brier_without
    assert guessed.auc_low < 0.5 < guessed.auc_high
    assert guessed.brier == pytest.approx(guessed.brier_without, rel=0.05)


def test_ratings_of_one_group_are_less_evidence_than_of_many() -> None:
    rng = np.random.default_rng(3)
    truth = np.repeat(rng.normal(size=20), 10)
    taken = truth + 0.8 * np.repeat(rng.normal(size=20), 10) > 0
    folds = np.repeat(np.arange(20), 10) % 4
    apart = weigh_evidence(truth, taken, np.arange(200), folds)
    together = weigh_evidence(truth, taken, np.repeat(np.arange(20), 10), folds)
    assert together.auc_high - together.auc_low > 1.5 * (apart.auc_high - apart.auc_low)


def test_answers_all_alike_are_refused() -> None:
    with pytest.raises(FeedbackError, match="same answer"):
        weigh_evidence(np.zeros(80), np.ones(80, dtype=bool), np.arange(80), np.arange(80) % 4)


def test_scores_of_different_networks_are_not_compared() -> None:
    rng = np.random.default_rng(4)
    folds = np.arange(120) % 4
    truth = rng.normal(size=120)
    taken = truth + rng.normal(size=120) > 0
    alone = weigh_evidence(truth, taken, np.arange(120), folds)
    shifted = weigh_evidence(np.exp(truth) + 100.0 * folds, taken, np.arange(120), folds)
    assert (shifted.auc, shifted.auc_low) == (alone.auc, alone.auc_low)


def test_cross_validated_guesses_seldom_look_like_knowledge() -> None:
    """Linear critics of 60 random features, refitted fold by fold on answers by a coin."""
    rng = np.random.default_rng(5)
    folds, admitted, naive = np.arange(120) % 4, 0, 0
    for _ in range(150):
        features = rng.normal(size=(120, 60))
        taken = rng.random(120) < 0.5
        signs = np.where(taken, 1.0, -1.0)
        scores = np.zeros(120)
        for fold in range(4):
            tuned = folds != fold
            design = features[tuned].T @ features[tuned] + 3 * np.eye(60)
            weights = np.linalg.solve(design, features[tuned].T @ signs[tuned])
            scores[~tuned] = features[~tuned] @ weights
        found = weigh_evidence(scores, taken, np.arange(120), folds)
        admitted += found.auc_low > 0.5
        naive += found.auc - (found.auc - found.auc_low) / np.sqrt(2) > 0.5
    # The level is 2.5 %; of 150, more than 8 has a chance of 1 in 70.
    assert admitted <= 8
    assert naive > admitted


def test_steps_have_the_probabilities_of_cumulative_logits() -> None:
    head = OrdinalHead(2)
    with torch.no_grad():
        head.bias.copy_(torch.tensor([0.0, 0.7]))
        head.log_sharpness.copy_(torch.tensor([0.0, 0.3]))
    theta = head.thresholds().detach().double().numpy()
    assert (np.diff(theta) > 0).all()
    for reader, (bias, sharpness) in enumerate([(0.0, 1.0), (0.7, np.exp(0.3))]):
        below = np.concatenate([[0], expit(theta + bias - sharpness * 0.4), [1]])
        steps = torch.arange(1, 7)
        scores, readers = torch.full((6,), 0.4), torch.full((6,), reader)
        found = (-head.nll(scores, steps, readers)).exp().detach().double().numpy()
        assert found == pytest.approx(np.diff(below), rel=1e-4)
        assert found.sum() == pytest.approx(1, rel=1e-5)


def test_log_odds_are_those_of_a_reader_without_habits() -> None:
    head = OrdinalHead(1)
    score = torch.tensor([1.3])
    p_real = sum(
        float((-head.nll(score, torch.tensor([step]), torch.tensor([0]))).exp().detach())
        for step in (4, 5, 6)
    )
    assert float(head.log_odds(score).detach()) == pytest.approx(
        np.log(p_real / (1 - p_real)), rel=1e-4
    )


def test_a_readers_bias_is_found_and_drawn_to_the_others() -> None:
    rng = np.random.default_rng(4)
    n = 300
    scores = torch.from_numpy(rng.normal(size=n)).float()
    readers = torch.from_numpy(rng.integers(3, size=n))
    true_bias = np.array([0.0, 1.5, -1.5])
    theta = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    below = expit(theta[None] + true_bias[readers.numpy()][:, None] - scores.numpy()[:, None])
    confidences = torch.from_numpy(1 + (rng.random(n)[:, None] > below).sum(axis=1))
    head = OrdinalHead(4)  # the fourth has rated nothing
    optimiser = torch.optim.Adam(head.parameters(), lr=0.05)
    for _ in range(300):
        loss = head.nll(scores, confidences, readers).mean() + head.prior() / n
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    bias = head.bias.detach().numpy()
    assert bias[1] - bias[2] > 2
    assert abs(bias[3]) < 0.05
    assert bias[2] < bias[0] < bias[1]
