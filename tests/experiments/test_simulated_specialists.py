"""Simulated specialists: rules tell pictures that keep them from others; readers err as told."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.experiments.feedback.hidden_rules import RULES, ring_gap, vessel_connection
from benchmarks.experiments.feedback.paired_interval import paired_interval
from benchmarks.experiments.feedback.phantoms import Picture, draw_vessels
from benchmarks.experiments.feedback.results_table import results_table
from benchmarks.experiments.feedback.simulated_specialist import (
    GuessingReader,
    SimulatedSpecialist,
)

RING, VESSELS = RULES["closed ring"], RULES["connected vessels"]


def ring(gap: float = 0.0, size: int = 32) -> Picture:
    """A bright ring around the middle; ``gap`` radians of it are missing, to the right."""
    y, x = np.mgrid[0:size, 0:size] - (size - 1) / 2
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    whole = np.exp(-0.5 * ((radius - 0.25 * size) / (0.045 * size)) ** 2)
    whole[np.abs(angle) < gap / 2] = 0.0
    return (0.1 + 0.8 * whole).astype(np.float32)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_nearly_all_phantoms_keep_their_rule(rule) -> None:
    rng = np.random.default_rng(3)
    pictures = np.stack([rule.draw(rng) for _ in range(150)])
    assert pictures.dtype == np.float32
    assert pictures.min() >= 0 and pictures.max() <= 1
    assert rule.kept(pictures).mean() >= 0.95


@pytest.mark.parametrize("size", [32, 64])
def test_a_ring_is_closed_until_a_piece_is_missing(size: int) -> None:
    rings = np.stack([ring(0.0, size), ring(0.6, size), ring(2.0, size)])
    assert RING.kept(rings).tolist() == [True, False, False]


def test_a_picture_without_a_ring_is_no_closed_ring() -> None:
    noise = np.random.default_rng(0).uniform(0, 1, (32, 32))
    blob = ring() * 0 + 0.9
    assert not RING.kept(np.stack([noise, blob]).astype(np.float32)).any()


def test_the_gap_is_marked_where_it_is() -> None:
    place = ring_gap(ring(0.8))
    assert place is not None
    x, y, w, h = place
    assert x <= 0.75 <= x + w
    assert y <= 0.5 <= y + h


def test_vessels_hang_together_until_one_is_cut() -> None:
    rng = np.random.default_rng(1)
    picture = draw_vessels(rng)
    cut = picture.copy()
    cut[:, 19:21] = 0.1
    assert VESSELS.kept(np.stack([picture, cut])).tolist() == [True, False]
    place = VESSELS.place(cut)
    assert place is not None
    assert place[0] >= 21 / 32
    assert vessel_connection(np.full((32, 32), 0.1, dtype=np.float32)) == 0


def pictures(n: int) -> np.ndarray:
    rng = np.random.default_rng(4)
    return np.stack([ring(gap) for gap in rng.choice([0.0, 2.0], n)])


def test_a_specialist_follows_the_rule_and_errs_at_the_given_rate() -> None:
    shown = pictures(250)
    reader = SimulatedSpecialist("r", RING, errors=0.1)
    given = reader.confidences(shown, np.random.default_rng(0))
    wrong = int(((given > 3.5) != RING.kept(shown)).sum())
    assert set(np.unique(given)) <= set(range(1, 7))
    assert stats.binomtest(wrong, len(shown), 0.1).pvalue > 0.001
    sure = SimulatedSpecialist("r", RING, errors=0.0, unsteadiness=0.0)
    assert ((sure.confidences(shown, np.random.default_rng(0)) > 3.5) == RING.kept(shown)).all()


def test_a_biased_reader_says_real_more_often_and_to_bright_pictures_most() -> None:
    rng = np.random.default_rng(0)
    dim = np.where(rng.random(150) < 0.5, 0.55, 0.65)
    near = np.stack([ring() * d + rng.uniform(0, 0.2) for d in dim]).astype(np.float32)

    def mean(reader: SimulatedSpecialist, shown: np.ndarray) -> float:
        return float(reader.confidences(shown, np.random.default_rng(1)).mean())

    sound = SimulatedSpecialist("r", RING)
    assert mean(SimulatedSpecialist("r", RING, leniency=1.0), near) > mean(sound, near)
    fond = SimulatedSpecialist("r", RING, love_of_light=3.0)
    light = near.mean(axis=(1, 2))
    bright, dark = near[light > np.median(light)], near[light <= np.median(light)]
    gain = mean(fond, bright) - mean(sound, bright)
    assert gain > mean(fond, dark) - mean(sound, dark)


def test_a_guessing_reader_knows_nothing() -> None:
    shown = pictures(300)
    given = GuessingReader("g").confidences(shown, np.random.default_rng(0))
    right = int(((given > 3.5) == RING.kept(shown)).sum())
    assert stats.binomtest(right, len(shown), 0.5).pvalue > 0.001
    assert GuessingReader("g").marks(shown[0]) == ()


def test_the_paired_interval_is_that_of_the_t_test() -> None:
    after, before = [0.8, 0.7, 0.9, 0.85], [0.6, 0.65, 0.7, 0.6]
    found = paired_interval(after, before)
    known = stats.ttest_rel(after, before).confidence_interval()
    assert (found.low, found.high) == pytest.approx((known.low, known.high))
    assert math.isnan(paired_interval([0.5], [0.4]).low)


def test_the_table_compares_each_seed_with_its_own_plain_run() -> None:
    def row(seed: int, arm: str, fool_rate: float) -> dict[str, object]:
        rest = {"recall": 0.9, "precision": 0.9, "distance": 1.0}
        return {"seed": seed, "arm": arm, "fool_rate": fool_rate, **rest}

    rows = [row(0, "no feedback", 0.5), row(1, "no feedback", 0.7), row(1, "critic", 0.9)]
    rows += [row(0, "critic", 0.7), {"seed": 0, "arm": "guessing", "refused": "It knows nothing."}]
    table = results_table(rows)
    assert "| critic | 2 | 80.0 % | +20.0 (+20.0 to +20.0) |" in table
    assert "| guessing | 1 refused: It knows nothing. |" in table
