"""Which of two images shown side by side is on the left: balanced without the truth at hand.

Truth is sealed when a session opens, so the sides are dealt when the study is made: in each group
of cards the generated image is as often on the left as on the right. A reader's own layout swaps
whole groups, which keeps that balance whatever the truth is.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from reviewapp.study.model import Side
from reviewapp.study.trials import Deal


@dataclass(frozen=True, slots=True)
class CaseSides:
    """The generated image's side on a pair's first card and, if it is repeated, on its second."""

    first: Side
    repeat: Side | None


def other_side(side: Side) -> Side:
    """Left for right and right for left."""
    return "right" if side == "left" else "left"


def deal_sides(deals: Sequence[Deal], rng: random.Random) -> list[CaseSides]:
    """Sides for every card: left and right differ by at most one in each group and in all."""
    cards: dict[int, list[tuple[int, bool]]] = {}
    for case, deal in enumerate(deals):
        cards.setdefault(deal.group, []).append((case, False))
        if deal.repeat_group is not None:
            cards.setdefault(deal.repeat_group, []).append((case, True))
    sides: dict[tuple[int, bool], Side] = {}
    # The odd card of a group takes the side that the odd card of the last such group did not.
    odd_side: Side = rng.choice(("left", "right"))
    for group in sorted(cards):
        shuffled = rng.sample(cards[group], len(cards[group]))
        side = odd_side
        for card in shuffled:
            sides[card] = side
            side = other_side(side)
        if len(shuffled) % 2:
            odd_side = other_side(odd_side)
    return [CaseSides(sides[case, False], sides.get((case, True))) for case in range(len(deals))]


def swapped_groups(deals: Sequence[Deal], seed: int, reader_id: str) -> frozenset[int]:
    """The groups whose pairs this reader sees with their sides swapped; seeded by both.

    Groups of an odd number of cards are swapped all or none, so that their odd cards still cancel
    out over the session.
    """
    sizes: Counter[int] = Counter()
    for deal in deals:
        sizes[deal.group] += 1
        if deal.repeat_group is not None:
            sizes[deal.repeat_group] += 1
    rng = random.Random(f"{seed}/{reader_id}/sides")
    odd_swapped = rng.random() < 0.5
    return frozenset(
        group
        for group in sorted(sizes)
        if (odd_swapped if sizes[group] % 2 else rng.random() < 0.5)
    )
