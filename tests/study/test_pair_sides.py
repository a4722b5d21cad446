from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewapp.study.pair_sides import CaseSides, deal_sides, other_side, swapped_groups
from reviewapp.study.trials import Deal, DealtCase, deal_cases, order_trials


@st.composite
def dealt_pairs(draw: st.DrawFn) -> tuple[list[Deal], list[CaseSides]]:
    n_pairs = draw(st.integers(1, 60))
    n_repeats = draw(st.integers(0, n_pairs))
    rng = random.Random(draw(st.integers(0, 1000)))
    deals = deal_cases([("d",)] * n_pairs, n_repeats, draw(st.integers(2, 30)), rng)
    return deals, deal_sides(deals, rng)


def shown_sides(
    deals: list[Deal], sides: list[CaseSides], swapped: frozenset[int]
) -> list[tuple[int, str]]:
    """(group, side of the generated image) of every card, as a reader sees them."""
    cards = []
    for deal, side in zip(deals, sides, strict=True):
        for group, dealt in ((deal.group, side.first), (deal.repeat_group, side.repeat)):
            if group is not None and dealt is not None:
                cards.append((group, other_side(dealt) if group in swapped else dealt))
    return cards


@settings(max_examples=60)
@given(dealt_pairs(), st.integers(0, 2**63 - 1), st.text(min_size=1, max_size=8))
def test_the_generated_image_is_on_either_side_equally_often(
    pairs: tuple[list[Deal], list[CaseSides]], seed: int, reader_id: str
) -> None:
    deals, sides = pairs
    cards = shown_sides(deals, sides, swapped_groups(deals, seed, reader_id))
    assert len(cards) == len(deals) + sum(deal.repeat_group is not None for deal in deals)
    total = Counter(side for _, side in cards)
    assert abs(total["left"] - total["right"]) <= 1
    for group in {group for group, _ in cards}:
        within = Counter(side for own, side in cards if own == group)
        assert abs(within["left"] - within["right"]) <= 1


def test_readers_see_sides_of_their_own_and_the_same_ones_again() -> None:
    deals = deal_cases([("d",)] * 40, 4, 8, random.Random(1))
    layouts = {
        (seed, reader): swapped_groups(deals, seed, reader)
        for seed in (1, 2)
        for reader in ("R1", "R2", "R3")
    }
    assert len(set(layouts.values())) > 2
    assert layouts[1, "R1"] == swapped_groups(deals, 1, "R1")


def test_the_side_does_not_follow_from_the_position() -> None:
    deals = deal_cases([("d",)] * 40, 4, 11, random.Random(1))
    sides = deal_sides(deals, random.Random(2))
    cases = [DealtCase(str(index), deal) for index, deal in enumerate(deals)]
    first = Counter[str]()
    for reader in range(200):
        swapped = swapped_groups(deals, 5, f"R{reader}")
        card = order_trials([], cases, 5, f"R{reader}")[0].card
        dealt = sides[int(card.case_id)]
        side = dealt.repeat if card.is_second else dealt.first
        assert side is not None
        first[other_side(side) if card.group in swapped else side] += 1
    # Binomial(200, 1/2) leaves 65..135 with a probability below 1e-6; the seeds are fixed anyway.
    assert 65 <= first["left"] <= 135
