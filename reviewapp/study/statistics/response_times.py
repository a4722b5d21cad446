"""Response times: summaries, and whether wrong answers took longer than right ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, sqrt
from typing import TYPE_CHECKING

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TimeSummary:
    """Response times in milliseconds; the geometric mean is that of a skewed quantity."""

    n: int
    median_ms: float
    lower_quartile_ms: float
    upper_quartile_ms: float
    geometric_mean_ms: Estimate


@dataclass(frozen=True, slots=True)
class TimeByCorrectness:
    """Times of right and wrong answers.

    ``ratio`` is the geometric mean of wrong over right, with Welch's interval of the logarithms;
    ``p_value`` is of the two-sided Mann–Whitney test.
    """

    right: TimeSummary | NotEstimable
    wrong: TimeSummary | NotEstimable
    ratio: Result
    p_value: float | NotEstimable


def summarise_times(
    times_ms: Sequence[float], confidence: float = CONFIDENCE
) -> TimeSummary | NotEstimable:
    """Median, quartiles (linear interpolation) and geometric mean with t interval of the logs.

    Times that are not above 0 (a clock set back) are left out.
    """
    import numpy as np
    from scipy.stats import t

    times = _positive(times_ms)
    n = len(times)
    if n == 0:
        return NotEstimable("There are no response times.")
    lower, median, upper = (float(q) for q in np.quantile(times, [0.25, 0.5, 0.75]))
    logs = np.log(times)
    mean, interval, method = float(logs.mean()), None, "no interval: a single answer"
    if n > 1:
        half = float(t.isf((1 - confidence) / 2, n - 1) * logs.std(ddof=1) / sqrt(n))
        interval, method = (exp(mean - half), exp(mean + half)), "t interval of the logarithms"
    return TimeSummary(n, median, lower, upper, Estimate(exp(mean), interval, n, method))


def times_by_correctness(
    times_ms: Sequence[float], correct: Sequence[bool], confidence: float = CONFIDENCE
) -> TimeByCorrectness:
    """Right against wrong answers; answers count as independent. Raises `ValueError` when the lists
    do not pair.
    """
    from scipy.stats import mannwhitneyu

    right = [time for time, is_right in zip(times_ms, correct, strict=True) if is_right]
    wrong = [time for time, is_right in zip(times_ms, correct, strict=True) if not is_right]
    usable_right, usable_wrong = _positive(right), _positive(wrong)
    p_value: float | NotEstimable
    if len(usable_right) == 0 or len(usable_wrong) == 0:
        missing = "right" if len(usable_right) == 0 else "wrong"
        ratio: Result = NotEstimable(f"There are no {missing} answers to compare with.")
        p_value = NotEstimable(f"There are no {missing} answers to compare with.")
    else:
        ratio = _ratio(usable_wrong, usable_right, confidence)
        p_value = float(mannwhitneyu(usable_right, usable_wrong).pvalue)
    return TimeByCorrectness(
        summarise_times(right, confidence), summarise_times(wrong, confidence), ratio, p_value
    )


def _ratio(wrong: NDArray[np.float64], right: NDArray[np.float64], confidence: float) -> Result:
    import numpy as np
    from scipy.stats import t

    logs = [np.log(wrong), np.log(right)]
    n = len(wrong) + len(right)
    difference = float(logs[0].mean() - logs[1].mean())
    if min(len(wrong), len(right)) < 2:
        return Estimate(exp(difference), None, n, "no interval: a single answer of one kind")
    parts = [float(values.var(ddof=1)) / len(values) for values in logs]
    if sum(parts) < 1e-15:
        return Estimate(exp(difference), None, n, "no interval: the times do not vary")
    df = sum(parts) ** 2 / sum(
        part**2 / (len(values) - 1) for part, values in zip(parts, logs, strict=True)
    )
    half = float(t.isf((1 - confidence) / 2, df)) * sqrt(sum(parts))
    return Estimate(
        exp(difference),
        (exp(difference - half), exp(difference + half)),
        n,
        "ratio of geometric means; Welch interval of the logarithms",
    )


def _positive(times_ms: Sequence[float]) -> NDArray[np.float64]:
    import numpy as np

    times = np.asarray(times_ms, dtype=np.float64)
    return times[np.isfinite(times) & (times > 0)]
