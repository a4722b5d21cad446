"""Memorisation: are generated images nearer to training images than unseen real ones are?

Meehan, Chaudhuri, Dasgupta 2020, "A non-parametric test to detect data-copying in generative
models": a Mann–Whitney test of the distances to the nearest training image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu

from engine.evaluation.distances import nearest
from engine.evaluation.features import checked_features, checked_pair
from engine.evaluation.metric import Metric

_LEAST = 8
_GAP_PX = 4


@dataclass(frozen=True, slots=True)
class Memorisation:
    """The finding, and each generated image's nearest training image.

    ``metric.value`` is the chance that a generated image lies nearer to its nearest training image
    than an unseen real image does to its own: 0.5 where none is copied, 1 where all are.
    ``p_value`` is of the one-sided test that it is above 0.5. ``closest`` is the generated image
    with the smallest distance.
    """

    metric: Metric
    p_value: float
    nearest: NDArray[np.int64]
    distances: NDArray[np.float64]

    @property
    def closest(self) -> int:
        """The row of the most suspicious generated image."""
        return int(self.distances.argmin())


def memorisation(
    training: NDArray[np.floating],
    generated: NDArray[np.floating],
    space: str,
    *,
    unseen: NDArray[np.floating] | None = None,
) -> Memorisation:
    """Compare distances in one ``space`` (the name of an extractor, or "pixels").

    Rows are images: ``training`` (N, d), ``generated`` (M, d), ``unseen`` real ones (K, d). Without
    unseen images, each training image's distance to its nearest other one takes their place, which
    the note says. Raises `EvaluationError` for fewer than 8 images or features without numbers.
    """
    first, second = checked_pair(training, generated, _LEAST, "memorisation test")
    centre = first.mean(axis=0)
    first, second = first - centre, second - centre
    indices, distances = nearest(second, first)
    if unseen is not None and len(unseen) >= _LEAST:
        third = checked_features(unseen, "unseen real images") - centre
        _, usual = nearest(third, first)
        note = f"against {len(third)} unseen real images"
    else:
        _, usual = nearest(first, first, itself=True)
        note = "against the training images among themselves: there are too few unseen ones"
    test = mannwhitneyu(distances, usual, alternative="less")
    value = 1 - float(test.statistic) / (len(distances) * len(usual))
    metric = Metric(
        "memorisation_pixels" if space == "pixels" else "memorisation",
        f"Memorisation ({space})",
        value,
        better="lower",
        note=f"{note}; p = {float(test.pvalue):.3g}",
    )
    return Memorisation(metric, float(test.pvalue), indices, distances)


def pair_picture(
    generated: NDArray[np.float32], training: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """A generated image and its nearest training image side by side, for a person to judge.

    Both (C, S, S) in [-1, 1] with C 1 or 3; returns uint8 (S, 2 S + 4, C), grey without the last.
    """
    gap = np.ones((*generated.shape[:2], _GAP_PX), dtype=np.float32)
    both = np.concatenate([generated, gap, training], axis=2)
    levels = np.clip(np.rint((both + 1) * 127.5), 0, 255).astype(np.uint8)
    picture: NDArray[np.uint8] = levels[0] if len(levels) == 1 else levels.transpose(1, 2, 0)
    return picture
