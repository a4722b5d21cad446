"""The order of a session's trials: seeded, balanced over blocks, repeats kept apart.

A *case* is what one trial shows: an image, or two side by side. Truth is sealed when a session
opens, so balance is arranged earlier: when a study is made, every case is dealt to a *group*, each
group holding its share of every stratum. A session's scored blocks are these groups in an order,
and with an inner order, of the reader's own.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

#: least distance in trials between the two showings of a case (1 would be adjacent); an order
#: of fewer different cases keeps as many trials between them as it has cases
REPEAT_GAP = 5
_ATTEMPTS = 300


@dataclass(frozen=True, slots=True)
class Deal:
    """The group of a case's first card and, for a repeated case, of its second."""

    group: int
    repeat_group: int | None


@dataclass(frozen=True, slots=True)
class DealtCase:
    """A case with the groups that it was dealt to."""

    case_id: str
    deal: Deal


@dataclass(frozen=True, slots=True)
class Card:
    """One showing of a case before it has a place: its group, and whether it is the second card."""

    case_id: str
    group: int
    is_second: bool


@dataclass(frozen=True, slots=True)
class PlannedTrial:
    """One showing; blocks count from 0, and block 0 is the training block where there is one.

    ``is_repeat`` goes by the order of showing; the repeat may show either of the case's cards.
    """

    block: int
    is_training: bool
    is_repeat: bool
    card: Card

    @property
    def case_id(self) -> str:
        """The case that is shown."""
        return self.card.case_id


def deal_cases(
    strata: Sequence[tuple[str, ...]], n_repeats: int, block_size: int, rng: random.Random
) -> list[Deal]:
    """Deal cases, given by their stratum, to as few groups as ``block_size`` allows.

    A stratum lists its properties from the most important (the source) to the least. Group sizes
    differ by at most one card, and so do the cards of each stratum's leading property in them. The
    two cards of a repeated case lie in different groups if there is more than one group.
    """
    n_cases = len(strata)
    by_stratum = sorted(range(n_cases), key=lambda case: (strata[case], rng.random()))
    # Every k-th case of the sorted list repeats, so that repeats are balanced over strata too.
    offset = rng.randrange(n_cases)
    repeated = {by_stratum[(step * n_cases + offset) // n_repeats] for step in range(n_repeats)}
    n_groups = -(-(n_cases + n_repeats) // block_size)
    first: dict[int, int] = {}
    second: dict[int, int] = {}
    cards = [case for case in by_stratum for _ in range(2 if case in repeated else 1)]
    for position, case in enumerate(cards):
        target = second if case in first else first
        target[case] = position % n_groups
    return [Deal(first[case], second.get(case)) for case in range(n_cases)]


def order_trials(
    training: Sequence[str], cases: Sequence[DealtCase], seed: int, reader_id: str
) -> list[PlannedTrial]:
    """The whole session of one reader: training first, then the scored blocks.

    The same arguments give the same order. The two showings of a case are at least
    ``min(REPEAT_GAP, number of different cases)`` trials apart; the later one is the repeat.
    """
    rng = random.Random(f"{seed}/{reader_id}")
    practice = sorted(training)
    rng.shuffle(practice)
    planned = [PlannedTrial(0, True, False, Card(case_id, 0, False)) for case_id in practice]
    first_block = 1 if practice else 0
    seen: set[str] = set()
    for block, card in _scored_order(cases, rng):
        planned.append(PlannedTrial(first_block + block, False, card.case_id in seen, card))
        seen.add(card.case_id)
    return planned


def _scored_order(cases: Sequence[DealtCase], rng: random.Random) -> list[tuple[int, Card]]:
    groups: dict[int, list[Card]] = {}
    for case in sorted(cases, key=lambda case: case.case_id):
        first, second = _cards(case)
        groups.setdefault(first.group, []).append(first)
        if second is not None:
            groups.setdefault(second.group, []).append(second)
    blocks = [groups[group] for group in sorted(groups)]
    least_gap = min(REPEAT_GAP, len(cases))
    for _ in range(_ATTEMPTS):
        rng.shuffle(blocks)
        for block in blocks:
            rng.shuffle(block)
        order = [(number, card) for number, block in enumerate(blocks) for card in block]
        if repeat_distance([card.case_id for _, card in order]) >= least_gap:
            return order
    return _halves_order(cases, [len(block) for block in blocks], rng)


def _halves_order(
    cases: Sequence[DealtCase], block_sizes: Sequence[int], rng: random.Random
) -> list[tuple[int, Card]]:
    """All repeats at the end, in the order of their first showing at the start.

    Two showings are then as many trials apart as there are different cases. Needed only where
    repeats are so dense that chance does not find an order.
    """
    in_order = sorted(cases, key=lambda case: case.case_id)
    repeated = [_cards(case) for case in in_order if case.deal.repeat_group is not None]
    single = [_cards(case)[0] for case in in_order if case.deal.repeat_group is None]
    rng.shuffle(repeated)
    rng.shuffle(single)
    order = [first for first, _ in repeated] + single
    order += [second for _, second in repeated if second is not None]
    numbers = [number for number, size in enumerate(block_sizes) for _ in range(size)]
    return list(zip(numbers, order, strict=True))


def _cards(case: DealtCase) -> tuple[Card, Card | None]:
    repeat_group = case.deal.repeat_group
    return (
        Card(case.case_id, case.deal.group, False),
        None if repeat_group is None else Card(case.case_id, repeat_group, True),
    )


def repeat_distance(order: Sequence[str]) -> int:
    """The least number of trials between two showings of one case; ``len(order)`` if none."""
    last: dict[str, int] = {}
    distance = len(order)
    for position, case_id in enumerate(order):
        if case_id in last:
            distance = min(distance, position - last[case_id])
        last[case_id] = position
    return distance
