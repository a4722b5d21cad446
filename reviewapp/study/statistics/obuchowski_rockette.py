"""Mean squares, covariances and error terms of the Obuchowski–Rockette model.

θ_ij = μ + τ_i + R_j + (τR)_ij + ε_ij for treatment i and reader j, with error variance Var and
covariances Cov1 (same reader, other treatment), Cov2 (other reader, same treatment), Cov3 (both
other). Error terms and degrees of freedom as Hillis 2007 (Statistics in Medicine 26:596).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from reviewapp.study.statistics.reader_covariance import ReaderFigures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: what the result speaks for beyond the study: readers and cases in general, cases in general for
#: these readers (fixed readers), or readers in general for these cases (fixed cases)
Inference = Literal["readers and cases", "cases", "readers"]

#: variances below this are rounding, not scatter
NO_VARIANCE = 1e-15


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """Obuchowski–Rockette components, for planning; estimates, which may be negative.

    With one treatment ``reader`` holds reader and treatment × reader together and Cov1, Cov3 are
    None; with one reader only ``error`` and ``cov1`` are known.
    """

    reader: float | None
    treatment_reader: float | None
    error: float
    cov1: float | None
    cov2: float | None
    cov3: float | None


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean squares and covariances of ``t`` treatments and ``r`` readers; 0 where undefined."""

    t: int
    r: int
    ms_t: float
    ms_r: float
    ms_tr: float
    error: float
    cov1: float
    cov2: float
    cov3: float

    @classmethod
    def of(cls, figures: ReaderFigures) -> Moments:
        """Ordinary two-way mean squares, and means over the covariance matrix."""
        import numpy as np

        values, covariance = figures.values, figures.covariance
        t, r = values.shape
        grand = values.mean()
        by_treatment, by_reader = values.mean(axis=1), values.mean(axis=0)
        interaction = values - by_treatment[:, None] - by_reader + grand
        same_treatment = np.eye(t, dtype=bool)[:, None, :, None]
        same_reader = np.eye(r, dtype=bool)[None, :, None, :]
        return cls(
            t=t,
            r=r,
            ms_t=_mean_square(r * (by_treatment - grand) ** 2, t - 1),
            ms_r=_mean_square(t * (by_reader - grand) ** 2, r - 1),
            ms_tr=_mean_square(interaction**2, (t - 1) * (r - 1)),
            error=_mean_where(covariance, same_treatment & same_reader),
            cov1=_mean_where(covariance, ~same_treatment & same_reader),
            cov2=_mean_where(covariance, same_treatment & ~same_reader),
            cov3=_mean_where(covariance, ~same_treatment & ~same_reader),
        )

    def difference_error(self, inference: Inference) -> tuple[float, float | None]:
        """Error term of treatment differences and its degrees of freedom (ddf_H)."""
        between = max(self.cov2 - self.cov3, 0.0)
        if inference == "cases":
            return self.error - self.cov1 + (self.r - 1) * between, None
        error = self.ms_tr + (self.r * between if inference == "readers and cases" else 0.0)
        return error, hillis_df(error, self.ms_tr, (self.t - 1) * (self.r - 1))

    def single_error(self, inference: Inference) -> tuple[float, float | None]:
        """Error term of the mean of one treatment and its degrees of freedom (ddf_H single)."""
        shared = max(self.cov2, 0.0)
        if inference == "cases":
            return self.error + (self.r - 1) * shared, None
        error = self.ms_r + (self.r * shared if inference == "readers and cases" else 0.0)
        return error, hillis_df(error, self.ms_r, self.r - 1)

    def components(self) -> VarianceComponents:
        """Moment estimates of the model's variances."""
        many_t, many_r = self.t > 1, self.r > 1
        reader = treatment_reader = None
        if many_r and many_t:
            reader = (self.ms_r - self.ms_tr) / self.t - self.cov1 + self.cov3
            treatment_reader = self.ms_tr - self.error + self.cov1 + self.cov2 - self.cov3
        elif many_r:
            reader = self.ms_r - self.error + self.cov2
        return VarianceComponents(
            reader=reader,
            treatment_reader=treatment_reader,
            error=self.error,
            cov1=self.cov1 if many_t else None,
            cov2=self.cov2 if many_r else None,
            cov3=self.cov3 if many_t and many_r else None,
        )


def hillis_df(error: float, mean_square: float, df: int) -> float | None:
    """Satterthwaite's df of mean square + constant; None (normal) where the mean square is 0."""
    return None if mean_square < NO_VARIANCE else error**2 * df / mean_square**2


def _mean_square(squares: NDArray[np.float64], df: int) -> float:
    return float(squares.sum()) / df if df > 0 else 0.0


def _mean_where(covariance: NDArray[np.float64], mask: NDArray[np.bool_]) -> float:
    import numpy as np

    where = np.broadcast_to(mask, covariance.shape)
    return float(covariance[where].mean()) if where.any() else 0.0
