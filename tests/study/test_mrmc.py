"""Obuchowski–Rockette against published results, other tests of this package, and simulation."""

from __future__ import annotations

import csv
from itertools import product
from math import isfinite, sqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import ttest_1samp, ttest_rel

from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.mrmc import MeanTest, MrmcResult, analyse
from reviewapp.study.statistics.reader_covariance import ReaderFigures, reader_figures
from reviewapp.study.statistics.readings import CaseRating, Readings, arrange
from reviewapp.study.statistics.roc import auc, compare_paired_aucs, compare_unpaired_aucs


@pytest.fixture(scope="module")
def van_dyke(real_data: Path) -> list[CaseRating]:
    """5 readers, 2 treatments, 45 positive and 69 negative cases, ratings 1–5 (Van Dyke 1993)."""
    path = real_data / "mrmc" / "VanDyke.csv"
    if not path.is_file():
        pytest.skip(f"no ratings at {path}")
    with path.open(newline="", encoding="utf-8") as file:
        return [
            CaseRating(
                row["treatment"],
                row["reader"],
                row["case"],
                row["truth"] == "1",
                float(row["rating"]),
            )
            for row in csv.DictReader(file)
        ]


def arranged(ratings: list[CaseRating]) -> Readings:
    readings = arrange(ratings)
    assert isinstance(readings, Readings)
    return readings


def analysed(readings: Readings, **options: object) -> MrmcResult:
    result = analyse(readings, **options)  # type: ignore[arg-type]
    assert isinstance(result, MrmcResult)
    return result


def random_ratings(
    rng: np.random.Generator,
    n_readers: int = 3,
    n_positive: int = 8,
    n_negative: int = 9,
    shift: float = 1.0,
    own_positives: bool = True,
) -> list[CaseRating]:
    """Two variants on the 1–6 scale, with images of their own and real images that they share."""
    ratings = []
    case_effect: dict[str, float] = {}
    real_scores: dict[tuple[int, str], float] = {}
    for treatment, reader in product("ab", range(n_readers)):
        for index in range(n_positive + n_negative):
            positive = index < n_positive
            case = f"{treatment if positive and own_positives else 'shared'}-{index}"
            effect = case_effect.setdefault(case, rng.normal(0, 0.7))
            latent = effect + rng.normal(0, 0.7) + (shift if positive else 0.0)
            score = float(np.clip(np.round(3.5 + 1.5 * latent), 1, 6))
            if not positive:  # a real image is read once and serves both variants
                score = real_scores.setdefault((reader, case), score)
            ratings.append(CaseRating(treatment, f"R{reader}", case, positive, score))
    return ratings


# Results of the R package MRMCaov (Smith & Hillis), user guide, "Using MRMCaov", and of the Iowa
# programme OR-DBM MRMC 2.51 (Schartz, Hillis, Pesce & Berbaum), which agree to all its digits.
@pytest.mark.parametrize(
    ("inference", "covariance", "test", "standard_error", "interval"),
    [
        (
            "readers and cases",
            "jackknife",
            ("F", 4.456319, 15.25967, 0.05166569),
            0.02074862,
            (-0.0879594986, 0.0003588544),
        ),
        (
            "readers and cases",
            "delong",
            ("F", 4.484854, 15.06611, 0.05123303),
            0.0206825,
            (-0.0878671960, 0.0002665519),
        ),
        (
            "cases",
            "jackknife",
            ("χ²", 5.475953, None, 0.01927984),
            0.01871748,
            (-0.08048591, -0.00711473),
        ),
        (
            "readers",
            "jackknife",
            ("F", 8.704, 4.0, 0.04195875),
            0.01484629,
            (-0.08502022, -0.00258042),
        ),
    ],
)
def test_the_published_comparison_of_the_van_dyke_study(
    van_dyke: list[CaseRating],
    inference: str,
    covariance: str,
    test: tuple[str, float, float | None, float],
    standard_error: float,
    interval: tuple[float, float],
) -> None:
    result = analysed(arranged(van_dyke), inference=inference, covariance=covariance)
    found = result.global_test
    assert not isinstance(found, NotEstimable)
    assert (found.name, found.df1) == (test[0], 1)
    assert found.statistic == pytest.approx(test[1], rel=1e-6)
    assert found.df2 == (None if test[2] is None else pytest.approx(test[2], rel=1e-6))
    assert found.p_value == pytest.approx(test[3], rel=1e-6)
    (difference,) = result.differences
    assert isinstance(difference.test, MeanTest)
    assert difference.estimate.value == pytest.approx(-0.04380032, abs=5e-9)
    assert difference.test.standard_error == pytest.approx(standard_error, rel=1e-6)
    assert difference.estimate.interval == pytest.approx(interval, abs=5e-9)
    assert difference.test.p_value == pytest.approx(found.p_value)
    assert difference.p_holm == difference.test.p_value


