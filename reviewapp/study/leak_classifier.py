"""Can a simple classifier tell real from generated? Cross-validated logistic regression.

The model is linear with a quadratic penalty, the folds keep a patient's images together and hold
real and generated in the study's proportion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FOLDS = 5
_ROUNDS = 5
_CLIP = 2.5


def normal_scores(values: NDArray[np.float64], strata: Sequence[str]) -> NDArray[np.float64]:
    """Each column (n, k) by rank within its stratum, as quantiles of the normal distribution.

    So the units, tails and differences between data sets do not matter. A column that does not vary
    in a stratum is 0 there.
    """
    import numpy as np
    from scipy.stats import norm, rankdata

    scores = np.zeros_like(values)
    names = np.asarray(strata)
    for name in set(strata):
        own = values[names == name]
        quantiles = (rankdata(own, axis=0) - 0.5) / len(own)
        scores[names == name] = np.clip(norm.ppf(quantiles), -_CLIP, _CLIP)
    return scores


def fit_logistic(
    features: NDArray[np.float64], labels: NDArray[np.bool_], penalty: float = 1.0
) -> tuple[NDArray[np.float64], float]:
    """Weights (k,) and intercept that minimise Σ log(1 + e^(−y·z)) + penalty/2 · |w|².

    ``labels`` (n,) are True for the positive class; the intercept carries no penalty.
    """
    import numpy as np
    from scipy.optimize import minimize
    from scipy.special import expit

    signs = np.where(labels, 1.0, -1.0)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, intercept = parameters[:-1], parameters[-1]
        margins = signs * (features @ weights + intercept)
        value = np.logaddexp(0, -margins).sum() + penalty / 2 * weights @ weights
        slopes = -signs * expit(-margins)
        return float(value), np.append(features.T @ slopes + penalty * weights, slopes.sum())

    found = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B").x
    return np.asarray(found[:-1]), float(found[-1])


def cross_validated_scores(
    features: NDArray[np.float64],
    labels: NDArray[np.bool_],
    groups: Sequence[str],
    seed: int = 0,
) -> NDArray[np.float64]:
    """Log-odds (n,) of each image by models that did not see its group; mean of five rounds."""
    import numpy as np

    total = np.zeros(len(labels))
    for number in range(_ROUNDS):
        folds = grouped_folds(labels, groups, seed + number)
        for fold in range(FOLDS):
            held_out = folds == fold
            if not held_out.any():
                continue
            weights, intercept = fit_logistic(features[~held_out], labels[~held_out])
            total[held_out] += features[held_out] @ weights + intercept
    return total / _ROUNDS


def grouped_folds(labels: NDArray[np.bool_], groups: Sequence[str], seed: int) -> NDArray[np.int64]:
    """The fold (n,) of each image: groups whole, each class spread as evenly as groups allow."""
    import numpy as np

    rng = np.random.default_rng(seed)
    members: dict[str, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    counts = np.zeros((FOLDS, 2), dtype=np.int64)
    folds = np.zeros(len(labels), dtype=np.int64)
    names = sorted(members)
    # Large groups first, equals in a random order, each to the fold that has least of its class.
    for place in sorted(rng.permutation(len(names)), key=lambda i: -len(members[names[i]])):
        own = members[names[place]]
        kind = int(labels[own].mean() >= 0.5)
        fold = int(np.lexsort((rng.random(FOLDS), counts.sum(axis=1), counts[:, kind]))[0])
        folds[own] = fold
        counts[fold, 1] += int(labels[own].sum())
        counts[fold, 0] += int((~labels[own]).sum())
    return folds
