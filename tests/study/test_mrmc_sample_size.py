"""Planning from variance components, against RJafroc's published tables and simulated studies."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import f, ncf

from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.mrmc import MeanTest, MrmcResult, analyse
from reviewapp.study.statistics.mrmc_sample_size import (
    Pilot,
    cases_for_difference_power,
    cases_for_mean_equivalence,
    cases_for_mean_power,
    cases_for_mean_precision,
    difference_power,
    mean_equivalence_power,
    mean_half_width,
    mean_power,
)
from reviewapp.study.statistics.readings import Readings
from reviewapp.study.statistics.sample_size import Plan

# Components of the Van Dyke study (114 cases), as MRMCaov and OR-DBM MRMC print them
VAN_DYKE = Pilot(
    reader=0.0015349993,
    treatment_reader=0.0002004025,
    error=0.0008022883,
    cov1=0.0003466137,
    cov2=0.0003440748,
    cov3=0.0002390284,
    n_cases=114,
)
EFFECT = 0.04380032


# RJafroc (Chakraborty), "RJafroc book", chapter on ROC sample size by the OR method, with this
# study as the pilot and its own difference as the effect.
@pytest.mark.parametrize(
    ("readers", "cases"),
    [(4, 1089), (5, 344), (6, 251), (7, 211), (10, 163), (20, 126), (37, 112), (60, 107)],
)
def test_published_numbers_of_cases(readers: int, cases: int) -> None:
    plan = cases_for_difference_power(VAN_DYKE, readers, EFFECT, 0.8)
    assert isinstance(plan, Plan)
    assert (plan.n_images, plan.n_readers) == (cases, readers)
    assert 0.8 <= plan.achieved < 0.804


def test_published_power() -> None:
    assert difference_power(VAN_DYKE, 6, 251, EFFECT) == pytest.approx(0.8005403, abs=1e-6)
    assert difference_power(VAN_DYKE, 6, 112, EFFECT) == pytest.approx(0.5555789, abs=1e-6)
    assert VAN_DYKE.difference_error(6, 251)[1] == pytest.approx(16.1, abs=0.05)
    assert cases_for_difference_power(VAN_DYKE, 10, EFFECT, 0.9).n_images == 236  # type: ignore[union-attr]
    # Fixed cases
    fixed = difference_power(VAN_DYKE, 10, 53, EFFECT, inference="readers")
    assert fixed == pytest.approx(0.8049666, abs=1e-6)
    # Fixed readers: there an F on 1 and (cases − 1) degrees of freedom, here the normal limit
    standard_error, df = VAN_DYKE.difference_error(10, 133, "cases")
    assert df is None
    power = ncf.sf(f.isf(0.05, 1, 132), 1, 132, (EFFECT / standard_error) ** 2)
    assert power == pytest.approx(0.8011167, abs=1e-6)
    normal = difference_power(VAN_DYKE, 10, 133, EFFECT, inference="cases")
    assert normal == pytest.approx(power, abs=0.01)


def study(
    rng: np.random.Generator, n_readers: int, n_cases: int, shift: float, reader_sd: float
) -> Readings:
    """One variant: binormal scores with scatter among readers' skill, cases and readings."""
    half = n_cases // 2

    def scores(mean: NDArray[np.float64] | float) -> NDArray[np.float64]:
        return rng.normal(0, 0.7, half) + rng.normal(0, 0.7, (n_readers, half)) + mean

    skill = shift + rng.normal(0, reader_sd, (n_readers, 1))
    names = tuple(map(str, range(half)))
    return Readings(
        ("v",),
        tuple(map(str, range(n_readers))),
        (tuple("g" + name for name in names),),
        (tuple("r" + name for name in names),),
        (scores(skill),),
        (scores(0.0),),
    )


def analysed(readings: Readings) -> MrmcResult:
    result = analyse(readings)
    assert isinstance(result, MrmcResult)
    return result


def mean_pilot(results: list[MrmcResult]) -> Pilot:
    """Average components, so that the scatter of a single small pilot does not matter."""
    pilot = Pilot.of(results[0])
    assert isinstance(pilot, Pilot)
    components = [result.components for result in results]
    return replace(
        pilot,
        reader=fmean(c.reader or 0.0 for c in components),
        error=fmean(c.error for c in components),
        cov2=fmean(c.cov2 or 0.0 for c in components),
    )


