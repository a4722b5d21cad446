"""Discriminator reweighting: what readers saw decides what D is shown, and how much it counts.

Generated images that readers called generated become weighted negatives of D. Generated images
that fooled them stay out: they are never used as real. Real images that readers called generated
are shown to D more often, because D is likely to share the readers' doubt.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import FeedbackError
from engine.feedback.snapshot import Snapshot
from engine.training.config import FeedbackConfig

#: mean confidence below which an image was taken for generated (scale 1 … 6), and the scale's end
_INDIFFERENT = 3.5
_CERTAIN = 1.0


@dataclass(frozen=True, slots=True)
class Recognised:
    """A generated image that readers recognised, and its weight in (0, negative_weight]."""

    record_id: str
    key: str
    weight: float


@dataclass(frozen=True, slots=True)
class Reweighting:
    """What a snapshot changes.

    ``negatives`` become D's; ``shown_more`` maps a real record to how much more often it is shown,
    in (0, real_weight].
    The counts are of images, each rated at least once.
    """

    negatives: tuple[Recognised, ...]
    shown_more: dict[str, float]
    n_fooling: int
    n_real_recognised: int

    def real_weights(self, record_ids: tuple[str, ...]) -> NDArray[np.float64]:
        """How often each row of the training data is shown, 1 for the usual, float64 (N,)."""
        return np.array([1 + self.shown_more.get(record_id, 0.0) for record_id in record_ids])


def taken_for_generated(mean_confidence: float) -> float:
    """How surely readers took an image for generated: 1 at confidence 1, 0 from 3.5 on."""
    return max(0.0, (_INDIFFERENT - mean_confidence) / (_INDIFFERENT - _CERTAIN))


def reweighting(snapshot: Snapshot, config: FeedbackConfig) -> Reweighting:
    """Turn ratings into weights; several ratings of an image count as their mean.

    Held-out ratings change nothing.

    Raises `FeedbackError` when the ratings change nothing: every generated image fooled the
    readers and every real one was recognised.
    """
    confidences: defaultdict[tuple[str, str, str], list[int]] = defaultdict(list)
    for rating in snapshot.training:
        confidences[rating.source, rating.record_id, rating.key].append(rating.confidence)
    negatives: list[Recognised] = []
    shown_more: dict[str, float] = {}
    n_fooling = n_real_recognised = 0
    for (source, record_id, key), given in sorted(confidences.items()):
        strength = taken_for_generated(sum(given) / len(given))
        if source == "generated" and strength > 0:
            negatives.append(Recognised(record_id, key, config.negative_weight * strength))
        elif source == "generated":
            n_fooling += 1
        elif strength > 0:
            shown_more[record_id] = config.real_weight * strength
        else:
            n_real_recognised += 1
    if not negatives and not shown_more:
        raise FeedbackError(
            f"These {len(snapshot.training)} ratings change nothing: all {n_fooling} generated "
            f"images passed for real and all {n_real_recognised} real ones were recognised. "
            "Rate more images, or train on without feedback."
        )
    return Reweighting(
        tuple(image for image in negatives if image.weight > 0),
        {record_id: weight for record_id, weight in shown_more.items() if weight > 0},
        n_fooling,
        n_real_recognised,
    )
