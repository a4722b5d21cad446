"""From what the guard measured to warnings: each a trend over several looks, never one value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from engine.degradation.config import GuardConfig, WarningName
from engine.degradation.measurement import Measurement

Rows = Sequence[Measurement]
#: share of the highest gradient from which on it has not fallen
_FLAT_GRADIENT = 0.5
#: a recall that never reached this cannot fall
_LEAST_RECALL = 0.2


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that holds at ``step``: the ``value`` that passed the ``threshold``, in words."""

    name: WarningName
    step: int
    value: float
    threshold: float
    message: str


def findings(rows: Rows, config: GuardConfig) -> tuple[Finding, ...]:
    """The rules that hold at the newest of ``rows``.

    Only looks at the same networks are compared: after a change of stage a trend begins anew.
    """
    if not rows:
        return ()
    comparable = [row for row in rows if row.trained == rows[-1].trained]
    found = (rule(comparable, config) for rule in _RULES)
    return tuple(each for each in found if each is not None)


def new_findings(rows: Rows, config: GuardConfig) -> tuple[Finding, ...]:
    """The findings of the newest row that the one before did not have."""
    before = {finding.name for finding in findings(rows[:-1], config)}
    return tuple(each for each in findings(rows, config) if each.name not in before)


def all_warnings(rows: Rows, config: GuardConfig) -> tuple[Finding, ...]:
    """Every warning that a run has had, oldest first."""
    warnings: list[Finding] = []
    before: set[WarningName] = set()
    for end in range(1, len(rows) + 1):
        found = findings(rows[:end], config)
        warnings += [each for each in found if each.name not in before]
        before = {each.name for each in found}
    return tuple(warnings)


def vanishing_curvature(rows: Rows, config: GuardConfig) -> Finding | None:
    """D's loss has become flat: its Hessian and its gradient are a fraction of what they were.

    A logistic loss has curvature Σ p (1 − p) J Jᵀ, which goes to 0, with the gradient, as D
    separates real from drawn images perfectly; then G learns nothing of use (Arjovsky, Bottou
    2017, "Towards principled methods for training GANs", theorems 2.1–2.4). That top eigenvalues
    tell of collapse early: Durall et al. 2020, "Combating mode collapse in GAN training: an
    empirical analysis using Hessian eigenvalues". The gradient must have fallen too, because the
    first steps of a run are steep and set a high mark.
    """
    share = config.vanishing_curvature
    value = _share_of_highest(rows, "eigenvalue_d", config.persistence)
    slope = _share_of_highest(rows, "gradient_d", config.persistence)
    if value is None or slope is None or value >= share or slope >= _FLAT_GRADIENT:
        return None
    return Finding(
        "vanishing curvature",
        rows[-1].step,
        value,
        share,
        f"D's loss has become flat: its top curvature is {_percent(value)} of its highest. D tells "
        "all images apart, so that G learns no more from it. Lower D's learning rate, or go on "
        "from an earlier checkpoint with a smaller D.",
    )


def collapse(rows: Rows, config: GuardConfig) -> Finding | None:
    """Drawn images become alike: their diversity or recall is a fraction of what it was.

    Salimans et al. 2016, "Improved techniques for training GANs", section 3.2 (mode collapse);
    recall as the share of the real variety that is reached: Kynkäänniemi et al. 2019.
    """
    size = config.persistence
    shares = {
        "diversity": _share_of_highest(rows, "diversity", size, _at_start(rows, "diversity")),
        "recall": _recall_left(rows, size),
    }
    fallen = {n: share for n, share in shares.items() if share is not None}
    name = min(fallen, key=fallen.__getitem__, default="")
    if not name or fallen[name] >= config.collapse_diversity:
        return None
    return Finding(
        "collapse",
        rows[-1].step,
        fallen[name],
        config.collapse_diversity,
        f"The generated images become alike: their {name} is {_percent(fallen[name])} of its "
        "highest. Go on from an earlier checkpoint with a lower learning rate, or stop.",
    )