def test_planned_power_precision_and_equivalence_hold_in_simulated_studies() -> None:
    rng = np.random.default_rng(10)
    pilot = mean_pilot([analysed(study(rng, 6, 60, 0.25, 0.1)) for _ in range(150)])
    # Skill scatters by 0.1 and scores by 1.4, so true areas by 0.1 φ(0.25 / 1.4) / 1.4 = 0.028.
    assert pilot.reader == pytest.approx(0.028**2, abs=6e-4)
    readers, cases = 8, 160
    means, widths, found, equivalent = [], [], 0, 0
    for _ in range(250):
        (mean,) = analysed(study(rng, readers, cases, 0.25, 0.1)).means
        assert isinstance(mean.test, MeanTest)
        assert mean.estimate.interval is not None
        means.append(mean.estimate.value)
        widths.append((mean.estimate.interval[1] - mean.estimate.interval[0]) / 2)
        found += mean.test.p_value < 0.05
        close = mean.equivalence(0.15)
        assert not isinstance(close, NotEstimable)
        equivalent += close.shown
    true = fmean(means)
    assert mean_power(pilot, readers, cases, true) == pytest.approx(found / 250, abs=0.09)
    assert mean_half_width(pilot, readers, cases) == pytest.approx(fmean(widths), rel=0.07)
    assert mean_equivalence_power(pilot, readers, cases, 0.15, true) == pytest.approx(
        equivalent / 250, abs=0.09
    )


def test_a_conjecture_is_about_the_van_dyke_study() -> None:
    pilot = Pilot.conjecture(0.92, share_generated=45 / 114)
    assert pilot.error * pilot.n_cases == pytest.approx(VAN_DYKE.error * VAN_DYKE.n_cases, rel=0.25)
    assert pilot.reader == pytest.approx(VAN_DYKE.reader, rel=0.1)
    assert pilot.treatment_reader == pytest.approx(VAN_DYKE.treatment_reader, rel=0.2)
    assert pilot.cov2 / pilot.error == pytest.approx(VAN_DYKE.cov2 / VAN_DYKE.error, abs=0.01)


def test_plans_reach_their_goal_just_so() -> None:
    pilot = Pilot.conjecture(0.55)
    power = cases_for_mean_power(pilot, 6, 0.6)
    close = cases_for_mean_equivalence(pilot, 10, 0.1)
    precise = cases_for_mean_precision(pilot, 10, 0.05)
    for plan in (power, close, precise):
        assert isinstance(plan, Plan)
    assert isinstance(power, Plan)
    assert isinstance(close, Plan)
    assert isinstance(precise, Plan)
    assert mean_power(pilot, 6, power.n_images - 1, 0.6) < 0.8 <= power.achieved
    assert mean_equivalence_power(pilot, 10, close.n_images - 1, 0.1) < 0.8 <= close.achieved
    assert mean_half_width(pilot, 10, precise.n_images - 1) > 0.05 >= precise.achieved


def test_more_readers_need_fewer_cases() -> None:
    pilot = Pilot.conjecture(0.6)
    plans = [cases_for_mean_precision(pilot, readers, 0.06) for readers in (6, 8, 12, 20)]
    sizes = [plan.n_images for plan in plans if isinstance(plan, Plan)]
    assert len(sizes) == 4
    assert sizes == sorted(sizes, reverse=True)


def test_no_number_of_images_makes_up_for_few_readers() -> None:
    pilot = Pilot.conjecture(0.6, between_reader_sd=0.1)
    plan = cases_for_mean_precision(pilot, 3, 0.02)
    assert isinstance(plan, NotEstimable)
    assert "ask more readers" in plan.reason
    assert isinstance(cases_for_mean_power(pilot, 1, 0.6), NotEstimable)


def test_no_effect_has_the_power_of_the_level() -> None:
    assert difference_power(VAN_DYKE, 5, 100, 0.0) == 0.05


def test_a_study_of_one_reader_is_no_pilot() -> None:
    readings = study(np.random.default_rng(0), 1, 40, 0.3, 0.1)
    result = analyse(readings, inference="cases")
    assert isinstance(result, MrmcResult)
    assert isinstance(Pilot.of(result), NotEstimable)
