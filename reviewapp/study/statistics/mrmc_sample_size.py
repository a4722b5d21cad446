"""Readers and cases for a multi-reader multi-case study, from the variances of an earlier one.

Hillis, Obuchowski & Berbaum 2011 (Academic Radiology 18:129): error variance and covariances shrink
with the number of cases, the readers' own variance does not; degrees of freedom as in the analysis.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from reviewapp.study.statistics.equivalence import CHANCE
from reviewapp.study.statistics.estimate import CONFIDENCE, NotEstimable
from reviewapp.study.statistics.mrmc import MrmcResult
from reviewapp.study.statistics.obuchowski_rockette import Inference, hillis_df
from reviewapp.study.statistics.sample_size import Plan, hanley_mcneil_variance, plan


@dataclass(frozen=True, slots=True)
class Pilot:
    """Obuchowski–Rockette components, with covariances as they are at ``n_cases``.

    ``reader`` is the variance of readers common to all treatments, ``treatment_reader`` what is
    their own for each; for one treatment the two add up.
    """

    reader: float
    treatment_reader: float
    error: float
    cov1: float
    cov2: float
    cov3: float
    n_cases: float

    @classmethod
    def of(cls, result: MrmcResult) -> Pilot | NotEstimable:
        """The components of a finished study; negative estimates of variances count as 0."""
        found = result.components
        if found.reader is None or found.cov2 is None:
            return NotEstimable("An earlier study with at least two readers is needed.")
        sizes = [m + n for m, n in zip(result.n_positive, result.n_negative, strict=True)]
        return cls(
            reader=max(found.reader, 0.0),
            treatment_reader=max(found.treatment_reader or 0.0, 0.0),
            error=found.error,
            cov1=found.cov1 or 0.0,
            cov2=found.cov2,
            cov3=found.cov3 or 0.0,
            n_cases=sum(sizes) / len(sizes),
        )

    @classmethod
    def conjecture(
        cls,
        auc: float,
        between_reader_sd: float = 0.04,
        treatment_reader_sd: float = 0.015,
        correlations: tuple[float, float, float] = (0.43, 0.43, 0.30),
        share_generated: float = 0.5,
    ) -> Pilot:
        """Without an earlier study: Hanley–McNeil error variance at ``auc`` and assumed scatter.

        Defaults are about what the Van Dyke study found (standard deviations of true areas among
        readers 0.039 and 0.014; correlations Cov1, Cov2, Cov3 over Var 0.43, 0.43, 0.30).
        """
        n_cases = 1000
        n_generated = round(n_cases * share_generated)
        error = hanley_mcneil_variance(auc, n_generated, n_cases - n_generated)
        cov1, cov2, cov3 = (r * error for r in correlations)
        return cls(between_reader_sd**2, treatment_reader_sd**2, error, cov1, cov2, cov3, n_cases)

    def mean_error(
        self, readers: int, cases: int, inference: Inference = "readers and cases"
    ) -> tuple[float, float | None]:
        """Standard error of one treatment's mean and its degrees of freedom."""
        shrink = self.n_cases / cases
        shared = shrink * max(self.cov2, 0.0)
        own = shrink * (self.error - max(self.cov2, 0.0))
        if inference == "cases":
            return sqrt((own + readers * shared) / readers), None
        square = self.reader + self.treatment_reader + own
        error = square + (readers * shared if inference == "readers and cases" else 0.0)
        return sqrt(error / readers), hillis_df(error, square, readers - 1)

    def difference_error(
        self, readers: int, cases: int, inference: Inference = "readers and cases"
    ) -> tuple[float, float | None]:
        """Standard error of the difference of two treatments and its degrees of freedom."""
        shrink = self.n_cases / cases
        between = shrink * max(self.cov2 - self.cov3, 0.0)
        own = shrink * (self.error - self.cov1) - between
        if inference == "cases":
            return sqrt(2 * (own + readers * between) / readers), None
        square = self.treatment_reader + own
        error = square + (readers * between if inference == "readers and cases" else 0.0)
        return sqrt(2 * error / readers), hillis_df(error, square, readers - 1)


