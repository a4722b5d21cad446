"""Equivalence by two one-sided tests: evidence that a value is close to chance, within a margin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.roc import auc, delong_variance

#: an area of 0.5 or half of all answers: guessing
CHANCE = 0.5
#: how a value is spoken of: a share in percent, or an area under the ROC curve
Scale = Literal["percent", "area"]


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Two one-sided tests (Schuirmann 1987, J Pharmacokinet Biopharm 15:657) at level ``alpha``.

    ``p_lower`` tests against a value at or below reference − margin, ``p_upper`` against one at or
    above reference + margin. ``interval`` has coverage 1 − 2 alpha: it lies inside the margins just
    when both tests reject.
    """

    value: float
    reference: float
    margin: float
    alpha: float
    p_lower: float
    p_upper: float
    interval: tuple[float, float]
    n: int
    scale: Scale
    method: str

    @property
    def p_value(self) -> float:
        """The larger of both, which decides."""
        return max(self.p_lower, self.p_upper)

    @property
    def shown(self) -> bool:
        """Whether the value is shown to be within the margin."""
        return self.p_value <= self.alpha

    @property
    def verdict(self) -> str:
        """'shown to be equivalent to guessing within ±5 points', or 'not shown to be …'."""
        shown = "shown" if self.shown else "not shown"
        if self.scale == "percent":
            value, margin = f"{100 * self.reference:.4g} %", f"{100 * self.margin:.4g} points"
        else:
            value, margin = f"an area of {self.reference:.4g}", f"{self.margin:.4g}"
        what = "guessing" if self.reference == CHANCE else value
        return f"{shown} to be equivalent to {what} within ±{margin}"


def proportion_equivalence(
    successes: int, n: int, margin: float, reference: float = CHANCE, alpha: float = 0.05
) -> Equivalence | NotEstimable:
    """Equivalence of a proportion to ``reference`` by two exact binomial tests.

    Exact level, so a little conservative; the interval is Clopper & Pearson's (1934, Biometrika
    26:404). For independent ratings only, as those of one reader; for several readers of the same
    images use `mean_equivalence` on the result of `mrmc.analyse`. Raises `ValueError` for counts or
    margins that cannot be.
    """
    from scipy.stats import binom, binomtest

    _check_margin(margin, reference)
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes in {n} trials cannot be.")
    if n == 0:
        return NotEstimable("There are no ratings to test.")
    interval = binomtest(successes, n).proportion_ci(1 - 2 * alpha, method="exact")
    return Equivalence(
        value=successes / n,
        reference=reference,
        margin=margin,
        alpha=alpha,
        p_lower=float(binom.sf(successes - 1, n, reference - margin)),
        p_upper=float(binom.cdf(successes, n, reference + margin)),
        interval=(float(interval.low), float(interval.high)),
        n=n,
        scale="percent",
        method="two one-sided exact binomial tests; Clopper–Pearson interval",
    )


def auc_equivalence(
    positives: Sequence[float],
    negatives: Sequence[float],
    margin: float,
    reference: float = CHANCE,
    alpha: float = 0.05,
) -> Equivalence | NotEstimable:
    """Equivalence of one reader's area under the ROC curve, with DeLong's variance."""
    area = auc(positives, negatives)
    if isinstance(area, NotEstimable):
        return area
    variance = delong_variance(positives, negatives)
    if isinstance(variance, NotEstimable):
        return variance
    return mean_equivalence(
        area, sqrt(variance), None, margin, reference, alpha, "area", "DeLong standard error"
    )


def mean_equivalence(
    estimate: Estimate,
    standard_error: float,
    df: float | None,
    margin: float,
    reference: float = CHANCE,
    alpha: float = 0.05,
    scale: Scale = "percent",
    method: str = "",
) -> Equivalence | NotEstimable:
    """Equivalence of an estimate with a standard error; t with ``df``, normal if ``df`` is None."""
    from scipy.stats import norm, t

    _check_margin(margin, reference)
    if not standard_error > 0:
        return NotEstimable("The values do not vary, so their uncertainty cannot be judged.")
    distribution = norm() if df is None else t(df)
    value = estimate.value
    half = float(distribution.isf(alpha)) * standard_error
    return Equivalence(
        value=value,
        reference=reference,
        margin=margin,
        alpha=alpha,
        p_lower=float(distribution.sf((value - reference + margin) / standard_error)),
        p_upper=float(distribution.cdf((value - reference - margin) / standard_error)),
        interval=(value - half, value + half),
        n=estimate.n,
        scale=scale,
        method="; ".join(
            part for part in (f"two one-sided {'z' if df is None else 't'} tests", method) if part
        ),
    )


def _check_margin(margin: float, reference: float) -> None:
    if margin <= 0 or not 0 <= reference - margin <= reference + margin <= 1:
        raise ValueError(f"A margin of {margin} around {reference} must lie between 0 and 1.")