# The same sources: estimate, standard error, df, interval of each treatment from its own data.
@pytest.mark.parametrize(
    ("inference", "expected"),
    [
        (
            "readers and cases",
            [
                (0.89703704, 0.03317360, 12.74465, (0.8252236, 0.9688505)),
                (0.94083736, 0.02156637, 12.71019, (0.8941378, 0.9875369)),
            ],
        ),
        (
            "cases",
            [
                (0.89703704, 0.02428971, None, (0.84943008, 0.94464399)),
                (0.94083736, 0.01677632, None, (0.90795637, 0.97371835)),
            ],
        ),
        (
            "readers",
            [
                (0.89703704, 0.02482994, 4.0, (0.82809808, 0.96597599)),
                (0.94083736, 0.01615303, 4.0, (0.89598936, 0.98568536)),
            ],
        ),
    ],
)
def test_the_published_treatments_of_the_van_dyke_study(
    van_dyke: list[CaseRating],
    inference: str,
    expected: list[tuple[float, float, float | None, tuple[float, float]]],
) -> None:
    readings = arranged(van_dyke)
    result = analysed(readings, inference=inference)
    for mean, (value, standard_error, df, interval) in zip(result.means, expected, strict=True):
        assert isinstance(mean.test, MeanTest)
        assert mean.estimate.value == pytest.approx(value, abs=5e-9)
        assert mean.test.standard_error == pytest.approx(standard_error, abs=5e-9)
        assert mean.test.df == (None if df is None else pytest.approx(df, rel=1e-6))
        assert mean.estimate.interval == pytest.approx(interval, abs=5e-8)
        assert mean.test.statistic == pytest.approx((value - 0.5) / standard_error, rel=1e-5)
        # Analysed alone, a treatment gives the same.
        (alone,) = analysed(readings.only(mean.treatment), inference=inference).means
        assert alone == mean


def test_the_published_variance_components(van_dyke: list[CaseRating]) -> None:
    readings = arranged(van_dyke)
    found = analysed(readings, covariance="jackknife").components
    assert (found.reader, found.treatment_reader) == pytest.approx((0.0015349993, 0.0002004025))
    assert (found.error, found.cov1, found.cov2, found.cov3) == pytest.approx(
        (0.0008022883, 0.0003466137, 0.0003440748, 0.0002390284)
    )
    found = analysed(readings, covariance="delong").components
    assert (found.error, found.cov1, found.cov2, found.cov3) == pytest.approx(
        (0.0007921325, 0.0003420090, 0.0003395265, 0.0002358497)
    )
    # With a single treatment (OR-DBM MRMC's run of treatment 1).
    alone = analysed(readings.only("1")).components
    assert (alone.error, alone.cov2) == pytest.approx((0.00101410, 0.00048396), abs=5e-9)
    assert alone.cov1 is None
    assert alone.cov3 is None


@pytest.mark.parametrize(
    ("reader", "difference", "standard_error", "z", "p_value"),
    # MRMCaov's user guide, "Fixed factors": each reader alone; OR-DBM MRMC prints the same.
    [
        ("1", -0.02818035, 0.02551213, -1.1045864, 0.26933885),
        ("2", -0.04653784, 0.02630183, -1.7693768, 0.07683102),
        ("3", -0.01787440, 0.03120965, -0.5727202, 0.56683414),
        ("4", -0.02624799, 0.01729129, -1.5179891, 0.12901715),
        ("5", -0.10016103, 0.04405746, -2.2734182, 0.02300099),
    ],
)
def test_the_published_comparisons_of_single_readers(
    van_dyke: list[CaseRating],
    reader: str,
    difference: float,
    standard_error: float,
    z: float,
    p_value: float,
) -> None:
    readings = arranged([r for r in van_dyke if r.reader == reader])
    (found,) = analysed(readings, inference="cases").differences
    assert isinstance(found.test, MeanTest)
    assert found.estimate.value == pytest.approx(difference, abs=5e-9)
    assert found.test.standard_error == pytest.approx(standard_error, rel=1e-6)
    assert found.test.statistic == pytest.approx(z, rel=1e-6)
    assert found.test.p_value == pytest.approx(p_value, rel=1e-6)


