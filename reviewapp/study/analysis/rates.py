"""Shares over readers and images, each with the interval that its design allows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewapp.study.analysis.reading_table import ReadingTable
from reviewapp.study.statistics.equivalence import Equivalence, proportion_equivalence
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.statistics.mrmc import MeanTest, MrmcResult, TreatmentMean, analyse
from reviewapp.study.statistics.proportions import binomial_p_value, wilson
from reviewapp.study.statistics.readings import Readings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: the name of the treatment where all images are taken together
ALL = "all"


@dataclass(frozen=True, slots=True)
class AgainstChance:
    """A value, the test that it differs from guessing, and the test that it is close to it."""

    value: Result
    p_value: float | NotEstimable
    equivalence: Equivalence | NotEstimable

    @classmethod
    def none(cls, reason: str) -> AgainstChance:
        """Nothing of it can be estimated."""
        missing = NotEstimable(reason)
        return cls(missing, missing, missing)


def share(table: ReadingTable, scores: NDArray[np.float64], of: str) -> Result:
    """Mean of 0/1 ``scores`` (readers, cases): one reader by Wilson, several by MRMC.

    ``of`` names what is missing where there is none, as in "No ``of`` have been rated."
    """
    return share_against_chance(table, scores, of, margin=None).value


def share_against_chance(
    table: ReadingTable, scores: NDArray[np.float64], of: str, margin: float | None
) -> AgainstChance:
    """`share` with its tests against one half; without ``margin`` none of equivalence."""
    import numpy as np

    rated = np.isfinite(scores)
    n, right = int(rated.sum()), int(np.nansum(scores))
    if n == 0:
        return AgainstChance.none(f"No {of} have been rated.")
    unasked = NotEstimable("No margin was given.")
    if len(scores) == 1:
        return AgainstChance(
            wilson(right, n),
            binomial_p_value(right, n),
            unasked if margin is None else proportion_equivalence(right, n, margin),
        )
    found = _mean_share(table, scores)
    if isinstance(found, NotEstimable):
        return AgainstChance(
            Estimate(right / n, None, n, f"no interval: {found.reason}"), found, found
        )
    return mean_against_chance(found.means[0], margin)


def _mean_share(table: ReadingTable, scores: NDArray[np.float64]) -> MrmcResult | NotEstimable:
    if (gaps := table.gaps()) is not None:
        return gaps
    if scores.shape[1] < 2:
        return NotEstimable("At least two images are needed to judge the uncertainty.")
    return analyse(_one_treatment(table, scores), figure="proportion")


def mean_against_chance(mean: TreatmentMean, margin: float | None) -> AgainstChance:
    """A mean over readers with its tests; says why where it has no interval."""
    estimate = mean.estimate
    if isinstance(mean.test, MeanTest):
        p_value: float | NotEstimable = mean.test.p_value
    else:
        p_value = mean.test
        if estimate.interval is None:
            estimate = replace(estimate, method=f"no interval: {mean.test.reason}")
    equivalence = (
        NotEstimable("No margin was given.") if margin is None else mean.equivalence(margin)
    )
    return AgainstChance(estimate, p_value, equivalence)


def area_against_chance(table: ReadingTable, margin: float) -> AgainstChance:
    """Area under the ROC curve of the confidence, averaged over readers."""
    found = area_analysis(table, {ALL: [case.generated for case in table.cases]})
    if isinstance(found, NotEstimable):
        return AgainstChance.none(found.reason)
    return mean_against_chance(found.means[0], margin)


def area_analysis(
    table: ReadingTable, variants: dict[str, list[bool]]
) -> MrmcResult | NotEstimable:
    """MRMC analysis of the area, a treatment for each of ``variants`` (which cases are its own).

    All variants share the real images. One reader is taken as fixed.
    """
    if table.paired:
        return NotEstimable(
            "Two images were shown side by side; the share of right choices says it all."
        )
    if not table.graded:
        return NotEstimable("The readers gave no degree of confidence, so there is no curve.")
    if (gaps := table.gaps()) is not None:
        return gaps
    # Confidence rises with *real*, the positive class is *generated*: the score is turned round.
    scores = 7 - table.confidence
    readings = treatments(table, scores, variants, with_real=True)
    if len(table.readers) == 1:
        return analyse(readings, figure="auc", covariance="delong", inference="cases")
    return analyse(readings, figure="auc")


def treatments(
    table: ReadingTable,
    scores: NDArray[np.float64],
    variants: dict[str, list[bool]],
    *,
    with_real: bool,
) -> Readings:
    """Readings with a treatment for each variant's cases, with or without the real images."""
    import numpy as np

    real = ~table.generated if with_real else np.zeros(len(table.cases), dtype=bool)
    columns = {name: np.flatnonzero(chosen) for name, chosen in variants.items()}
    ids = np.array([case.case_id for case in table.cases], dtype=object)
    return Readings(
        treatments=tuple(columns),
        readers=tuple(reader.reader_id for reader in table.readers),
        positive_cases=tuple(tuple(ids[own]) for own in columns.values()),
        negative_cases=(tuple(ids[real]),) * len(columns),
        positives=tuple(scores[:, own] for own in columns.values()),
        negatives=(scores[:, real],) * len(columns),
    )


def _one_treatment(table: ReadingTable, scores: NDArray[np.float64]) -> Readings:
    ids = tuple(str(column) for column in range(scores.shape[1]))
    return Readings(
        (ALL,), tuple(r.reader_id for r in table.readers), (ids,), ((),), (scores,),
        (scores[:, :0],),
    )  # fmt: skip