def memorisation(rows: Rows, config: GuardConfig) -> Finding | None:
    """Drawn images are copies: much nearer to training images than real images are.

    The test of Meehan et al. 2020, "A non-parametric test to detect data-copying in generative
    models", and a ratio of distances, because the test alone also finds blurred images, which are
    near to all: the mean of a set is √½ times as far from an image as another image is.
    """
    value = _recent([row.neighbour_ratio for row in rows], config.persistence)
    p = _recent([row.memorisation_p for row in rows], config.persistence)
    if value is None or p is None:
        return None
    if value >= config.memorisation_distance or p >= config.memorisation_p:
        return None
    return Finding(
        "memorisation",
        rows[-1].step,
        value,
        config.memorisation_distance,
        "The generator copies training images: its images are "
        f"{_percent(value)} as far from their nearest training image as real images are. "
        "Train with more images, or stop earlier. Do not share these images: they may show "
        "patients.",
    )


def discriminator_overfit(rows: Rows, config: GuardConfig) -> Finding | None:
    """D takes unseen real images for drawn ones: it knows its training images by heart.

    Karras et al. 2020, "Training generative adversarial networks with limited data": r_v, and
    their target of 0.6 for the like heuristic r_t.
    """
    value = _recent([row.overfit_ratio for row in rows], config.persistence)
    if value is None or value <= config.overfit:
        return None
    return Finding(
        "discriminator overfit",
        rows[-1].step,
        value,
        config.overfit,
        "D knows its training images by heart: it judges unseen real images "
        f"{_percent(value)} of the way to generated ones. Train with more images, "
        "with augmentation (r3gan) or with dropout in D, or stop earlier.",
    )


def reward_hacking(rows: Rows, config: GuardConfig) -> Finding | None:
    """The critic that rewards G likes its images better, while what it does not see gets worse.

    Gao, Schulman, Hilton 2023, "Scaling laws for reward model overoptimization": the proxy rises
    while the gold score, beyond its peak, falls. Gold are the judge, who never rewards, and the
    recall, because the judge is a small network too and may be pleased by few images.
    """
    size = config.persistence
    scored = [row for row in rows if math.isfinite(row.critic_score)]
    critic = _medians([row.critic_score for row in scored], size)
    first = [*_at_start(scored, "critic_score"), *critic[:-1]][:1]
    if not critic or not first or critic[-1] <= first[0]:
        return None
    judge = _medians([row.judge_score for row in scored], size)
    fall = max(*judge, *_at_start(scored, "judge_score"), -1) - judge[-1] if judge else 0.0
    if fall > config.reward_hacking:
        value, threshold, gold = (
            fall,
            config.reward_hacking,
            f"the judge's has fallen by {fall:.2f}",
        )
    else:
        share = _recall_left(rows, size)
        if share is None or share >= config.collapse_diversity:
            return None
        value, threshold = share, config.collapse_diversity
        gold = f"the variety of the images (recall) is {_percent(share)} of its highest"
    return Finding(
        "reward hacking",
        rows[-1].step,
        value,
        threshold,
        "The generator has learnt to please the critic instead of the readers: the critic's score "
        f"rises while {gold}. Lower the critic's weight, or use an earlier checkpoint.",
    )


_RULES: tuple[Callable[[Rows, GuardConfig], Finding | None], ...] = (
    vanishing_curvature,
    collapse,
    memorisation,
    discriminator_overfit,
    reward_hacking,
)


def _medians(values: Sequence[float], size: int) -> list[float]:
    """Running medians over ``size`` values; values that are not to be had are left out."""
    known = [value for value in values if math.isfinite(value)]
    return [median(known[end - size : end]) for end in range(size, len(known) + 1)]


def _recent(values: Sequence[float], size: int) -> float | None:
    medians = _medians(values, size)
    return medians[-1] if medians else None


def _share_of_highest(
    rows: Rows, name: str, size: int, start: Sequence[float] = (), least: float = 0.0
) -> float | None:
    """The newest running median of a value's size as a share of the highest one before.

    ``start`` counts as one before. None before there is any, and while the highest is not above
    ``least``.
    """
    medians = _medians([abs(getattr(row, name)) for row in rows], size)
    highest = max([*medians[:-1], *start], default=0.0)
    return medians[-1] / highest if medians and highest > least else None


def _recall_left(rows: Rows, size: int) -> float | None:
    return _share_of_highest(rows, "recall", size, _at_start(rows, "recall"), _LEAST_RECALL)


def _at_start(rows: Rows, name: str) -> list[float]:
    """What a child run had of its parent, before its first step; empty where that is not known."""
    values = [getattr(row, name) for row in rows[:1] if row.step == 0]
    return [value for value in values if math.isfinite(value)]


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.1f} %"