def test_a_published_comparison_of_proportions(van_dyke: list[CaseRating]) -> None:
    # MRMCaov's user guide, "Binary metrics": sensitivity of ratings 3 and above.
    readings = arranged(
        [
            CaseRating(r.treatment, r.reader, r.case, True, float(r.score >= 3))
            for r in van_dyke
            if r.positive
        ]
    )
    result = analysed(readings, figure="proportion")
    assert not isinstance(result.global_test, NotEstimable)
    assert result.global_test.statistic == pytest.approx(6.689493, rel=1e-6)
    assert result.global_test.df2 == pytest.approx(15.71732, rel=1e-6)
    assert result.global_test.p_value == pytest.approx(0.02008822, rel=1e-6)
    first, second = result.means
    assert first.estimate.value == pytest.approx(0.8222222)
    assert first.estimate.interval == pytest.approx((0.6961876, 0.9482568), abs=5e-8)
    assert second.estimate.interval == pytest.approx((0.8328691, 1.0), abs=5e-8)
    assert first.scale == "percent"


def leave_one_out(readings: Readings) -> NDArray[np.float64]:
    """The jackknife covariance by a plain loop over the cases of all treatments."""
    cells = list(product(range(len(readings.treatments)), range(len(readings.readers))))
    columns = sorted({("p", c) for names in readings.positive_cases for c in names}) + sorted(
        {("n", c) for names in readings.negative_cases for c in names}
    )
    residuals = np.zeros((len(cells), len(columns)))
    for row, (t, r) in enumerate(cells):
        positives = dict(zip(readings.positive_cases[t], readings.positives[t][r], strict=True))
        negatives = dict(zip(readings.negative_cases[t], readings.negatives[t][r], strict=True))
        left_out = {}
        for kind, case in columns:
            if case not in (positives if kind == "p" else negatives):
                continue
            estimate = auc(
                [s for c, s in positives.items() if kind == "n" or c != case],
                [s for c, s in negatives.items() if kind == "p" or c != case],
            )
            assert not isinstance(estimate, NotEstimable)
            left_out[kind, case] = estimate.value
        k = len(left_out)
        mean = sum(left_out.values()) / k
        for column, key in enumerate(columns):
            if key in left_out:
                residuals[row, column] = (left_out[key] - mean) * sqrt((k - 1) / k)
    return residuals @ residuals.T


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_the_jackknife_is_that_of_a_plain_loop(seed: int, own_positives: bool) -> None:
    ratings = random_ratings(np.random.default_rng(seed), 2, 5, 4, own_positives=own_positives)
    readings = arranged(ratings)
    figures = reader_figures(readings, "auc", "jackknife")
    assert isinstance(figures, ReaderFigures)
    assert figures.covariance.reshape(4, 4) == pytest.approx(leave_one_out(readings), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_one_fixed_reader_gives_delongs_paired_test(seed: int) -> None:
    ratings = random_ratings(np.random.default_rng(seed), 1, own_positives=False)
    rng = np.random.default_rng(seed + 1)
    ratings = [  # a second score for the shared real images too
        CaseRating(r.treatment, r.reader, r.case, r.positive, float(rng.integers(1, 7)))
        if r.treatment == "b"
        else r
        for r in ratings
    ]
    readings = arranged(ratings)
    result = analysed(readings, covariance="delong", inference="cases")
    expected = compare_paired_aucs(
        *(side[t][0].tolist() for t in (0, 1) for side in (readings.positives, readings.negatives))
    )
    assert not isinstance(expected, NotEstimable)
    assert not isinstance(result.global_test, NotEstimable)
    assert result.global_test.statistic == pytest.approx(expected.z**2)
    assert result.global_test.p_value == pytest.approx(expected.p_value)
    assert result.differences[0].estimate.interval == pytest.approx(expected.difference.interval)


def test_treatments_that_share_nothing_give_delongs_unpaired_test() -> None:
    ratings = [
        CaseRating(r.treatment, r.reader, f"{r.treatment}{r.case}", r.positive, r.score)
        for r in random_ratings(np.random.default_rng(3), 1, 12, 15)
    ]
    readings = arranged(ratings)
    result = analysed(readings, covariance="delong", inference="cases")
    expected = compare_unpaired_aucs(
        *(side[t][0].tolist() for t in (0, 1) for side in (readings.positives, readings.negatives))
    )
    assert not isinstance(expected, NotEstimable)
    (difference,) = result.differences
    assert isinstance(difference.test, MeanTest)
    assert difference.test.statistic == pytest.approx(expected.z)


def test_fixed_cases_give_students_t_tests_of_the_readers() -> None:
    readings = arranged(random_ratings(np.random.default_rng(8), 6))
    result = analysed(readings, inference="readers")
    first, second = result.values
    (difference,) = result.differences
    assert isinstance(difference.test, MeanTest)
    assert difference.test.p_value == pytest.approx(float(ttest_rel(first, second).pvalue))
    assert isinstance(result.means[0].test, MeanTest)
    assert result.means[0].test.p_value == pytest.approx(float(ttest_1samp(first, 0.5).pvalue))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.permutations(range(3)))
