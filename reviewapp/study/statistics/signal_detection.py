"""Signal detection with *generated* as the signal: rates, d′ and criterion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from engine.data.records import Source
from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result
from reviewapp.study.statistics.proportions import binomial_p_value, wilson

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class DecisionCounts:
    """How often each kind of image was called what."""

    #: generated images called generated
    hits: int
    #: generated images taken for real
    misses: int
    #: real images called generated
    false_alarms: int
    #: real images called real
    correct_rejections: int

    @classmethod
    def of(cls, decisions: Iterable[tuple[Source, Source]]) -> DecisionCounts:
        """Count pairs of (truth, response)."""
        pairs = list(decisions)
        return cls(
            hits=pairs.count(("generated", "generated")),
            misses=pairs.count(("generated", "real")),
            false_alarms=pairs.count(("real", "generated")),
            correct_rejections=pairs.count(("real", "real")),
        )

    @property
    def n_generated(self) -> int:
        """Ratings of generated images."""
        return self.hits + self.misses

    @property
    def n_real(self) -> int:
        """Ratings of real images."""
        return self.false_alarms + self.correct_rejections

    @property
    def n(self) -> int:
        """All ratings."""
        return self.n_generated + self.n_real

    @property
    def n_correct(self) -> int:
        """Ratings that were right."""
        return self.hits + self.correct_rejections


def accuracy(counts: DecisionCounts) -> Result:
    """Share of right ratings, Wilson interval."""
    return wilson(counts.n_correct, counts.n)


def sensitivity(counts: DecisionCounts) -> Result:
    """Share of generated images called generated, Wilson interval."""
    return wilson(counts.hits, counts.n_generated)


def specificity(counts: DecisionCounts) -> Result:
    """Share of real images called real, Wilson interval."""
    return wilson(counts.correct_rejections, counts.n_real)


def fool_rate(counts: DecisionCounts) -> Result:
    """Share of generated images taken for real, Wilson interval."""
    return wilson(counts.misses, counts.n_generated)


def d_prime(counts: DecisionCounts, confidence: float = CONFIDENCE) -> Result:
    """Sensitivity index z(H) − z(F) with the log-linear correction.

    H = (hits + ½)/(generated + 1), F = (false alarms + ½)/(real + 1), Hautus 1995 (Behavior
    Research Methods 27:46). Interval by the large-sample variance of Gourevitch & Galanter 1967
    (Psychometrika 32:25).
    """
    if (missing := _missing_side(counts)) is not None:
        return missing
    z_hit, z_false_alarm = _z_rates(counts)
    value = z_hit - z_false_alarm
    half = _half_width(_d_prime_variance(counts), confidence)
    return Estimate(
        value,
        (value - half, value + half),
        counts.n,
        "log-linear correction; Gourevitch–Galanter interval",
    )


def criterion(counts: DecisionCounts, confidence: float = CONFIDENCE) -> Result:
    """Bias c = −½ (z(H) + z(F)), same correction; above 0 the reader leans to *real*.

    Its variance is a quarter of that of d′.
    """
    if (missing := _missing_side(counts)) is not None:
        return missing
    z_hit, z_false_alarm = _z_rates(counts)
    value = -0.5 * (z_hit + z_false_alarm)
    half = _half_width(_d_prime_variance(counts) / 4, confidence)
    return Estimate(
        value,
        (value - half, value + half),
        counts.n,
        "log-linear correction; Gourevitch–Galanter interval",
    )


def forced_choice_d_prime(n_correct: int, n: int, confidence: float = CONFIDENCE) -> Result:
    """d′ = √2 z(p) of a two-alternative forced choice; p = (right + ½)/(n + 1).

    Macmillan & Creelman 2005, chapter 7. Interval by the delta method. Raises `ValueError` unless
    0 ≤ right ≤ n.
    """
    if not 0 <= n_correct <= n:
        raise ValueError(f"{n_correct} right answers in {n} trials cannot be.")
    if n == 0:
        return NotEstimable("There are no pairs of images that have been compared.")
    share = (n_correct + 0.5) / (n + 1)
    z = _NORMAL.inv_cdf(share)
    half = _half_width(2 * _z_variance(share, n), confidence)
    value = sqrt(2) * z
    return Estimate(
        value, (value - half, value + half), n, "√2 z(p), log-linear correction; delta method"
    )


@dataclass(frozen=True, slots=True)
class Confusion:
    """What follows from one table of decisions; ``chance_p_value`` tests the accuracy against ½."""

    counts: DecisionCounts
    accuracy: Result
    sensitivity: Result
    specificity: Result
    fool_rate: Result
    d_prime: Result
    criterion: Result
    chance_p_value: float | NotEstimable


def confusion(counts: DecisionCounts) -> Confusion:
    """All statistics of a table of decisions."""
    return Confusion(
        counts=counts,
        accuracy=accuracy(counts),
        sensitivity=sensitivity(counts),
        specificity=specificity(counts),
        fool_rate=fool_rate(counts),
        d_prime=d_prime(counts),
        criterion=criterion(counts),
        chance_p_value=binomial_p_value(counts.n_correct, counts.n),
    )


def _missing_side(counts: DecisionCounts) -> NotEstimable | None:
    for n, kind in ((counts.n_generated, "generated"), (counts.n_real, "real")):
        if n == 0:
            return NotEstimable(f"No {kind} images have been rated; both kinds are needed.")
    return None


def _hit_rate(counts: DecisionCounts) -> float:
    return (counts.hits + 0.5) / (counts.n_generated + 1)


def _false_alarm_rate(counts: DecisionCounts) -> float:
    return (counts.false_alarms + 0.5) / (counts.n_real + 1)


def _z_rates(counts: DecisionCounts) -> tuple[float, float]:
    return _NORMAL.inv_cdf(_hit_rate(counts)), _NORMAL.inv_cdf(_false_alarm_rate(counts))


def _d_prime_variance(counts: DecisionCounts) -> float:
    return _z_variance(_hit_rate(counts), counts.n_generated) + _z_variance(
        _false_alarm_rate(counts), counts.n_real
    )


def _z_variance(rate: float, n: int) -> float:
    """Large-sample variance of z(rate)."""
    return rate * (1 - rate) / (n * _NORMAL.pdf(_NORMAL.inv_cdf(rate)) ** 2)


def _half_width(variance: float, confidence: float) -> float:
    return _NORMAL.inv_cdf(0.5 + confidence / 2) * sqrt(variance)
