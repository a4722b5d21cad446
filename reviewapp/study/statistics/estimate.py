"""What a statistic returns: a value with its interval, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

#: coverage of every interval unless the caller asks for another
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point estimate from ``n`` observations, with the interval that ``method`` names.

    ``interval`` is None where the value is known but its uncertainty is not; ``method`` then says
    why. No number is ever NaN or infinite.
    """

    value: float
    interval: tuple[float, float] | None
    n: int
    method: str

    @property
    def estimable(self) -> bool:
        """True; tells an `Estimate` from a `NotEstimable`."""
        return True


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """Why a statistic has no value, in a sentence for the reader of a report."""

    reason: str

    @property
    def estimable(self) -> bool:
        """False; tells a `NotEstimable` from an `Estimate`."""
        return False


Result = Estimate | NotEstimable
