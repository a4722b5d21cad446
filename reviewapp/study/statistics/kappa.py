"""Agreement beyond chance: Cohen's κ, plain and weighted, and Fleiss' κ."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

from reviewapp.study.statistics.bootstrap import RESAMPLES, case_weights, percentile_estimate
from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: disagreement grows with the distance of two categories, or with its square
Weights = Literal["linear", "quadratic"]


@dataclass(frozen=True, slots=True)
class AgreementMatrix:
    """``values[i][j]``: κ of readers i and j over the cases both rated; 1 on the diagonal."""

    readers: tuple[str, ...]
    values: tuple[tuple[Result, ...], ...]


def cohen_kappa(
    first: Sequence[float | str],
    second: Sequence[float | str],
    weights: Weights | None = None,
    categories: Sequence[float | str] | None = None,
    confidence: float = CONFIDENCE,
) -> Result:
    """Cohen's κ of two lists of ratings of the same images, in the same order.

    Cohen 1960, weighted 1968; interval by the large-sample variance of Fleiss, Cohen & Everitt 1969
    (Psychological Bulletin 72:323), cut at 1. ``categories`` is the whole scale in its order; those
    that occur, sorted, if it is None – give it for weights when some grade may be unused. Raises
    `ValueError` when the lists do not pair.
    """
    import numpy as np

    if len(first) != len(second):
        raise ValueError("Two raters' answers must belong to the same images.")
    n = len(first)
    if n == 0:
        return NotEstimable("There are no images that both rated.")
    scale = list(categories) if categories is not None else sorted({*first, *second})
    index = {category: i for i, category in enumerate(scale)}
    table = np.zeros((len(scale), len(scale)))
    np.add.at(table, ([index[a] for a in first], [index[b] for b in second]), 1)
    return _weighted_kappa(table / n, weights, n, confidence)


def _weighted_kappa(
    p: NDArray[np.float64], weights: Weights | None, n: int, confidence: float
) -> Result:
    import numpy as np

    k = len(p)
    distance = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / max(k - 1, 1)
    if weights is None:
        agreement = np.eye(k)
    else:
        agreement = 1 - (distance if weights == "linear" else distance**2)
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    observed, expected = float((agreement * p).sum()), float(rows @ agreement @ columns)
    if expected >= 1 - 1e-12:
        return NotEstimable(
            "Both gave every image the same answer, so agreement cannot be told from chance."
        )
    value = (observed - expected) / (1 - expected)
    mean_row, mean_column = agreement @ columns, rows @ agreement
    spread = agreement - (mean_row[:, None] + mean_column[None, :]) * (1 - value)
    variance = float((p * spread**2).sum() - (value - expected * (1 - value)) ** 2)
    variance /= n * (1 - expected) ** 2
    name = "Cohen's κ" if weights is None else f"{weights}ly weighted κ".replace("icly", "ically")
    if variance < 1e-12:
        return Estimate(value, None, n, f"{name}; no interval: the answers do not vary enough")
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * sqrt(variance)
    return Estimate(
        value,
        (max(-1.0, value - half), min(1.0, value + half)),
        n,
        f"{name}; Fleiss–Cohen–Everitt interval",
    )


def fleiss_kappa(
    ratings: Sequence[Sequence[Hashable]],
    confidence: float = CONFIDENCE,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Result:
    """Fleiss' κ (1971, Psychological Bulletin 76:378): one row an image, one answer a reader.

    Every image needs the same number of answers, at least two; with gaps use Krippendorff's α.
    Interval by bootstrap over images. Raises `ValueError` for rows of unequal length.
    """
    import numpy as np

    if len({len(row) for row in ratings}) > 1:
        raise ValueError("Every image must have the same number of answers.")
    if not ratings or len(ratings[0]) < 2:
        return NotEstimable("At least two readers must have rated the same images.")
    index = {label: i for i, label in enumerate(dict.fromkeys(a for row in ratings for a in row))}
    counts = np.zeros((len(ratings), len(index)))
    for image, row in enumerate(ratings):
        for label in row:
            counts[image, index[label]] += 1
    n, raters = len(counts), len(ratings[0])
    value = float(_fleiss(np.ones((1, n)), counts, raters)[0])
    if not np.isfinite(value):
        return NotEstimable(
            "All readers gave every image the same answer, so agreement cannot be told from chance."
        )
    if n < 2:
        return Estimate(value, None, n, "Fleiss' κ; no interval: a single image")
    drawn = _fleiss(case_weights(np.random.default_rng(seed), n, resamples), counts, raters)
    return percentile_estimate(value, drawn, n, f"of images, seed {seed}", confidence)


def _fleiss(
    weights: NDArray[np.float64], counts: NDArray[np.float64], raters: int
) -> NDArray[np.float64]:
    """κ for each row of image weights (b, images); NaN where only one category is left."""
    import numpy as np

    total = weights.sum(axis=1)
    agreement = ((counts**2).sum(axis=1) - raters) / (raters * (raters - 1))
    observed = weights @ agreement / total
    shares = weights @ counts / (total[:, None] * raters)
    expected = (shares**2).sum(axis=1)
    defined = expected < 1 - 1e-12
    kappa = np.full(len(weights), np.nan)
    kappa[defined] = (observed - expected)[defined] / (1 - expected)[defined]
    return kappa


def agreement_matrix(
    answers: Mapping[str, Mapping[str, float | str]],
    weights: Weights | None = None,
    categories: Sequence[float | str] | None = None,
) -> AgreementMatrix:
    """Cohen's κ of every pair of readers; ``answers`` is reader → image → answer."""
    readers = tuple(answers)
    pairs: dict[tuple[str, str], Result] = {}
    for i, one in enumerate(readers):
        own = answers[one]
        pairs[one, one] = (
            Estimate(1.0, None, len(own), "the same reader")
            if own
            else NotEstimable("This reader has rated nothing.")
        )
        for other in readers[i + 1 :]:
            both = [image for image in own if image in answers[other]]
            pairs[one, other] = pairs[other, one] = cohen_kappa(
                [own[image] for image in both],
                [answers[other][image] for image in both],
                weights,
                categories,
            )
    return AgreementMatrix(
        readers, tuple(tuple(pairs[one, other] for other in readers) for one in readers)
    )
