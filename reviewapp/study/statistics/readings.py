"""Readings of many readers and cases, arranged for the multi-reader multi-case analysis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewapp.study.statistics.estimate import NotEstimable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NAMED = 3


@dataclass(frozen=True, slots=True)
class CaseRating:
    """One reader's score of one case under one treatment (here: a GAN variant).

    ``score`` is higher for more positive; for a proportion it is 1 (right, fooled …) or 0. Real
    images that serve several variants appear once for each, under the same ``case``.
    """

    treatment: str
    reader: str
    case: str
    positive: bool
    score: float


@dataclass(frozen=True, slots=True)
class Readings:
    """Balanced readings: every reader scored every case of every treatment.

    Per treatment, float64 arrays (readers, cases) of ``positives`` and ``negatives``, columns in
    the order of the case names. Treatments may share all cases (the factorial design), some (here:
    the real images) or none.
    """

    treatments: tuple[str, ...]
    readers: tuple[str, ...]
    positive_cases: tuple[tuple[str, ...], ...]
    negative_cases: tuple[tuple[str, ...], ...]
    positives: tuple[NDArray[np.float64], ...]
    negatives: tuple[NDArray[np.float64], ...]

    def only(self, treatment: str) -> Readings:
        """The same readings of one treatment alone."""
        index = self.treatments.index(treatment)
        return Readings(
            (treatment,),
            self.readers,
            self.positive_cases[index : index + 1],
            self.negative_cases[index : index + 1],
            self.positives[index : index + 1],
            self.negatives[index : index + 1],
        )


def arrange(ratings: Iterable[CaseRating]) -> Readings | NotEstimable:
    """Arrange ratings by treatment, reader and case, all sorted by name.

    Unbalanced ratings are refused: the reason names who lacks or repeats which case. So is a case
    that is positive once and negative once.
    """
    tables: dict[str, dict[str, dict[tuple[bool, str], float]]] = {}
    for rating in ratings:
        table = tables.setdefault(rating.treatment, {}).setdefault(rating.reader, {})
        key = (rating.positive, rating.case)
        if key in table:
            return NotEstimable(
                f"Reader {rating.reader} rated image {rating.case} of {rating.treatment} more than "
                "once; only the first showing counts here."
            )
        table[key] = rating.score
    if not tables:
        return NotEstimable("There are no ratings.")
    treatments = tuple(sorted(tables))
    readers = tuple(sorted({reader for table in tables.values() for reader in table}))
    keys = {t: sorted({key for scores in tables[t].values() for key in scores}) for t in treatments}
    if (reason := _gaps(tables, readers, keys)) or (reason := _two_faced(keys)):
        return NotEstimable(reason)
    return _matrices(tables, treatments, readers, keys)


def _matrices(
    tables: Mapping[str, Mapping[str, Mapping[tuple[bool, str], float]]],
    treatments: tuple[str, ...],
    readers: tuple[str, ...],
    keys: Mapping[str, Sequence[tuple[bool, str]]],
) -> Readings:
    import numpy as np

    cases = {
        positive: tuple(
            tuple(case for is_positive, case in keys[t] if is_positive == positive)
            for t in treatments
        )
        for positive in (True, False)
    }
    scores = {
        positive: tuple(
            np.array(
                [[tables[t][reader][positive, case] for case in names] for reader in readers],
                dtype=np.float64,
            ).reshape(len(readers), len(names))
            for t, names in zip(treatments, cases[positive], strict=True)
        )
        for positive in (True, False)
    }
    return Readings(treatments, readers, cases[True], cases[False], scores[True], scores[False])


def _gaps(
    tables: Mapping[str, Mapping[str, Mapping[tuple[bool, str], float]]],
    readers: Sequence[str],
    keys: Mapping[str, Sequence[tuple[bool, str]]],
) -> str:
    """Who misses what, in a sentence; blank when nobody misses anything."""
    found = []
    for treatment, wanted in keys.items():
        for reader in readers:
            rated = tables[treatment].get(reader, {})
            missing = [case for positive, case in wanted if (positive, case) not in rated]
            if missing:
                names = ", ".join(missing[:_NAMED]) + (", …" if len(missing) > _NAMED else "")
                found.append(
                    f"reader {reader} misses {len(missing)} of {len(wanted)} images of {treatment} "
                    f"({names})"
                )
    if not found:
        return ""
    more = f"; and {len(found) - _NAMED} more such gaps" if len(found) > _NAMED else ""
    return (
        "Every reader must have rated every image for this analysis, but "
        f"{'; '.join(found[:_NAMED])}{more}. Leave these readers or images out, or let the "
        "readings be completed."
    )


def _two_faced(keys: Mapping[str, Sequence[tuple[bool, str]]]) -> str:
    positives = {case for wanted in keys.values() for positive, case in wanted if positive}
    negatives = {case for wanted in keys.values() for positive, case in wanted if not positive}
    if both := sorted(positives & negatives):
        return f"Image {both[0]} is listed as real and as generated."
    return ""
