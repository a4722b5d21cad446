"""Statistics in words that a specialist reads; no widgets."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from reviewapp.study.analysis import sentences
from reviewapp.study.report.words import NONE, decimal_text
from reviewapp.study.statistics.equivalence import Equivalence
from reviewapp.study.statistics.estimate import NotEstimable, Result
from reviewapp.study.statistics.response_times import TimeSummary

#: a share, a difference of shares in percentage points, a number, or a number of times
Scale = Literal["percent", "points", "plain", "ratio"]

#: stands below tables with `equivalence_text`
EQUIVALENCE_NOTE = (
    "Equivalence is shown when the 90 % interval, given here, lies within the margin around "
    "guessing (two one-sided tests at 5 %)."
)
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_ALPHA = 0.05


def value_text(result: Result, scale: Scale) -> str:
    """The value, or *not estimable*."""
    return NONE if isinstance(result, NotEstimable) else _number(result.value, scale)


def interval_text(result: Result, scale: Scale) -> str:
    """The interval, or why there is none."""
    if isinstance(result, NotEstimable):
        return result.reason
    if result.interval is None:
        return _sentence(result.method)
    return f"95 % interval {_range(result.interval, scale)}"


def p_text(p_value: float | NotEstimable | None) -> str:
    """'p = 0.012', 'p < 0.001', or a dash."""
    if p_value is None or isinstance(p_value, NotEstimable):
        return "–"
    return sentences.p_text(p_value)


def seconds_text(milliseconds: float) -> str:
    """'2.3 s'."""
    return f"{milliseconds / 1000:.1f} s"


def typical_time(times: TimeSummary | NotEstimable) -> str:
    """A median response time, or a dash."""
    return "–" if isinstance(times, NotEstimable) else seconds_text(times.median_ms)


def middle_half(times: TimeSummary | NotEstimable) -> str:
    """Between which times the middle half lies, or a dash."""
    if isinstance(times, NotEstimable):
        return "–"
    return f"{seconds_text(times.lower_quartile_ms)} to {seconds_text(times.upper_quartile_ms)}"


def moment_text(moment: datetime) -> str:
    """'31 Jan 2026, 13:45', in the time of this computer."""
    return f"{moment.astimezone():%d %b %Y, %H:%M}"


def span_text(first: datetime, last: datetime) -> str:
    """'31 Jan 2026, 13:45 to 14:20', with the day of the end only where it is another."""
    if first.astimezone().date() == last.astimezone().date():
        return f"{moment_text(first)} to {last.astimezone():%H:%M}"
    return f"{moment_text(first)} to {moment_text(last)}"


def difference_text(
    value: Result, p_value: float | NotEstimable | None, above: str, below: str
) -> str:
    """``above`` or ``below`` where the test tells them apart, else that it does not."""
    if isinstance(value, NotEstimable) or p_value is None or isinstance(p_value, NotEstimable):
        return "cannot be judged"
    if p_value >= _ALPHA:
        return f"no reliable difference ({p_text(p_value)})"
    return f"{above if value.value > 0 else below} ({p_text(p_value)})"


def equivalence_text(found: Equivalence | NotEstimable) -> str:
    """Whether equivalence is shown, and the interval that decides; see `EQUIVALENCE_NOTE`."""
    if isinstance(found, NotEstimable):
        return "cannot be judged"
    scale: Scale = "percent" if found.scale == "percent" else "plain"
    needed = _range((found.reference - found.margin, found.reference + found.margin), scale)
    # The tests' normal interval may pass the ends of the scale.
    lower, upper = found.interval
    interval = _range((max(0.0, lower), min(1.0, upper)), scale)
    if found.shown:
        return f"shown: {interval} is within {needed}"
    return f"not shown: {interval} is not within {needed}"


def kappa_word(result: Result) -> str:
    """The strength of agreement that κ is called by (Landis & Koch 1977)."""
    bounds = (
        (0.0, "worse than by chance"), (0.2, "slight"), (0.4, "fair"), (0.6, "moderate"),
        (0.8, "substantial"),
    )  # fmt: skip
    return _graded(result, bounds, "almost perfect")


def alpha_word(result: Result) -> str:
    """What α allows (Krippendorff 2004)."""
    return _graded(
        result, ((0.667, "too low to rely on"), (0.8, "tentative conclusions only")), "reliable"
    )


def icc_word(result: Result) -> str:
    """The reliability that an intraclass correlation is called by (Koo & Li 2016)."""
    return _graded(result, ((0.5, "poor"), (0.75, "moderate"), (0.9, "good")), "excellent")


class Notes:
    """Footnotes of a table: each reason once, in the order of its first mention."""

    def __init__(self) -> None:
        self._reasons: list[str] = []

    def mark(self, reason: str) -> str:
        """The raised number of a reason."""
        if reason not in self._reasons:
            self._reasons.append(reason)
        return str(self._reasons.index(reason) + 1).translate(_SUPERSCRIPTS)

    def cell(self, result: Result, scale: Scale) -> str:
        """Value and interval; a missing one is explained in a note."""
        if isinstance(result, NotEstimable):
            return f"{NONE} {self.mark(result.reason)}"
        value = _number(result.value, scale)
        if result.interval is None:
            return f"{value} {self.mark(_sentence(result.method))}"
        return f"{value} ({_range(result.interval, scale)})"

    def texts(self) -> tuple[str, ...]:
        """The notes, each with its number."""
        return tuple(f"{self.mark(reason)} {reason}" for reason in self._reasons)


def _graded(result: Result, bounds: tuple[tuple[float, str], ...], highest: str) -> str:
    if isinstance(result, NotEstimable):
        return "–"
    return next((word for bound, word in bounds if result.value < bound), highest)


def _number(value: float, scale: Scale) -> str:
    if scale == "percent":
        return sentences.percent(value)
    if scale == "points":
        return f"{decimal_text(100 * value, 0)} points"
    return f"{'× ' if scale == 'ratio' else ''}{decimal_text(value, 2)}"


def _range(interval: tuple[float, float], scale: Scale) -> str:
    lower, upper = interval
    if scale == "percent":
        return f"{100 * lower:.0f}–{100 * upper:.0f} %"
    if scale == "points":
        return f"{decimal_text(100 * lower, 0)} to {decimal_text(100 * upper, 0)}"
    return f"{decimal_text(lower, 2)} to {decimal_text(upper, 2)}"


def _sentence(method: str) -> str:
    """Why an estimate has no interval, from its method's '…; no interval: why'."""
    text = method[method.find("no interval") :] if "no interval" in method else method
    return text[:1].upper() + text[1:].rstrip(".") + "."
