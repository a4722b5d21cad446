"""Do the readers agree with each other, and each with itself when an image comes again?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from reviewapp.study.analysis.confidence import DEGREES
from reviewapp.study.analysis.rates import share
from reviewapp.study.analysis.reading_table import ReadingTable
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.statistics.intraclass_correlation import icc_agreement
from reviewapp.study.statistics.kappa import (
    AgreementMatrix,
    agreement_matrix,
    cohen_kappa,
    fleiss_kappa,
)
from reviewapp.study.statistics.krippendorff_alpha import krippendorff_alpha
from reviewapp.study.statistics.reader_mean import reader_mean, within_bounds
from reviewapp.study.statistics.repeatability import Repeatability, repeatability

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ONE_READER = NotEstimable("At least two readers must have rated the same images.")
_NO_DEGREES = NotEstimable("The readers gave no degree of confidence.")


@dataclass(frozen=True, slots=True)
class ReaderAgreement:
    """Agreement on what was called generated, and (``weighted`` …) on the degree of confidence."""

    matrix: AgreementMatrix | NotEstimable
    weighted: AgreementMatrix | NotEstimable
    fleiss_kappa: Result
    alpha: Result
    alpha_ordinal: Result
    icc: Result


def reader_agreement(table: ReadingTable) -> ReaderAgreement:
    """Agreement of all readers of a table."""
    if len(table.readers) < 2:
        return ReaderAgreement(*(_ONE_READER,) * 6)
    called, confidence = table.called_generated, table.confidence
    gaps = table.gaps()
    graded = table.graded
    return ReaderAgreement(
        matrix=agreement_matrix(_by_reader(table, called)),
        weighted=agreement_matrix(_by_reader(table, confidence), "quadratic", DEGREES)
        if graded
        else _NO_DEGREES,
        fleiss_kappa=gaps or fleiss_kappa(called.T.astype(int).tolist()),
        alpha=krippendorff_alpha(called.tolist(), "nominal"),
        alpha_ordinal=krippendorff_alpha(confidence.tolist(), "ordinal") if graded else _NO_DEGREES,
        icc=(gaps or icc_agreement(confidence.T)) if graded else _NO_DEGREES,
    )


def retest_agreement(first: ReadingTable, second: ReadingTable) -> Repeatability:
    """First and second answers to the same cases; κ of several readers pools their pairs."""
    import numpy as np

    shown_twice = {case.case_id for case in second.cases}
    first = first.of_cases([case.case_id in shown_twice for case in first.cases])
    if not second.readers or first.correct.shape != second.correct.shape:
        missing = NotEstimable("No image has been shown twice.")
        return Repeatability(missing, missing, missing, missing)
    same = np.where(
        np.isfinite(first.correct) & np.isfinite(second.correct),
        (first.correct == second.correct).astype(float),
        np.nan,
    )
    if not second.graded:
        both = np.isfinite(same)
        kappa = cohen_kappa(
            first.called_generated[both].tolist(), second.called_generated[both].tolist()
        )
        found = Repeatability(_NO_DEGREES, kappa, _NO_DEGREES, _NO_DEGREES)
    else:
        both = np.isfinite(first.confidence) & np.isfinite(second.confidence)
        found = repeatability(
            first.confidence[both].astype(int).tolist(),
            second.confidence[both].astype(int).tolist(),
        )
        if len(second.readers) > 1:
            found = replace(found, confidence_shift=_mean_shift(first, second))
    if len(second.readers) > 1:
        found = replace(
            found,
            kappa=_without_interval(found.kappa),
            weighted_kappa=_without_interval(found.weighted_kappa),
        )
    return replace(found, same_answer=_same_answer(second, same))


def _same_answer(second: ReadingTable, same: NDArray[np.float64]) -> Result:
    """Over readers and images where all saw the same images twice, else over readers alone."""
    import numpy as np

    if second.gaps() is None:
        return share(second, same, "images shown twice")
    return within_bounds(
        reader_mean([float(np.nanmean(row)) for row in same if np.isfinite(row).any()])
    )


def _by_reader(
    table: ReadingTable, values: NDArray[np.float64]
) -> dict[str, dict[str, float | str]]:
    import numpy as np

    ids = [case.case_id for case in table.cases]
    return {
        reader.reader_id: {
            case_id: value
            for case_id, value in zip(ids, row.tolist(), strict=True)
            if np.isfinite(value)
        }
        for reader, row in zip(table.readers, values, strict=True)
    }


def _mean_shift(first: ReadingTable, second: ReadingTable) -> Result:
    import numpy as np

    shifts = second.confidence - first.confidence
    return reader_mean([float(np.nanmean(row)) for row in shifts if np.isfinite(row).any()])


def _without_interval(result: Result) -> Result:
    if isinstance(result, NotEstimable):
        return result
    return Estimate(
        result.value,
        None,
        result.n,
        "no interval: the readers' pairs are pooled and are not independent",
    )
