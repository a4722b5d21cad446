"""What a protocol costs a reader in time, and how precise an answer it buys; before any rating."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from reviewapp.study.protocol import AnswerScale, Protocol
from reviewapp.study.statistics.estimate import CONFIDENCE
from reviewapp.study.statistics.proportions import wilson_bounds
from reviewapp.study.statistics.sample_size import hanley_mcneil_variance

_NORMAL = NormalDist()
#: from the paint of an image to the key, and the key's way to the next image
SECONDS_PER_TRIAL: dict[AnswerScale, float] = {"confidence6": 8.0, "yes_no": 6.0, "side": 9.0}
#: with the image gone, a reader has only the answer left to think of
_SECONDS_AFTER_EXPOSURE = 3.0
_SECONDS_OF_FEEDBACK = 3.0
#: quick and slow readers, as shares of the typical time
_QUICK, _SLOW = 0.6, 1.7
#: how alike two readers judge one image; 0 would be independent, 1 the same reader twice
_READER_CORRELATION = 0.3


@dataclass(frozen=True, slots=True)
class Expected:
    """A statistic that the guess implies, and the 95 % interval to expect around it."""

    value: float
    lower: float
    upper: float

    @property
    def width(self) -> float:
        """Length of the interval."""
        return self.upper - self.lower


@dataclass(frozen=True, slots=True)
class PrecisionEstimate:
    """One reader's session in minutes (breaks included), and the study's expected intervals.

    ``auc`` is None where readers give no degree of confidence.
    """

    n_readers: int
    n_trials: int
    minutes: float
    minutes_range: tuple[float, float]
    accuracy: Expected
    auc: Expected | None
    assumptions: tuple[str, ...]


def estimate_precision(
    protocol: Protocol, n_readers: int = 1, accuracy: float = 0.7
) -> PrecisionEstimate:
    """Estimate for readers who are right in the guessed share ``accuracy`` (0.5 to 0.99) of trials.

    Accuracy: Wilson interval. Area under the ROC curve: normal interval by the variance of Hanley
    & McNeil 1982 (Radiology 143:29), its value from the equal-variance normal model
    (area = Φ(d′/√2) with accuracy = Φ(d′/2)). Several readers of the same images count as
    n·R / (1 + (R − 1)·0.3) ratings. Raises `ValueError` for numbers out of range.
    """
    if n_readers < 1 or not 0.5 <= accuracy <= 0.99:
        raise ValueError(f"{n_readers} readers with an accuracy of {accuracy} cannot be estimated.")
    gain = n_readers / (1 + (n_readers - 1) * _READER_CORRELATION)
    working = _working_seconds(protocol)
    breaks = (protocol.n_blocks - 1) * protocol.break_seconds
    return PrecisionEstimate(
        n_readers=n_readers,
        n_trials=protocol.n_trials,
        minutes=(working + breaks) / 60,
        minutes_range=((_QUICK * working + breaks) / 60, (_SLOW * working + breaks) / 60),
        accuracy=Expected(accuracy, *wilson_bounds(accuracy, protocol.n_cases * gain)),
        auc=_expected_auc(accuracy, protocol, gain)
        if protocol.answer_scale == "confidence6"
        else None,
        assumptions=_assumptions(protocol, n_readers, accuracy),
    )


def seconds_per_trial(protocol: Protocol) -> float:
    """Typical time of one scored trial."""
    if protocol.exposure_ms is not None:
        return protocol.exposure_ms / 1000 + _SECONDS_AFTER_EXPOSURE
    return SECONDS_PER_TRIAL[protocol.answer_scale]


def _working_seconds(protocol: Protocol) -> float:
    feedback = protocol.training_trials * _SECONDS_OF_FEEDBACK
    return protocol.n_trials * seconds_per_trial(protocol) + feedback


def _expected_auc(accuracy: float, protocol: Protocol, gain: float) -> Expected:
    d_prime = 2 * _NORMAL.inv_cdf(accuracy)
    area = _NORMAL.cdf(d_prime / sqrt(2))
    variance = hanley_mcneil_variance(area, protocol.n_generated, protocol.n_real) / gain
    half = _NORMAL.inv_cdf(0.5 + CONFIDENCE / 2) * sqrt(variance)
    return Expected(area, max(0.0, area - half), min(1.0, area + half))


def _assumptions(protocol: Protocol, n_readers: int, accuracy: float) -> tuple[str, ...]:
    notes = [
        f"A trial takes about {seconds_per_trial(protocol):g} seconds; quick readers need "
        f"{100 * _QUICK:.0f} %, slow ones {100 * _SLOW:.0f} % of that.",
        f"Readers are right in {100 * accuracy:.0f} % of the trials.",
        "Training trials and second showings take time but do not count in accuracy and area.",
    ]
    if protocol.n_blocks > 1 and protocol.break_seconds:
        breaks = "1 break" if protocol.n_blocks == 2 else f"{protocol.n_blocks - 1} breaks"
        verb = "is" if protocol.n_blocks == 2 else "are"
        notes.append(f"{breaks} of {protocol.break_seconds} seconds {verb} taken.")
    if n_readers > 1:
        notes.append(
            "Readers rate the same images and judge them alike to some degree (correlation "
            f"{_READER_CORRELATION:g}), so {n_readers} readers are worth less than "
            f"{n_readers} times as many images."
        )
    return tuple(notes)
