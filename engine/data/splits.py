"""Splits by patient: all slices of a heart go to the same side."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from engine.data.records import Split
from engine.errors import ConfigError


def split_by_patient(
    patients: Iterable[str], seed: int, fractions: Mapping[Split, float]
) -> dict[str, Split]:
    """Assign every patient to one split; repeats of a patient count once.

    ``fractions`` of the patients, adding up to 1. Counts are exact by largest remainder, and the
    result depends on the set of patients and ``seed`` alone, never on their order. Raises
    `ConfigError` for negative fractions or another sum.
    """
    shares = {split: float(share) for split, share in fractions.items()}
    total = sum(shares.values())
    if not shares or min(shares.values()) < 0 or not math.isclose(total, 1, abs_tol=1e-6):
        raise ConfigError(
            f"Split fractions {shares} must not be negative and must add up to 1 (here {total:g})."
        )
    names = sorted(set(patients))
    exact = {split: share * len(names) for split, share in shares.items()}
    counts = {split: math.floor(value) for split, value in exact.items()}
    by_remainder = sorted(shares, key=lambda split: counts[split] - exact[split])
    for split in by_remainder[: len(names) - sum(counts.values())]:
        counts[split] += 1
    order = np.random.default_rng(seed).permutation(len(names))
    assigned: dict[str, Split] = {}
    start = 0
    for split, count in counts.items():
        assigned.update((names[number], split) for number in order[start : start + count])
        start += count
    return assigned
