"""Multi-reader multi-case analysis after Obuchowski & Rockette, with Hillis' degrees of freedom.

Obuchowski & Rockette 1995 (Communications in Statistics – Simulation 24:285); Hillis 2007
(Statistics in Medicine 26:596) and 2014 (33:330). A *treatment* is here a GAN variant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from math import sqrt
from typing import Literal

from reviewapp.study.statistics.equivalence import (
    CHANCE,
    Equivalence,
    Scale,
    mean_equivalence,
)
from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable
from reviewapp.study.statistics.multiple_comparisons import holm
from reviewapp.study.statistics.obuchowski_rockette import (
    NO_VARIANCE,
    Inference,
    Moments,
    VarianceComponents,
)
from reviewapp.study.statistics.reader_covariance import (
    Covariance,
    FigureOfMerit,
    ReaderFigures,
    reader_figures,
)
from reviewapp.study.statistics.readings import Readings


@dataclass(frozen=True, slots=True)
class MeanTest:
    """A test of a mean or difference against ``null``; ``df`` is None for a normal test."""

    null: float
    standard_error: float
    df: float | None
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True)
class TreatmentMean:
    """The readers' mean figure of merit of one treatment, from that treatment's data alone."""

    treatment: str
    estimate: Estimate
    test: MeanTest | NotEstimable
    scale: Scale

    def equivalence(self, margin: float, alpha: float = 0.05) -> Equivalence | NotEstimable:
        """Whether it is shown to be within ``margin`` of the test's null, chance by default."""
        if isinstance(self.test, NotEstimable):
            return self.test
        return mean_equivalence(
            self.estimate,
            self.test.standard_error,
            self.test.df,
            margin,
            self.test.null,
            alpha,
            self.scale,
            self.estimate.method,
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """First − second treatment; ``p_holm`` is adjusted for all pairs of the analysis."""

    first: str
    second: str
    estimate: Estimate
    test: MeanTest | NotEstimable
    p_holm: float | None


@dataclass(frozen=True, slots=True)
class GlobalTest:
    """Test that all treatments are alike; ``df2`` is None for χ² (or infinite)."""

    name: Literal["F", "χ²"]
    statistic: float
    df1: int
    df2: float | None
    p_value: float


@dataclass(frozen=True, slots=True)
class MrmcResult:
    """``values[treatment][reader]`` and what follows from them, in the order of the names."""

    treatments: tuple[str, ...]
    readers: tuple[str, ...]
    n_positive: tuple[int, ...]
    n_negative: tuple[int, ...]
    values: tuple[tuple[float, ...], ...]
    means: tuple[TreatmentMean, ...]
    differences: tuple[Difference, ...]
    global_test: GlobalTest | NotEstimable
    components: VarianceComponents
    method: str


def analyse(
    readings: Readings,
    *,
    figure: FigureOfMerit = "auc",
    covariance: Covariance = "jackknife",
    inference: Inference = "readers and cases",
    null: float = CHANCE,
    confidence: float = CONFIDENCE,
) -> MrmcResult | NotEstimable:
    """Treatments against ``null`` and against each other.

    Each treatment's mean, interval and test use that treatment alone; differences and the global
    test pool the error terms of all. With covariances below 0 the constrained estimates of Hillis
    are used. Random readers need two of them.
    """
    figures = reader_figures(readings, figure, covariance)
    if isinstance(figures, NotEstimable):
        return figures
    n_readers = len(readings.readers)
    if n_readers == 1 and inference != "cases":
        return NotEstimable(
            "With one reader nothing can be said about readers in general; treat the reader as "
            "fixed, or let a second one take part."
        )
    n_cases = [
        positives.shape[1] + negatives.shape[1]
        for positives, negatives in zip(readings.positives, readings.negatives, strict=True)
    ]
    method = _method(covariance, inference)
    scale: Scale = "area" if figure == "auc" else "percent"
    means = tuple(
        _treatment_mean(figures, i, treatment, inference, null, confidence, n_readers * n, scale)
        for i, (treatment, n) in enumerate(zip(readings.treatments, n_cases, strict=True))
    )
    moments = Moments.of(figures)
    return MrmcResult(
        treatments=readings.treatments,
        readers=readings.readers,
        n_positive=tuple(p.shape[1] for p in readings.positives),
        n_negative=tuple(n.shape[1] for n in readings.negatives),
        values=tuple(tuple(float(v) for v in row) for row in figures.values),
        means=tuple(replace(m, estimate=replace(m.estimate, method=method)) for m in means),
        differences=_differences(
            readings, figures, moments, inference, confidence, n_cases, method
        ),
        global_test=_global_test(moments, inference),
        components=moments.components(),
        method=method,
    )


def _treatment_mean(
    figures: ReaderFigures,
    index: int,
    treatment: str,
    inference: Inference,
    null: float,
    confidence: float,
    n: int,
    scale: Scale,
) -> TreatmentMean:
    own = slice(index, index + 1)
    moments = Moments.of(ReaderFigures(figures.values[own], figures.covariance[own, :, own]))
    value = float(figures.values[index].mean())
    error, df = moments.single_error(inference)
    test, half = _mean_test(value, null, error / moments.r, df, confidence)
    interval = None if half is None else (max(0.0, value - half), min(1.0, value + half))
    return TreatmentMean(treatment, Estimate(value, interval, n, ""), test, scale)


def _differences(
    readings: Readings,
    figures: ReaderFigures,
    moments: Moments,
    inference: Inference,
    confidence: float,
    n_cases: list[int],
    method: str,
) -> tuple[Difference, ...]:
    error, df = moments.difference_error(inference)
    differences = []
    for i, j in combinations(range(moments.t), 2):
        value = float(figures.values[i].mean() - figures.values[j].mean())
        test, half = _mean_test(value, 0.0, 2 * error / moments.r, df, confidence)
        interval = None if half is None else (value - half, value + half)
        differences.append(
            Difference(
                readings.treatments[i],
                readings.treatments[j],
                Estimate(value, interval, moments.r * (n_cases[i] + n_cases[j]), method),
                test,
                None,
            )
        )
    tested = [d.test.p_value for d in differences if isinstance(d.test, MeanTest)]
    if len(tested) < len(differences):
        return tuple(differences)
    return tuple(replace(d, p_holm=p) for d, p in zip(differences, holm(tested), strict=True))


def _global_test(moments: Moments, inference: Inference) -> GlobalTest | NotEstimable:
    from scipy.stats import chi2, f

    if moments.t == 1:
        return NotEstimable("There is one variant only, so there is nothing to compare.")
    error, df2 = moments.difference_error(inference)
    if error < NO_VARIANCE:
        return _no_scatter()
    df1, ratio = moments.t - 1, moments.ms_t / error
    if df2 is None:
        p_value = float(chi2.sf(df1 * ratio, df1))
        if inference == "cases":
            return GlobalTest("χ²", df1 * ratio, df1, None, p_value)
        return GlobalTest("F", ratio, df1, None, p_value)
    return GlobalTest("F", ratio, df1, df2, float(f.sf(ratio, df1, df2)))


def _mean_test(
    value: float, null: float, variance: float, df: float | None, confidence: float
) -> tuple[MeanTest | NotEstimable, float | None]:
    """The test, and half the width of the interval."""
    from scipy.stats import norm, t

    if variance < NO_VARIANCE:
        return _no_scatter(), None
    standard_error = sqrt(variance)
    distribution = norm() if df is None else t(df)
    statistic = (value - null) / standard_error
    half = float(distribution.isf((1 - confidence) / 2)) * standard_error
    p_value = float(2 * distribution.sf(abs(statistic)))
    return MeanTest(null, standard_error, df, statistic, p_value), half


def _no_scatter() -> NotEstimable:
    return NotEstimable(
        "The readers' results do not vary (all alike, or all perfect), so their uncertainty cannot "
        "be judged."
    )


def _method(covariance: Covariance, inference: Inference) -> str:
    which = {
        "readers and cases": "readers and images random, Hillis degrees of freedom",
        "cases": "readers fixed, images random",
        "readers": "readers random, images fixed",
    }[inference]
    used = "" if inference == "readers" else f", covariances by {_COVARIANCE_NAMES[covariance]}"
    return f"Obuchowski–Rockette, {which}{used}"


_COVARIANCE_NAMES = {"jackknife": "jackknife", "delong": "DeLong"}
