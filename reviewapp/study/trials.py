"""The order of a session's trials: seeded, balanced over blocks, repeats kept apart.

Truth is sealed when a session opens, so balance is arranged earlier: when a study is made, every
image is dealt to a *group*, each group holding its share of every stratum. A session's scored
blocks are these groups in an order, and with an inner order, of the reader's own.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

#: least distance in trials between the two showings of an image (1 would be adjacent); an order
#: of fewer different images keeps as many trials between them as it has images
REPEAT_GAP = 5
_ATTEMPTS = 300


@dataclass(frozen=True, slots=True)
class Deal:
    """The group of an image's first card and, for a repeated image, of its second."""

    group: int
    repeat_group: int | None


@dataclass(frozen=True, slots=True)
class DealtImage:
    """An image with the groups that it was dealt to."""

    image_id: str
    deal: Deal


@dataclass(frozen=True, slots=True)
class PlannedTrial:
    """One showing; blocks count from 0, and block 0 is the training block where there is one."""

    block: int
    is_training: bool
    is_repeat: bool
    image_id: str


def deal_images(
    strata: Sequence[tuple[str, ...]], n_repeats: int, block_size: int, rng: random.Random
) -> list[Deal]:
    """Deal images, given by their stratum, to as few groups as ``block_size`` allows.

    A stratum lists its properties from the most important (the source) to the least. Group sizes
    differ by at most one card, and so do the cards of each stratum's leading property in them. The
    two cards of a repeated image lie in different groups if there is more than one group.
    """
    n_images = len(strata)
    by_stratum = sorted(range(n_images), key=lambda image: (strata[image], rng.random()))
    # Every k-th image of the sorted list repeats, so that repeats are balanced over strata too.
    offset = rng.randrange(n_images)
    repeated = {by_stratum[(step * n_images + offset) // n_repeats] for step in range(n_repeats)}
    n_groups = -(-(n_images + n_repeats) // block_size)
    first: dict[int, int] = {}
    second: dict[int, int] = {}
    cards = [image for image in by_stratum for _ in range(2 if image in repeated else 1)]
    for position, image in enumerate(cards):
        target = second if image in first else first
        target[image] = position % n_groups
    return [Deal(first[image], second.get(image)) for image in range(n_images)]


def order_trials(
    training: Sequence[str], images: Sequence[DealtImage], seed: int, reader_id: str
) -> list[PlannedTrial]:
    """The whole session of one reader: training first, then the scored blocks.

    The same arguments give the same order. The two showings of an image are at least
    ``min(REPEAT_GAP, number of different images)`` trials apart; the later one is the repeat.
    """
    rng = random.Random(f"{seed}/{reader_id}")
    practice = sorted(training)
    rng.shuffle(practice)
    planned = [PlannedTrial(0, True, False, image_id) for image_id in practice]
    first_block = 1 if practice else 0
    seen: set[str] = set()
    for block, image_id in _scored_order(images, rng):
        planned.append(PlannedTrial(first_block + block, False, image_id in seen, image_id))
        seen.add(image_id)
    return planned


def _scored_order(images: Sequence[DealtImage], rng: random.Random) -> list[tuple[int, str]]:
    groups: dict[int, list[str]] = {}
    for image in sorted(images, key=lambda image: image.image_id):
        groups.setdefault(image.deal.group, []).append(image.image_id)
        if image.deal.repeat_group is not None:
            groups.setdefault(image.deal.repeat_group, []).append(image.image_id)
    blocks = [groups[group] for group in sorted(groups)]
    least_gap = min(REPEAT_GAP, len(images))
    for _ in range(_ATTEMPTS):
        rng.shuffle(blocks)
        for block in blocks:
            rng.shuffle(block)
        order = [(number, image) for number, block in enumerate(blocks) for image in block]
        if repeat_distance([image for _, image in order]) >= least_gap:
            return order
    return _halves_order(images, [len(block) for block in blocks], rng)


def _halves_order(
    images: Sequence[DealtImage], block_sizes: Sequence[int], rng: random.Random
) -> list[tuple[int, str]]:
    """All repeats at the end, in the order of their first showing at the start.

    Two showings are then as many trials apart as there are different images. Needed only where
    repeats are so dense that chance does not find an order.
    """
    repeated = sorted(i.image_id for i in images if i.deal.repeat_group is not None)
    single = sorted(i.image_id for i in images if i.deal.repeat_group is None)
    rng.shuffle(repeated)
    rng.shuffle(single)
    order = [*repeated, *single, *repeated]
    numbers = [number for number, size in enumerate(block_sizes) for _ in range(size)]
    return list(zip(numbers, order, strict=True))


def repeat_distance(order: Sequence[str]) -> int:
    """The least number of trials between two showings of one image; ``len(order)`` if none."""
    last: dict[str, int] = {}
    distance = len(order)
    for position, image in enumerate(order):
        if image in last:
            distance = min(distance, position - last[image])
        last[image] = position
    return distance
