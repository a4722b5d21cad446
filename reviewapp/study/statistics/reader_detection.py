"""d′ and criterion averaged over readers, with a bootstrap interval over readers and images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewapp.study.statistics.bootstrap import case_weights, percentile_estimate
from reviewapp.study.statistics.estimate import CONFIDENCE, Estimate, NotEstimable, Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RESAMPLES = 1000


def mean_detection(
    generated: NDArray[np.float64],
    real: NDArray[np.float64],
    confidence: float = CONFIDENCE,
    seed: int = 0,
    resamples: int = _RESAMPLES,
) -> tuple[Result, Result]:
    """Mean d′ and mean criterion of at least two readers.

    ``generated`` (readers, m) and ``real`` (readers, n) hold 1 where the image was called
    generated, else 0. Each reader's rates have the log-linear correction of Hautus 1995, as in
    `signal_detection`. Readers and, within each kind, images are drawn again.
    """
    import numpy as np
    from scipy.special import ndtri

    n_readers, m, n = len(generated), generated.shape[1], real.shape[1]
    if m == 0 or n == 0:
        missing = "generated" if m == 0 else "real"
        reason = NotEstimable(f"No {missing} images have been rated; both kinds are needed.")
        return reason, reason
    hits, false_alarms = generated.sum(axis=1), real.sum(axis=1)

    def z_rates(
        hits: NDArray[np.float64], false_alarms: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return ndtri((hits + 0.5) / (m + 1)), ndtri((false_alarms + 0.5) / (n + 1))

    z_hit, z_false = z_rates(hits, false_alarms)
    values = float((z_hit - z_false).mean()), float(-(z_hit + z_false).mean() / 2)
    count = n_readers * (m + n)
    if n_readers < 2 or min(m, n) < 2:
        short = "no interval: at least two readers and two images of each kind are needed"
        return Estimate(values[0], None, count, short), Estimate(values[1], None, count, short)
    rng = np.random.default_rng(seed)
    chosen = rng.integers(n_readers, size=(resamples, n_readers))
    drawn_hit, drawn_false = z_rates(
        case_weights(rng, m, resamples) @ generated.T, case_weights(rng, n, resamples) @ real.T
    )
    drawn_hit = np.take_along_axis(drawn_hit, chosen, axis=1)
    drawn_false = np.take_along_axis(drawn_false, chosen, axis=1)
    what = f"of readers and images, seed {seed}"
    return (
        percentile_estimate(
            values[0], (drawn_hit - drawn_false).mean(axis=1), count, what, confidence
        ),
        percentile_estimate(
            values[1], -(drawn_hit + drawn_false).mean(axis=1) / 2, count, what, confidence
        ),
    )


def mean_forced_choice(
    correct: NDArray[np.float64],
    confidence: float = CONFIDENCE,
    seed: int = 0,
    resamples: int = _RESAMPLES,
) -> Result:
    """Mean d′ = √2 z(p) of at least two readers who chose from pairs; ``correct`` (readers, pairs).

    Macmillan & Creelman 2005, chapter 7; corrected and resampled as in `mean_detection`.
    """
    import numpy as np
    from scipy.special import ndtri

    n_readers, n = correct.shape
    if n == 0:
        return NotEstimable("There are no pairs of images that have been compared.")

    def d_prime(right: NDArray[np.float64]) -> NDArray[np.float64]:
        value: NDArray[np.float64] = np.sqrt(2) * ndtri((right + 0.5) / (n + 1))
        return value

    value = float(d_prime(correct.sum(axis=1)).mean())
    if n_readers < 2 or n < 2:
        short = "no interval: at least two readers and two pairs are needed"
        return Estimate(value, None, correct.size, short)
    rng = np.random.default_rng(seed)
    chosen = rng.integers(n_readers, size=(resamples, n_readers))
    drawn = np.take_along_axis(d_prime(case_weights(rng, n, resamples) @ correct.T), chosen, axis=1)
    return percentile_estimate(
        value, drawn.mean(axis=1), correct.size, f"of readers and pairs, seed {seed}", confidence
    )
