"""Ratings become weights by the rules of the design."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.records import Source
from engine.errors import FeedbackError
from engine.feedback.reweighting import reweighting, taken_for_generated
from engine.feedback.snapshot import FeedbackRating, Snapshot
from engine.training.config import FeedbackConfig

CONFIG = FeedbackConfig(negative_weight=2.0, real_weight=3.0, snapshot_sha256="0" * 64)


def snapshot(*rows: tuple[str, Source, int]) -> Snapshot:
    return Snapshot(
        "0" * 64,
        tuple(
            FeedbackRating(
                record_id=name,
                key=f"{sum(name.encode()):064x}",
                source=source,
                confidence=confidence,
                reader_id=f"r{number}",
                study_id="s",
            )
            for number, (name, source, confidence) in enumerate(rows)
        ),
    )


def test_known_weights() -> None:
    changed = reweighting(
        snapshot(
            ("seen through", "generated", 1),
            ("suspected", "generated", 3),
            ("fooling", "generated", 6),
            ("doubted", "real", 1),
            ("trusted", "real", 6),
        ),
        CONFIG,
    )
    weights = sorted(image.weight for image in changed.negatives)
    assert weights == pytest.approx([2.0 * 0.2, 2.0])
    assert changed.shown_more == {"doubted": pytest.approx(3.0)}
    assert (changed.n_fooling, changed.n_real_recognised) == (1, 1)
    assert changed.real_weights(("trusted", "doubted", "unrated")).tolist() == [1.0, 4.0, 1.0]


def test_several_ratings_of_an_image_count_as_their_mean() -> None:
    changed = reweighting(
        snapshot(("a", "generated", 1), ("a", "generated", 5), ("b", "real", 1)), CONFIG
    )
    assert [image.weight for image in changed.negatives] == pytest.approx([2.0 * 0.2])


@given(st.lists(st.integers(1, 6), min_size=1, max_size=12))
def test_an_image_that_fools_is_never_used(confidences: list[int]) -> None:
    rows: list[tuple[str, Source, int]] = [("image", "generated", c) for c in confidences]
    changed = reweighting(snapshot(*rows, ("doubted", "real", 1)), CONFIG)
    fooled = sum(confidences) / len(confidences) >= 3.5
    assert changed.n_fooling == int(fooled)
    assert (len(changed.negatives) == 0) == fooled
    assert "image" not in changed.shown_more


@given(st.floats(1, 6), st.floats(1, 6))
def test_surer_readers_weigh_more(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert 0 <= taken_for_generated(high) <= taken_for_generated(low) <= 1


def test_ratings_that_change_nothing_are_refused() -> None:
    with pytest.raises(FeedbackError, match="change nothing"):
        reweighting(snapshot(("a", "generated", 6), ("b", "real", 6)), CONFIG)


def test_zero_weights_change_nothing_and_say_nothing() -> None:
    config = CONFIG.model_copy(update={"negative_weight": 0.0, "real_weight": 0.0})
    changed = reweighting(snapshot(("a", "generated", 1), ("b", "real", 1)), config)
    assert changed.negatives == ()
    assert changed.real_weights(("b",)).tolist() == [1.0]


def test_held_out_ratings_change_nothing() -> None:
    rows = (("a", "generated", 1), ("b", "generated", 1), ("c", "real", 1))
    given = snapshot(*rows)
    held = tuple(
        rating.model_copy(update={"held_out": rating.record_id == "a"}) for rating in given.ratings
    )
    changed = reweighting(replace(given, ratings=held), CONFIG)
    assert len(changed.negatives) == 1
    assert set(changed.shown_more) == {"c"}
    nothing = tuple(rating.model_copy(update={"held_out": True}) for rating in given.ratings)
    with pytest.raises(FeedbackError, match="change nothing"):
        reweighting(replace(given, ratings=nothing), CONFIG)