def test_the_order_of_readers_and_rows_does_not_matter(seed: int, order: list[int]) -> None:
    ratings = random_ratings(np.random.default_rng(seed))
    renamed = [
        CaseRating(r.treatment, f"R{order[int(r.reader[1:])]}", r.case, r.positive, r.score)
        for r in reversed(ratings)
    ]
    one, other = analysed(arranged(ratings)), analysed(arranged(renamed))
    for mean, same in zip(one.means, other.means, strict=True):
        assert mean.estimate.value == pytest.approx(same.estimate.value)
        assert mean.estimate.interval == pytest.approx(same.estimate.interval)
    assert one.components.error == pytest.approx(other.components.error)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_monotone_change_of_the_scale_does_not_matter(seed: int) -> None:
    ratings = random_ratings(np.random.default_rng(seed))
    stretched = [
        CaseRating(r.treatment, r.reader, r.case, r.positive, 2 * r.score**3 - 7) for r in ratings
    ]
    for covariance in ("jackknife", "delong"):
        one = analysed(arranged(ratings), covariance=covariance)
        assert one == analysed(arranged(stretched), covariance=covariance)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_swapping_real_and_generated_mirrors_the_areas(seed: int) -> None:
    ratings = random_ratings(np.random.default_rng(seed))
    swapped = [CaseRating(r.treatment, r.reader, r.case, not r.positive, r.score) for r in ratings]
    one, other = analysed(arranged(ratings)), analysed(arranged(swapped))
    for mean, mirrored in zip(one.means, other.means, strict=True):
        assert mean.estimate.value == pytest.approx(1 - mirrored.estimate.value)
        assert isinstance(mean.test, MeanTest) == isinstance(mirrored.test, MeanTest)
        if isinstance(mean.test, MeanTest) and isinstance(mirrored.test, MeanTest):
            assert mean.test.statistic == pytest.approx(-mirrored.test.statistic)
            assert mean.test.standard_error == pytest.approx(mirrored.test.standard_error)
    assert one.components.cov1 == pytest.approx(other.components.cov1)


