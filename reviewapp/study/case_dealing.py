"""Deals a study's images to cases and groups, as rows that tell nothing of the truth."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence

from reviewapp.study.model import ImageRow
from reviewapp.study.pair_sides import deal_sides, other_side
from reviewapp.study.pairing import pair_images
from reviewapp.study.protocol import Protocol
from reviewapp.study.selection import Selection
from reviewapp.study.trials import Deal, deal_cases

# A source of randomness that nothing in the database can reproduce.
_unpredictable = random.SystemRandom()


def deal_study(
    study_id: str,
    selection: Selection,
    protocol: Protocol,
    image_ids: dict[str, str],
    keys: dict[str, str],
) -> list[dict[str, object]]:
    """The rows of `schema.presented_images`; ids and keys are given by record id."""
    deal = _deal_pairs if protocol.is_paired else _deal_singles
    tellable = selection.tellable_classes()
    training = {image.record_id for image in selection.training}
    rows: list[dict[str, object]] = []
    for image, dealt in deal(selection, protocol):
        rows.append(
            {
                "study_id": study_id,
                "image_id": image_ids[image.record_id],
                "presented_key": keys[image.record_id],
                "dataset": image.dataset,
                "class_label": image.class_label if image.dataset in tellable else "",
                "training_truth": image.source if image.record_id in training else None,
                **dealt,
            }
        )
    # The ids are random: sorted by them, the rows' order on disk tells nothing.
    return sorted(rows, key=lambda row: str(row["image_id"]))


def _deal_singles(
    selection: Selection, protocol: Protocol
) -> list[tuple[ImageRow, dict[str, object]]]:
    deals = deal_cases(
        [(image.source, image.dataset, image.class_label) for image in selection.scored],
        protocol.n_repeats,
        protocol.block_size,
        _unpredictable,
    )
    dealt = list(zip(selection.scored, deals, strict=True))
    dealt += [(image, Deal(0, None)) for image in selection.training]
    nothing = {"pair_id": None, "side": None, "repeat_side": None}
    return [(image, _groups(deal) | nothing) for image, deal in dealt]


def _deal_pairs(
    selection: Selection, protocol: Protocol
) -> list[tuple[ImageRow, dict[str, object]]]:
    scored = pair_images(selection.scored, _unpredictable)
    deals = deal_cases(
        [(real.dataset, real.class_label) for real, _ in scored],
        protocol.n_repeats,
        protocol.block_size,
        _unpredictable,
    )
    training = pair_images(selection.training, _unpredictable)
    return _sided(scored, deals) + _sided(training, [Deal(0, None)] * len(training))


def _sided(
    pairs: Sequence[tuple[ImageRow, ImageRow]], deals: Sequence[Deal]
) -> list[tuple[ImageRow, dict[str, object]]]:
    rows: list[tuple[ImageRow, dict[str, object]]] = []
    for pair, deal, sides in zip(pairs, deals, deal_sides(deals, _unpredictable), strict=True):
        pair_id = f"p{secrets.token_hex(8)}"
        real, generated = pair
        repeat = sides.repeat
        for image, side, repeat_side in (
            (generated, sides.first, repeat),
            (real, other_side(sides.first), None if repeat is None else other_side(repeat)),
        ):
            placed = {"pair_id": pair_id, "side": side, "repeat_side": repeat_side}
            rows.append((image, _groups(deal) | placed))
    return rows


def _groups(deal: Deal) -> dict[str, object]:
    return {"block_group": deal.group, "repeat_group": deal.repeat_group}
