"""Numbers as a report writes them."""

from __future__ import annotations

from datetime import datetime

from reviewapp.study.statistics.estimate import NotEstimable, Result
from reviewapp.study.statistics.response_times import TimeSummary

NONE = "not estimable"
#: a blank where no line may break
_SPACE = "\N{NO-BREAK SPACE}"


def share_text(result: Result) -> str:
    """'58 % (52–64 %)', '58 %' without interval, or 'not estimable'."""
    if isinstance(result, NotEstimable):
        return NONE
    value = f"{100 * result.value:.0f}{_SPACE}%"
    if result.interval is None:
        return value
    lower, upper = result.interval
    return f"{value} ({100 * lower:.0f}–{100 * upper:.0f}{_SPACE}%)"


def number_text(result: Result, *, signed: bool = False) -> str:
    """'0.62 (0.55 to 0.69)'."""
    if isinstance(result, NotEstimable):
        return NONE
    value = decimal_text(result.value, signed=signed)
    if result.interval is None:
        return value
    lower, upper = (decimal_text(bound, signed=signed) for bound in result.interval)
    return f"{value} ({lower}{_SPACE}to{_SPACE}{upper})"


def decimal_text(value: float, decimals: int = 2, *, signed: bool = False) -> str:
    """'0.62', '−0.10', with ``signed`` '+0.62'; no sign before a zero that was rounded."""
    text = format(value, f"{'+' if signed else ''}.{decimals}f")
    if not text.strip("+-0."):
        text = text.lstrip("+-")
    return text.replace("-", "−")


def reason_text(result: Result) -> str:
    """Why there is no value or no interval; blank where both are there."""
    if isinstance(result, NotEstimable):
        return result.reason
    return result.method if result.interval is None else ""


def p_value_text(p_value: float | NotEstimable | None) -> str:
    """'0.012', '< 0.001', or a dash."""
    if p_value is None or isinstance(p_value, NotEstimable):
        return "–"
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def time_text(times: TimeSummary | NotEstimable) -> str:
    """'3.1 s (2.2–4.4 s)': median and quartiles."""
    if isinstance(times, NotEstimable):
        return "–"
    low, middle, high = (
        ms / 1000 for ms in (times.lower_quartile_ms, times.median_ms, times.upper_quartile_ms)
    )
    return f"{middle:.1f} s ({low:.1f}–{high:.1f} s)"


def date_text(moment: datetime | None) -> str:
    """'5 January 2026, 09:00 UTC', or a dash."""
    if moment is None:
        return "–"
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} UTC"


def count_text(n: int, one: str, many: str = "") -> str:
    """'1 reader', '20 readers'."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
