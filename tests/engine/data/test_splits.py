from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.splits import split_by_patient
from engine.errors import ConfigError

FRACTIONS = {"train": 0.7, "validation": 0.2, "test": 0.1}
patients = st.lists(st.text("abcdef0123456789", min_size=1, max_size=8), max_size=60)
fractions = st.tuples(*[st.integers(0, 10)] * 3).filter(any)


@given(patients, st.integers(0, 2**32), fractions, st.randoms())
def test_every_patient_is_on_one_side_whatever_the_order(names, seed, parts, random) -> None:
    shares = {
        split: part / sum(parts)
        for split, part in zip(("train", "validation", "test"), parts, strict=True)
    }
    assigned = split_by_patient(names, seed, shares)
    assert assigned.keys() == set(names)
    for split, share in shares.items():
        count = sum(1 for value in assigned.values() if value == split)
        assert abs(count - share * len(assigned)) < 1
    shuffled = names * 2  # every patient has several slices
    random.shuffle(shuffled)
    assert split_by_patient(shuffled, seed, shares) == assigned


def test_known_counts() -> None:
    assigned = split_by_patient((f"patient{n:03d}" for n in range(100)), 0, FRACTIONS)
    counts = {split: list(assigned.values()).count(split) for split in FRACTIONS}
    assert counts == {"train": 70, "validation": 20, "test": 10}


def test_another_seed_is_another_split() -> None:
    names = [f"patient{n:03d}" for n in range(100)]
    assert split_by_patient(names, 1, FRACTIONS) == split_by_patient(names, 1, FRACTIONS)
    assert split_by_patient(names, 1, FRACTIONS) != split_by_patient(names, 2, FRACTIONS)


@pytest.mark.parametrize(
    "shares", [{}, {"train": 0.5}, {"train": 1.2, "test": -0.2}, {"train": float("nan")}]
)
def test_fractions_that_do_not_add_up_are_refused(shares) -> None:
    with pytest.raises(ConfigError):
        split_by_patient(["a"], 0, shares)
