from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewapp.study.precision_estimate import estimate_precision
from reviewapp.study.protocol import Protocol
from reviewapp.study.statistics.proportions import wilson
from reviewapp.study.statistics.roc import auc


def protocol(**changes: object) -> Protocol:
    values = {"protocol_id": "p", "title": "P", "n_real": 50, "n_generated": 50}
    return Protocol.model_validate(values | changes)


def test_time_counts_trials_feedback_and_breaks() -> None:
    estimate = estimate_precision(
        protocol(repeats_fraction=0, training_trials=10, block_size=25, break_seconds=60)
    )
    # 110 trials of 8 s, 10 of them with 3 s of feedback, 5 blocks with 4 breaks of a minute.
    assert estimate.n_trials == 110
    assert estimate.minutes == pytest.approx((110 * 8 + 30 + 240) / 60)
    low, high = estimate.minutes_range
    assert low < estimate.minutes < high
    assert any("4 breaks of 60 seconds" in note for note in estimate.assumptions)


def test_a_timed_trial_takes_its_exposure_and_the_answer() -> None:
    timed = protocol(repeats_fraction=0, design="timed", exposure_ms=1000, block_size=100)
    assert estimate_precision(timed).minutes == pytest.approx(100 * 4 / 60)


def test_accuracy_of_one_reader_is_wilsons() -> None:
    interval = wilson(70, 100).interval
    accuracy = estimate_precision(protocol(repeats_fraction=0.1), accuracy=0.7).accuracy
    assert (accuracy.lower, accuracy.upper) == pytest.approx(interval)
    assert accuracy.width == pytest.approx(interval[1] - interval[0])


def test_area_and_interval_are_what_simulated_readers_show() -> None:
    estimate = estimate_precision(protocol(n_real=60, n_generated=60), accuracy=0.7)
    rng = np.random.default_rng(1)
    d_prime = 2 * 0.5244005
    results = [
        auc(list(rng.normal(d_prime, 1, 60)), list(rng.normal(0, 1, 60))) for _ in range(300)
    ]
    assert estimate.auc is not None
    assert estimate.auc.value == pytest.approx(np.mean([r.value for r in results]), abs=0.01)
    widths = [r.interval[1] - r.interval[0] for r in results]
    assert estimate.auc.width == pytest.approx(np.mean(widths), rel=0.1)


@pytest.mark.parametrize("design", ["single_yes_no", "two_alternative"])
def test_no_area_without_degrees_of_confidence(design: str) -> None:
    assert estimate_precision(protocol(design=design)).auc is None


@given(st.integers(4, 400), st.integers(1, 20), st.floats(0.5, 0.99))
def test_more_images_and_readers_never_make_it_worse(n: int, readers: int, accuracy: float) -> None:
    small = estimate_precision(protocol(n_real=n, n_generated=n), readers, accuracy)
    more_images = estimate_precision(protocol(n_real=4 * n, n_generated=4 * n), readers, accuracy)
    more_readers = estimate_precision(protocol(n_real=n, n_generated=n), readers + 3, accuracy)
    for better in (more_images, more_readers):
        assert better.auc is not None
        assert small.auc is not None
        assert better.accuracy.width <= small.accuracy.width + 1e-9
        assert better.auc.width <= small.auc.width + 1e-9
    assert 0 <= small.accuracy.lower < small.accuracy.upper <= 1
    # However many readers: they rate the same images.
    assert estimate_precision(protocol(n_real=n, n_generated=n), 10**6, accuracy).accuracy.width > 0


@pytest.mark.parametrize(("readers", "accuracy"), [(0, 0.7), (1, 0.4), (1, 1.0)])
def test_numbers_out_of_range_are_refused(readers: int, accuracy: float) -> None:
    with pytest.raises(ValueError, match="cannot be estimated"):
        estimate_precision(protocol(), readers, accuracy)
