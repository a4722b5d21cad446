from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.reader_detection import mean_detection, mean_forced_choice
from reviewapp.study.statistics.signal_detection import (
    DecisionCounts,
    criterion,
    d_prime,
    forced_choice_d_prime,
)


def calls(share: float, readers: int, images: int, seed: int) -> NDArray[np.float64]:
    return (np.random.default_rng(seed).random((readers, images)) < share).astype(np.float64)


def test_the_value_is_the_mean_of_the_readers_own() -> None:
    generated, real = calls(0.7, 3, 40, 1), calls(0.4, 3, 30, 2)
    counts = [
        DecisionCounts(int(g.sum()), int(40 - g.sum()), int(r.sum()), int(30 - r.sum()))
        for g, r in zip(generated, real, strict=True)
    ]
    for found, own in zip(mean_detection(generated, real), (d_prime, criterion), strict=True):
        assert isinstance(found, Estimate)
        singles = [own(c) for c in counts]
        expected = np.mean([s.value for s in singles if isinstance(s, Estimate)])
        assert found.value == pytest.approx(expected)
        assert found.interval is not None
        assert found.interval[0] < found.value < found.interval[1]
        assert found.n == 3 * 70


def test_the_interval_is_as_wide_as_the_scatter_of_simulated_studies() -> None:
    # Readers alike, images independent: one study's interval against many studies' values.
    values = []
    for seed in range(300):
        found = mean_detection(
            calls(0.7, 8, 60, 2 * seed), calls(0.4, 8, 60, 2 * seed + 1), resamples=2
        )[0]
        assert isinstance(found, Estimate)
        values.append(found.value)
    one = mean_detection(calls(0.7, 8, 60, 0), calls(0.4, 8, 60, 1))[0]
    assert isinstance(one, Estimate)
    assert one.interval is not None
    half = (one.interval[1] - one.interval[0]) / 2
    # Over both readers and images the bootstrap is known to be too wide, never too narrow.
    assert 0.9 < half / (1.96 * np.std(values)) < 2


def test_the_same_seed_gives_the_same_interval() -> None:
    table = calls(0.6, 4, 20, 1), calls(0.5, 4, 20, 2)
    assert mean_detection(*table) == mean_detection(*table)
    assert mean_detection(*table) != mean_detection(*table, seed=1)


def test_pairs_agree_with_the_formula_for_one_reader() -> None:
    correct = calls(0.7, 3, 25, 5)
    found = mean_forced_choice(correct)
    singles = [forced_choice_d_prime(int(row.sum()), 25) for row in correct]
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(
        np.mean([s.value for s in singles if isinstance(s, Estimate)])
    )
    assert found.interval is not None


def test_what_is_missing_is_explained() -> None:
    some, none = calls(0.5, 2, 5, 0), np.empty((2, 0))
    for found in (*mean_detection(some, none), *mean_detection(none, some)):
        assert isinstance(found, NotEstimable)
    assert isinstance(mean_forced_choice(none), NotEstimable)
    for result in (*mean_detection(some[:1], some[:1]), mean_forced_choice(some[:, :1])):
        assert isinstance(result, Estimate)
        assert result.interval is None
        assert "no interval" in result.method
