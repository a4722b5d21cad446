"""Each warning comes from a trend, not from one value, and says what to do."""

from __future__ import annotations

import dataclasses
import math

import pytest

from engine.degradation.config import WARNINGS, GuardConfig
from engine.degradation.measurement import Measurement
from engine.degradation.rules import all_warnings, findings, new_findings

CONFIG = GuardConfig(every=10)
HEALTHY = Measurement(
    step=0,
    eigenvalue_d=10.0,
    gradient_d=1.0,
    overfit_ratio=0.2,
    memorisation_p=0.4,
    neighbour_ratio=1.0,
    diversity=0.8,
    recall=0.8,
    critic_score=0.3,
    judge_score=0.3,
)
ILL = {
    "vanishing curvature": {"eigenvalue_d": -0.1, "gradient_d": 0.01},
    "collapse": {"diversity": 0.2},
    "memorisation": {"memorisation_p": 1e-9, "neighbour_ratio": 0.1},
    "discriminator overfit": {"overfit_ratio": 0.9},
    "reward hacking": {"critic_score": 0.9, "judge_score": 0.1},
}


def run(*changes: dict[str, float]) -> list[Measurement]:
    return [
        dataclasses.replace(HEALTHY, step=10 * (number + 1), **change)
        for number, change in enumerate(changes)
    ]


def test_every_warning_is_tested_here() -> None:
    assert set(ILL) == set(WARNINGS)


def test_a_healthy_run_is_left_alone() -> None:
    assert all_warnings(run(*[{}] * 20), CONFIG) == ()


@pytest.mark.parametrize("name", WARNINGS)
def test_a_lasting_change_is_warned_of_once_and_with_advice(name: str) -> None:
    rows = run(*[{}] * 5, *[ILL[name]] * 5)
    (warning,) = all_warnings(rows, CONFIG)
    assert warning.name == name
    # The second of three looks makes the median ill.
    assert warning.step == 70
    assert len(warning.message) > 60
    assert warning.message.endswith(".")


@pytest.mark.parametrize("name", WARNINGS)
def test_a_single_value_is_no_trend(name: str) -> None:
    assert all_warnings(run(*[{}] * 5, ILL[name], *[{}] * 5), CONFIG) == ()


@pytest.mark.parametrize("name", WARNINGS)
def test_what_comes_back_is_warned_of_again(name: str) -> None:
    rows = run(*[{}] * 5, *[ILL[name]] * 5, *[{}] * 5, *[ILL[name]] * 5)
    assert [warning.name for warning in all_warnings(rows, CONFIG)] == [name, name]


@pytest.mark.parametrize("name", WARNINGS)
def test_values_that_are_not_to_be_had_warn_of_nothing(name: str) -> None:
    rows = [Measurement(step) for step in range(10, 100, 10)]
    assert findings(rows, CONFIG) == ()
    assert findings([], CONFIG) == ()
    gaps = run(*[{}] * 5)
    for row in run(*[ILL[name]] * 3):
        gaps += [dataclasses.replace(row, step=gaps[-1].step + 10)]
        gaps += [Measurement(gaps[-1].step + 10)]
    assert [warning.name for warning in all_warnings(gaps, CONFIG)] == [name]


def test_another_stage_begins_a_trend_of_its_own() -> None:
    early = run(*[{}] * 5)
    late = [
        dataclasses.replace(row, trained=3, eigenvalue_d=0.01, gradient_d=0.01) for row in early
    ]
    assert all_warnings([*early, *late], CONFIG) == ()


def test_a_flat_loss_with_steep_slopes_is_no_vanishing_curvature() -> None:
    assert all_warnings(run(*[{}] * 5, *[{"eigenvalue_d": 0.1}] * 5), CONFIG) == ()


def test_blurred_images_are_no_copies() -> None:
    # The mean of a set is √½ times as far from each image as another image is.
    blurred = {"memorisation_p": 1e-12, "neighbour_ratio": 0.5**0.5}
    assert all_warnings(run(*[blurred] * 10), CONFIG) == ()


def test_a_recall_that_falls_is_a_collapse_but_for_one_that_never_rose() -> None:
    rows = run(*[{}] * 5, *[{"recall": 0.2}] * 5)
    (warning,) = all_warnings(rows, CONFIG)
    assert warning.name == "collapse"
    assert "recall" in warning.message
    assert all_warnings(run(*[{"recall": 0.1}] * 5, *[{"recall": 0.01}] * 5), CONFIG) == ()


def test_a_critic_that_rises_while_recall_falls_is_hacked_whatever_the_judge_says() -> None:
    hacked = {"critic_score": 0.99, "judge_score": 0.7, "recall": 0.25}
    rows = run(*[{}] * 5, *[hacked] * 5)
    assert {warning.name for warning in all_warnings(rows, CONFIG)} == {
        "collapse",
        "reward hacking",
    }
    without_judge = [dataclasses.replace(row, judge_score=math.nan) for row in rows]
    assert "reward hacking" in {each.name for each in all_warnings(without_judge, CONFIG)}


def test_a_judge_that_falls_with_the_critic_is_no_reward_hacking() -> None:
    fallen = {"critic_score": 0.2, "judge_score": 0.1}
    assert all_warnings(run(*[{}] * 5, *[fallen] * 5), CONFIG) == ()


@pytest.mark.parametrize(
    "lost", [{"recall": 0.2}, {"diversity": 0.2}, {"critic_score": 0.9, "judge_score": 0.1}]
)
def test_what_a_child_had_of_its_parent_is_missed_when_it_is_lost_before_the_first_look(
    lost: dict[str, float],
) -> None:
    later = run(*[lost] * 4)
    assert all_warnings(later, CONFIG) == ()
    (warning, *_) = all_warnings([HEALTHY, *later], CONFIG)
    assert warning.name == ("reward hacking" if "judge_score" in lost else "collapse")
    assert warning.step == 20
    assert all_warnings([HEALTHY, *run(*[{}] * 4)], CONFIG) == ()


def test_only_what_is_new_is_found_new() -> None:
    rows = run(*[{}] * 5, *[ILL["collapse"]] * 3)
    assert [finding.name for finding in new_findings(rows[:7], CONFIG)] == ["collapse"]
    assert new_findings(rows, CONFIG) == ()
    assert [finding.name for finding in findings(rows, CONFIG)] == ["collapse"]
