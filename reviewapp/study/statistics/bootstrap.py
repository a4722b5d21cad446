"""Seeded bootstrap intervals over cases, readers or both, where no formula serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Resample = Literal["cases", "readers", "both"]

#: resamples of an interval unless the caller asks for another number
RESAMPLES = 2000
#: numbers held at once: 32 MiB of float64
_CHUNK = 1 << 22


def bootstrap_interval(
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    scores: NDArray[np.float64],
    *,
    resample: Resample = "both",
    strata: Sequence[object] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
    confidence: float = CONFIDENCE,
) -> Result:
    """A statistic of a table of scores with its percentile interval (Efron & Tibshirani 1993).

    ``scores`` is float64 (readers, cases), NaN where a reader skipped a case; ``statistic`` takes
    (batch, readers, cases) and returns (batch,), NaN where it is not defined. Cases are drawn
    within ``strata`` (one label a case), so that each kind keeps its number. Same seed, same
    interval. Raises `ValueError` when the strata do not fit.
    """
    import numpy as np

    if strata is not None and len(strata) != scores.shape[1]:
        raise ValueError(f"{len(strata)} strata do not fit {scores.shape[1]} cases.")
    if scores.size == 0:
        return NotEstimable("There are no ratings.")
    n = int(np.isfinite(scores).sum())
    value = float(statistic(scores[None])[0])
    if not np.isfinite(value):
        return NotEstimable("The ratings do not suffice for this statistic.")
    if (resample != "readers" and scores.shape[1] < 2) or (
        resample != "cases" and scores.shape[0] < 2
    ):
        who = "images" if resample == "cases" or scores.shape[1] < 2 else "readers"
        return Estimate(value, None, n, f"no interval: at least two {who} are needed")
    rng = np.random.default_rng(seed)
    drawn = np.concatenate(
        [statistic(batch) for batch in _batches(rng, scores, resample, strata, resamples)]
    )
    label = {"cases": "images", "readers": "readers", "both": "readers and images"}[resample]
    return percentile_estimate(value, drawn, n, f"of {label}, seed {seed}", confidence)


def percentile_estimate(
    value: float,
    drawn: NDArray[np.float64],
    n: int,
    what: str,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """The value with the interval between the percentiles of ``drawn``; undefined draws are left
    out, and there is no interval when they are more than one in ten.
    """
    import numpy as np

    defined = drawn[np.isfinite(drawn)]
    if len(defined) < 0.9 * len(drawn):
        return Estimate(value, None, n, "no interval: too few ratings to resample")
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(defined, [tail, 1 - tail])
    return Estimate(
        value,
        (float(lower), float(upper)),
        n,
        f"percentile bootstrap, {len(drawn)} resamples {what}",
    )


def case_weights(rng: np.random.Generator, n_cases: int, resamples: int) -> NDArray[np.float64]:
    """How often each case is drawn: float64 (resamples, n_cases), each row sums to n_cases."""
    import numpy as np

    # Counting draws takes a quarter of the time of numpy's multinomial.
    drawn = rng.integers(n_cases, size=(resamples, n_cases))
    drawn += n_cases * np.arange(resamples)[:, None]
    counts = np.bincount(drawn.ravel(), minlength=resamples * n_cases)
    return counts.reshape(resamples, n_cases).astype(np.float64)


def _batches(
    rng: np.random.Generator,
    scores: NDArray[np.float64],
    resample: Resample,
    strata: Sequence[object] | None,
    resamples: int,
) -> Iterator[NDArray[np.float64]]:
    import numpy as np

    n_readers, n_cases = scores.shape
    groups = [np.arange(n_cases)]
    if strata is not None:
        labels = sorted({str(label) for label in strata})
        groups = [np.array([i for i, s in enumerate(strata) if str(s) == g]) for g in labels]
    step = max(1, _CHUNK // scores.size)
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        readers = np.broadcast_to(np.arange(n_readers), (size, n_readers))
        cases = np.broadcast_to(np.arange(n_cases), (size, n_cases))
        if resample != "cases":
            readers = rng.integers(n_readers, size=(size, n_readers))
        if resample != "readers":
            cases = np.concatenate(
                [g[rng.integers(len(g), size=(size, len(g)))] for g in groups], 1
            )
        yield scores[readers[:, :, None], cases[:, None, :]]
