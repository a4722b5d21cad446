"""Signal detection with *generated* as the signal: rates, d′ and criterion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from engine.data.records import Source
from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result
from reviewapp.study.statistics.proportions import wilson

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
    variance = sum(
        rate * (1 - rate) / (n * _NORMAL.pdf(z) ** 2)
        for rate, z, n in (
            (_hit_rate(counts), z_hit, counts.n_generated),
            (_false_alarm_rate(counts), z_false_alarm, counts.n_real),
        )
    )
    half = _NORMAL.inv_cdf(0.5 + confidence / 2) * sqrt(variance)
    return Estimate(
        value,
        (value - half, value + half),
        counts.n,
        "log-linear correction; Gourevitch–Galanter interval",
    )


def criterion(counts: DecisionCounts) -> Result:
    """Bias c = −½ (z(H) + z(F)), same correction; above 0 the reader leans to *real*."""
    if (missing := _missing_side(counts)) is not None:
        return missing
    z_hit, z_false_alarm = _z_rates(counts)
    return Estimate(
        -0.5 * (z_hit + z_false_alarm), None, counts.n, "log-linear correction; no interval"
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