def mean_power(
    pilot: Pilot,
    readers: int,
    cases: int,
    true: float,
    null: float = CHANCE,
    alpha: float = 0.05,
    inference: Inference = "readers and cases",
) -> float:
    """Probability that one treatment's mean, truly ``true``, is found to differ from ``null``."""
    return _power(true - null, *pilot.mean_error(readers, cases, inference), alpha)


def difference_power(
    pilot: Pilot,
    readers: int,
    cases: int,
    difference: float,
    alpha: float = 0.05,
    inference: Inference = "readers and cases",
) -> float:
    """Probability that two treatments, truly ``difference`` apart, are found to differ."""
    return _power(difference, *pilot.difference_error(readers, cases, inference), alpha)


def mean_equivalence_power(
    pilot: Pilot,
    readers: int,
    cases: int,
    margin: float,
    true: float = CHANCE,
    reference: float = CHANCE,
    alpha: float = 0.05,
    inference: Inference = "readers and cases",
) -> float:
    """Probability that one treatment's mean is shown to be within ± ``margin`` of ``reference``."""
    from scipy.stats import norm, t

    standard_error, df = pilot.mean_error(readers, cases, inference)
    distribution = norm() if df is None else t(df)
    critical = distribution.isf(alpha)
    shift = (true - reference) / standard_error
    room = margin / standard_error - critical
    return max(0.0, float(distribution.cdf(room - shift) - distribution.cdf(-room - shift)))


def mean_half_width(
    pilot: Pilot,
    readers: int,
    cases: int,
    confidence: float = CONFIDENCE,
    inference: Inference = "readers and cases",
) -> float:
    """Half the expected width of the interval of one treatment's mean."""
    from scipy.stats import norm, t

    standard_error, df = pilot.mean_error(readers, cases, inference)
    tail = (1 - confidence) / 2
    return float(norm.isf(tail) if df is None else t.isf(tail, df)) * standard_error


def cases_for_mean_power(
    pilot: Pilot, readers: int, true: float, power: float = 0.8, null: float = CHANCE
) -> Plan | NotEstimable:
    """Cases so that ``readers`` readers find a mean of ``true`` to differ from ``null``."""
    return _few_readers(readers) or plan(
        lambda cases: mean_power(pilot, readers, cases, true, null),
        lambda reached: reached >= power,
        readers,
        _METHOD,
    )


def cases_for_difference_power(
    pilot: Pilot, readers: int, difference: float, power: float = 0.8
) -> Plan | NotEstimable:
    """Cases so that ``readers`` readers find two treatments to differ."""
    return _few_readers(readers) or plan(
        lambda cases: difference_power(pilot, readers, cases, difference),
        lambda reached: reached >= power,
        readers,
        _METHOD,
    )


def cases_for_mean_equivalence(
    pilot: Pilot, readers: int, margin: float, power: float = 0.8, true: float = CHANCE
) -> Plan | NotEstimable:
    """Cases so that ``readers`` readers show the mean to be within ± ``margin`` of chance."""
    return _few_readers(readers) or plan(
        lambda cases: mean_equivalence_power(pilot, readers, cases, margin, true),
        lambda reached: reached >= power,
        readers,
        _METHOD,
    )


def cases_for_mean_precision(
    pilot: Pilot, readers: int, half_width: float, confidence: float = CONFIDENCE
) -> Plan | NotEstimable:
    """Cases for an interval of ± ``half_width`` around one treatment's mean."""
    return _few_readers(readers) or plan(
        lambda cases: mean_half_width(pilot, readers, cases, confidence),
        lambda width: width <= half_width,
        readers,
        _METHOD,
    )


_METHOD = "Obuchowski–Rockette, readers and images random, Hillis degrees of freedom"


def _few_readers(readers: int) -> NotEstimable | None:
    if readers < 2:
        return NotEstimable("To speak of readers in general, plan with at least two of them.")
    return None


def _power(effect: float, standard_error: float, df: float | None, alpha: float) -> float:
    """Of the two-sided t test, as a non-central F on 1 and df; normal if df is None."""
    from scipy.stats import chi2, f, ncf, ncx2

    noncentrality = (effect / standard_error) ** 2
    if noncentrality == 0:
        return alpha
    if df is None:
        return float(ncx2.sf(chi2.isf(alpha, 1), 1, noncentrality))
    return float(ncf.sf(f.isf(alpha, 1, df), 1, df, noncentrality))
