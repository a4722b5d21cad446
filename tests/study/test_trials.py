from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewapp.study.trials import (
    REPEAT_GAP,
    DealtCase,
    PlannedTrial,
    deal_cases,
    order_trials,
    repeat_distance,
)

strata = st.lists(
    st.tuples(
        st.sampled_from(["real", "generated"]), st.sampled_from("ab"), st.sampled_from("xyz")
    ),
    min_size=2,
    max_size=80,
)


@st.composite
def dealt_studies(draw: st.DrawFn) -> tuple[list[DealtCase], list[tuple[str, ...]], int]:
    kinds = draw(strata)
    n_repeats = draw(st.integers(0, len(kinds)))
    block_size = draw(st.integers(2, 40))
    rng = random.Random(draw(st.integers(0, 1000)))
    deals = deal_cases(kinds, n_repeats, block_size, rng)
    images = [DealtCase(f"i{index:03d}", deal) for index, deal in enumerate(deals)]
    return images, kinds, block_size


def cards(images: list[DealtCase]) -> list[tuple[int, int]]:
    """(group, index of the image) of every card."""
    return [
        (group, index)
        for index, image in enumerate(images)
        for group in (image.deal.group, image.deal.repeat_group)
        if group is not None
    ]


@given(dealt_studies())
def test_groups_are_full_even_and_balanced(
    study: tuple[list[DealtCase], list[tuple[str, ...]], int],
) -> None:
    images, kinds, block_size = study
    dealt = cards(images)
    sizes = Counter(group for group, _ in dealt)
    assert max(sizes.values()) <= block_size
    assert max(sizes.values()) - min(sizes.values()) <= 1
    assert len(sizes) == -(-len(dealt) // block_size)
    for source in ("real", "generated"):
        shares = Counter(group for group, index in dealt if kinds[index][0] == source)
        counts = [shares[group] for group in sizes]
        assert max(counts) - min(counts) <= 1
    if len(sizes) > 1:
        assert all(image.deal.group != image.deal.repeat_group for image in images)


@given(strata, st.data())
def test_as_many_images_repeat_as_asked_balanced_over_sources(
    kinds: list[tuple[str, ...]], data: st.DataObject
) -> None:
    n_repeats = data.draw(st.integers(0, len(kinds)))
    deals = deal_cases(kinds, n_repeats, 10, random.Random(1))
    repeated = [
        kind[0] for kind, deal in zip(kinds, deals, strict=True) if deal.repeat_group is not None
    ]
    assert len(repeated) == n_repeats
    expected = n_repeats * sum(kind[0] == "real" for kind in kinds) / len(kinds)
    assert abs(repeated.count("real") - expected) < 1 + 1e-9


@settings(max_examples=60)
@given(
    dealt_studies(),
    st.integers(0, 8),
    st.integers(0, 2**63 - 1),
    st.text(min_size=1, max_size=10),
)
def test_a_session_shows_all_once_repeats_twice_and_far_apart(
    study: tuple[list[DealtCase], list[tuple[str, ...]], int],
    n_training: int,
    seed: int,
    reader_id: str,
) -> None:
    images, _, block_size = study
    training = [f"t{index}" for index in range(n_training)]
    planned = order_trials(training, images, seed, reader_id)

    practice, scored = planned[:n_training], planned[n_training:]
    assert sorted(trial.case_id for trial in practice) == sorted(training)
    assert all(trial.is_training and trial.block == 0 for trial in practice)
    assert not any(trial.is_training for trial in scored)

    shown = [trial.case_id for trial in scored]
    assert Counter(shown) == Counter(images[index].case_id for _, index in cards(images))
    assert repeat_distance(shown) >= min(REPEAT_GAP, len(images)) >= 2
    seen: set[str] = set()
    for trial in scored:
        assert trial.is_repeat == (trial.case_id in seen)
        seen.add(trial.case_id)

    blocks = [trial.block for trial in planned]
    assert blocks == sorted(blocks)
    assert set(blocks) == set(range(len(set(blocks))))
    assert max(Counter(trial.block for trial in scored).values()) <= block_size
    assert planned == order_trials(list(reversed(training)), images[::-1], seed, reader_id)


def standard_study() -> tuple[list[DealtCase], list[tuple[str, ...]]]:
    kinds = [("real",)] * 45 + [("generated",)] * 45
    deals = deal_cases(kinds, 10, 25, random.Random(3))
    return [DealtCase(f"i{index:03d}", deal) for index, deal in enumerate(deals)], kinds


def scored_sources(
    planned: list[PlannedTrial], kinds: list[tuple[str, ...]]
) -> Counter[tuple[int, str]]:
    return Counter((trial.block, kinds[int(trial.case_id[1:])][0]) for trial in planned)


def test_every_block_of_the_standard_protocol_is_half_real_for_every_reader() -> None:
    images, kinds = standard_study()
    for reader in range(20):
        shares = scored_sources(order_trials([], images, 5, f"R{reader}"), kinds)
        assert all(shares[block, "real"] in (12, 13) for block in range(4))
        assert all(shares[block, "real"] + shares[block, "generated"] == 25 for block in range(4))


def test_repeats_lie_in_another_block_than_the_first_showing() -> None:
    images, _ = standard_study()
    planned = order_trials([], images, 5, "R1")
    first = {trial.case_id: trial.block for trial in planned if not trial.is_repeat}
    assert all(first[t.case_id] != t.block for t in planned if t.is_repeat)


def test_readers_and_seeds_have_orders_of_their_own() -> None:
    images, _ = standard_study()
    orders = [order_trials(["t1", "t2"], images, seed, r) for seed in (1, 2) for r in ("R1", "R2")]
    assert all(a != b for i, a in enumerate(orders) for b in orders[:i])


def test_the_source_at_a_position_does_not_follow_from_the_position() -> None:
    images, kinds = standard_study()
    first = [
        kinds[int(order_trials([], images, 5, f"R{reader}")[0].case_id[1:])][0]
        for reader in range(200)
    ]
    # Binomial(200, 1/2) leaves 65..135 with a probability below 1e-6; the seeds are fixed anyway.
    assert 65 <= first.count("real") <= 135


def test_repeat_distance() -> None:
    assert repeat_distance(["a", "b", "a", "c", "b"]) == 2
    assert repeat_distance(["a", "b", "c"]) == 3
