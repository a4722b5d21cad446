"""Parzen-window log-likelihood: real images under a Gaussian kernel density of generated ones.

Breuleux, Bengio, Vincent 2011; used by Goodfellow et al. 2014. In high dimensions the value says
little about what images look like (Theis, van den Oord, Bethge 2016, section 3.2): compare only
generators at the same number of samples, features and bandwidth rule.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import pdist

from engine.errors import EvaluationError
from engine.evaluation.distances import squared_distance_blocks
from engine.evaluation.features import checked_pair
from engine.evaluation.metric import Metric

_LEAST = 20
#: images among which the typical distance is looked for
_FEW = 200
#: candidates around the typical distance of neighbours
_SPANS = np.logspace(-1.5, 1.0, 11)


def parzen_log_density(
    samples: NDArray[np.float64], points: NDArray[np.float64], bandwidth: float
) -> NDArray[np.float64]:
    """Log p of ``points`` (N, d) under the kernel density of ``samples`` (M, d), in nats, (N,).

    log (1/M) Σᵢ N(x; xᵢ, σ² I) with σ = ``bandwidth``, by blocks of points.
    """
    dim = samples.shape[1]
    constant = -math.log(len(samples)) - 0.5 * dim * math.log(2 * math.pi * bandwidth**2)
    logs = np.empty(len(points))
    for rows, distances in squared_distance_blocks(points, samples):
        distances *= -0.5 / bandwidth**2
        logs[rows] = _log_sum_exp(distances)
    densities: NDArray[np.float64] = logs + constant
    return densities


def best_bandwidth(samples: NDArray[np.float64], validation: NDArray[np.float64]) -> float:
    """The σ, of eleven around the median distance, under which ``validation`` is likeliest.

    Raises `EvaluationError` for samples that are all but identical.
    """
    few = samples[:: -(-len(samples) // _FEW)]
    apart = pdist(few, "sqeuclidean")
    apart = apart[apart > 0]
    if not len(apart):
        raise EvaluationError(
            "The generated images are identical but for a few, so that no bandwidth suits them. "
            "Take an earlier checkpoint, or give a bandwidth."
        )
    typical = math.sqrt(float(np.median(apart)) / samples.shape[1])
    candidates = [float(typical * span) for span in _SPANS]
    # All bandwidths share the distances, which are what takes the time.
    totals = np.zeros(len(candidates))
    dim = samples.shape[1]
    for _, distances in squared_distance_blocks(validation, samples):
        for number, sigma in enumerate(candidates):
            logs = _log_sum_exp(distances * (-0.5 / sigma**2))
            totals[number] += float(logs.sum()) - len(logs) * dim * math.log(sigma)
    return candidates[int(totals.argmax())]


def _log_sum_exp(exponents: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row; the exponents are overwritten, because copies are what takes the memory."""
    most = exponents.max(axis=1)
    exponents -= most[:, None]
    np.exp(exponents, out=exponents)
    logs: NDArray[np.float64] = most + np.log(exponents.sum(axis=1))
    return logs


def parzen(
    real: NDArray[np.floating],
    generated: NDArray[np.floating],
    extractor: str,
    *,
    bandwidth: float | None = None,
    seed: int = 0,
) -> Metric:
    """Mean log-likelihood of real images, in nats, with ± one standard error.

    ``bandwidth`` None chooses it on a random half of the real images; the other half is scored.
    Sets (N, d), (M, d) of at least 20 images. Raises `EvaluationError`.
    """
    first, second = checked_pair(real, generated, _LEAST, "Parzen log-likelihood")
    centre = first.mean(axis=0)
    first, second = first - centre, second - centre
    order = np.random.default_rng(seed).permutation(len(first))
    scored = first
    chosen = bandwidth
    if chosen is None:
        half = len(first) // 2
        chosen = best_bandwidth(second, first[order[:half]])
        scored = first[order[half:]]
    if not (math.isfinite(chosen) and chosen > 0):
        raise EvaluationError(f"The bandwidth must be a number above 0, not {chosen}.")
    logs = parzen_log_density(second, scored, chosen)
    mean, error = float(logs.mean()), float(logs.std(ddof=1) / math.sqrt(len(logs)))
    how = "chosen on the other half of the real images" if bandwidth is None else "given"
    return Metric(
        "parzen",
        f"Parzen log-likelihood ({extractor})",
        mean,
        better="higher",
        low=mean - error,
        high=mean + error,
        note=f"nats, mean ± SE of {len(logs)} real images; bandwidth {chosen:.4g}, {how}",
    )
