"""Degrees of confidence: how often each was given, and the ROC curves that follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reviewapp.study.analysis.performance import variant_cases
from reviewapp.study.analysis.rates import area_analysis
from reviewapp.study.analysis.reading_table import ReadingTable
from reviewapp.study.statistics.estimate import NotEstimable, Result
from reviewapp.study.statistics.roc import auc, roc_points

#: from definitely generated to definitely real
DEGREES = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Points (false-alarm rate, hit rate) from (0, 0) to (1, 1), of all readers, one, or a variant.

    Where several readers are pooled the curve is a picture; ``auc`` is their mean area.
    """

    kind: Literal["all", "reader", "variant"]
    name: str
    points: tuple[tuple[float, float], ...]
    auc: Result


@dataclass(frozen=True, slots=True)
class ConfidenceHistogram:
    """How often each degree 1 … 6 was given to real and to generated images."""

    real: tuple[int, ...]
    generated: tuple[int, ...]


def confidence_histogram(table: ReadingTable) -> ConfidenceHistogram | NotEstimable:
    """Count the degrees of all readers."""
    if not table.graded:
        return NotEstimable("The readers gave no degree of confidence.")
    generated = table.generated

    def counts(of_kind: ReadingTable) -> tuple[int, ...]:
        return tuple(int((of_kind.confidence == degree).sum()) for degree in DEGREES)

    return ConfidenceHistogram(
        counts(table.of_cases(~generated)), counts(table.of_cases(generated))
    )


def roc_curves(table: ReadingTable) -> tuple[RocCurve, ...]:
    """The pooled curve first, then the readers', then the variants'; none without confidence."""
    if table.paired or not table.graded:
        return ()
    curves = [_curve(table, "all", "all readers")]
    curves += [
        _curve(table.of_readers([r is reader for r in table.readers]), "reader", reader.reader_id)
        for reader in table.readers
    ]
    real = ~table.generated
    curves += [
        _curve(table.of_cases(chosen | real), "variant", name)
        for name, chosen in variant_cases(table).items()
    ]
    return tuple(curves)


def _curve(table: ReadingTable, kind: Literal["all", "reader", "variant"], name: str) -> RocCurve:
    import numpy as np

    scores, generated = 7 - table.confidence, table.generated
    positives, negatives = scores[:, generated], scores[:, ~generated]
    positives = positives[np.isfinite(positives)]
    negatives = negatives[np.isfinite(negatives)]
    area: Result
    if len(table.readers) == 1:
        area = auc(positives.tolist(), negatives.tolist())
    else:
        found = area_analysis(table, {name: generated.tolist()})
        area = found if isinstance(found, NotEstimable) else found.means[0].estimate
    return RocCurve(kind, name, tuple(roc_points(positives.tolist(), negatives.tolist())), area)