def simulated(rng: np.random.Generator, n_readers: int, n_cases: int) -> Readings:
    """Guessing readers (their skill scatters around 0), two variants, real images shared."""

    def scores(skill: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
        latent = rng.normal(0, 0.7, n_cases) + rng.normal(0, 0.7, (n_readers, n_cases)) + skill
        return np.clip(np.round(3.5 + 1.5 * latent), 1, 6)

    skill = rng.normal(0, 0.1, (n_readers, 1))
    real = tuple(f"r{i}" for i in range(n_cases))
    return Readings(
        treatments=("a", "b"),
        readers=tuple(f"R{i}" for i in range(n_readers)),
        positive_cases=tuple(tuple(f"{t}{i}" for i in range(n_cases)) for t in "ab"),
        negative_cases=(real, real),
        positives=(scores(skill), scores(skill)),
        negatives=(negatives := scores(), negatives),
    )


def test_guessing_readers_and_equal_variants_are_rarely_found_different() -> None:
    """Type I error near 5 % where variants share real images but not generated ones."""
    rng = np.random.default_rng(2024)
    n = 250
    unequal = {"jackknife": 0, "delong": 0}
    not_chance = {"jackknife": 0, "delong": 0}
    for _ in range(n):
        readings = simulated(rng, 4, 30)
        for covariance in unequal:
            result = analysed(readings, covariance=covariance)
            assert not isinstance(result.global_test, NotEstimable)
            unequal[covariance] += result.global_test.p_value < 0.05
            for mean in result.means:
                assert isinstance(mean.test, MeanTest)
                not_chance[covariance] += mean.test.p_value < 0.05
    for covariance in unequal:
        # 12.5 and 25 are expected; bounds are about three standard deviations away.
        assert 3 <= unequal[covariance] <= 23
        assert 10 <= not_chance[covariance] <= 40


def test_equivalence_to_chance_uses_the_same_standard_error() -> None:
    rng = np.random.default_rng(11)
    readings = arranged(random_ratings(rng, 8, 100, 100, shift=0.0))
    (mean, _) = analysed(readings).means
    wide, narrow = mean.equivalence(0.2), mean.equivalence(0.001)
    assert not isinstance(wide, NotEstimable)
    assert not isinstance(narrow, NotEstimable)
    assert wide.shown
    assert not narrow.shown
    assert wide.verdict == "shown to be equivalent to guessing within ±0.2"
    lower, upper = wide.interval
    assert mean.estimate.interval is not None
    assert mean.estimate.interval[0] < lower < mean.estimate.value < upper


def test_one_reader_speaks_for_images_only() -> None:
    readings = arranged(random_ratings(np.random.default_rng(1), 1, 12, 12))
    refused = analyse(readings)
    assert isinstance(refused, NotEstimable)
    assert "one reader" in refused.reason
    result = analysed(readings, inference="cases")
    assert result.components.cov2 is None
    assert result.means[0].estimate.interval is not None


def test_one_variant_cannot_be_compared_but_has_its_mean() -> None:
    readings = arranged(random_ratings(np.random.default_rng(1))).only("b")
    result = analysed(readings)
    assert isinstance(result.global_test, NotEstimable)
    assert result.differences == ()
    assert [mean.treatment for mean in result.means] == ["b"]


def test_three_variants_are_adjusted_for_three_comparisons() -> None:
    rng = np.random.default_rng(6)
    ratings = [
        CaseRating(variant, f"R{reader}", f"{kind}{variant * (kind == 'g')}{case}", kind == "g", s)
        for variant, reader, kind, case in product("abc", range(3), "gr", range(10))
        if (s := float(rng.integers(1, 7)))
    ]
    # A real image has one score a reader, whatever the variant.
    first = {(r.reader, r.case): r.score for r in reversed(ratings)}
    ratings = [
        CaseRating(r.treatment, r.reader, r.case, r.positive, first[r.reader, r.case])
        for r in ratings
    ]
    result = analysed(arranged(ratings))
    assert [(d.first, d.second) for d in result.differences] == [("a", "b"), ("a", "c"), ("b", "c")]
    for difference in result.differences:
        assert isinstance(difference.test, MeanTest)
        assert difference.p_holm is not None
        assert difference.test.p_value <= difference.p_holm <= 1
    assert not isinstance(result.global_test, NotEstimable)
    assert result.global_test.df1 == 2


def test_perfect_readers_have_a_value_but_no_interval() -> None:
    ratings = [
        CaseRating(t, r, f"{kind}{case}{t * (kind == 'g')}", kind == "g", 6.0 if kind == "g" else 1)
        for t, r, kind, case in product("ab", ("R1", "R2"), "gr", range(4))
    ]
    for inference in ("readers and cases", "cases", "readers"):
        result = analysed(arranged(ratings), inference=inference)
        for mean in result.means:
            assert (mean.estimate.value, mean.estimate.interval) == (1.0, None)
            assert isinstance(mean.test, NotEstimable)
            assert isinstance(mean.equivalence(0.05), NotEstimable)
        assert isinstance(result.global_test, NotEstimable)
        assert result.differences[0].p_holm is None


@pytest.mark.parametrize("n_positive", [0, 1])
def test_too_few_images_are_explained(n_positive: int) -> None:
    ratings = [
        CaseRating("a", reader, f"{positive}{i}", positive, float(i))
        for reader in ("R1", "R2")
        for positive, n in ((True, n_positive), (False, 5))
        for i in range(n)
    ]
    refused = analyse(arranged(ratings))
    assert isinstance(refused, NotEstimable)
    assert f"{n_positive} generated and 5 real" in refused.reason


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 3),
    st.integers(2, 4),
    st.integers(2, 4),
    st.sampled_from(["auc", "proportion"]),
    st.sampled_from(["readers and cases", "cases", "readers"]),
)
def test_no_number_is_ever_nan(
    seed: int, n_readers: int, n_positive: int, n_negative: int, figure: str, inference: str
) -> None:
    rng = np.random.default_rng(seed)
    ratings = random_ratings(rng, n_readers, n_positive, n_negative)
    few = [CaseRating(r.treatment, r.reader, r.case, r.positive, r.score > 3) for r in ratings]
    result = analyse(arranged(few), figure=figure, inference=inference)  # type: ignore[arg-type]
    if isinstance(result, NotEstimable):
        assert n_readers == 1
        return
    for mean in result.means:
        assert 0 <= mean.estimate.value <= 1
        assert mean.estimate.interval is None or all(map(isfinite, mean.estimate.interval))
    for item in (*result.means, *result.differences):
        if isinstance(item.test, MeanTest):
            assert isfinite(item.test.statistic)
            assert 0 <= item.test.p_value <= 1
            assert item.test.df is None or isfinite(item.test.df)
