"""Training on a fraction: whole patients, nested, seeded, and everything by default."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.cache import training_arrays
from engine.gans.registry import preset
from engine.training.config import TrainConfig
from engine.training.data_order import DataOrder
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, read_metrics
from engine.training.training_subset import subset_weights
from engine.workspace import Workspace

GROUPS = tuple(f"patient{number % 10}" for number in range(40))


def chosen(fraction: float, seed: int = 0, groups: tuple[str, ...] = GROUPS) -> set[str]:
    weights = subset_weights(groups, fraction, seed)
    assert weights is not None
    return {group for group, weight in zip(groups, weights, strict=True) if weight}


def test_all_rows_need_no_weights() -> None:
    assert subset_weights(GROUPS, 1.0, 0) is None


@pytest.mark.parametrize(("fraction", "n"), [(0.001, 1), (0.1, 1), (0.3, 3), (0.75, 8)])
def test_whole_patients_are_chosen(fraction: float, n: int) -> None:
    weights = subset_weights(GROUPS, fraction, 4)
    assert weights is not None
    assert len(chosen(fraction, 4)) == n
    assert weights.sum() == 4 * n


@given(st.integers(0, 1000), st.permutations(range(40)))
def test_smaller_parts_lie_in_larger_ones_whatever_the_order(seed: int, order: list[int]) -> None:
    shuffled = tuple(GROUPS[number] for number in order)
    assert chosen(0.2, seed) < chosen(0.5, seed)
    assert chosen(0.2, seed, shuffled) == chosen(0.2, seed)


def test_seeds_choose_differently() -> None:
    assert len({frozenset(chosen(0.3, seed)) for seed in range(10)}) > 5


def test_an_epoch_holds_the_chosen_rows_once() -> None:
    weights = subset_weights(GROUPS, 0.3, 4)
    order = DataOrder(len(GROUPS), 12, 7, weights)
    assert weights is not None
    assert sorted(order.rows(0)) == list(np.flatnonzero(weights))


def test_a_run_sees_its_patients_alone(library: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = preset("dcgan", "acdc", "tiny").model_dump() | {
        "steps": 6, "batch_size": 4, "threads": 1, "log_every": 1,
        "options": {"nz": 4, "ngf": 4, "ndf": 4},
    }  # fmt: skip
    seen: list[int] = []
    original = DataOrder.rows

    def spied(self: DataOrder, step: int) -> np.ndarray:
        rows = original(self, step)
        seen.extend(rows.tolist())
        return rows

    monkeypatch.setattr(DataOrder, "rows", spied)
    create_run(
        library, TrainConfig.checked(**(fields | {"train_fraction": 0.25, "subset_seed": 3})), "few"
    )
    Trainer(library, "few", lambda _: None, always_run()).train()
    data = training_arrays(library, "acdc", 32)
    weights = subset_weights(data.groups, 0.25, 3)
    assert weights is not None
    assert set(seen) == set(np.flatnonzero(weights))
    assert len(set(seen)) == 4
    assert len(read_metrics(library, "few")["step"]) == 6
