"""Statistics in words: values, intervals, reasons, verdicts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reviewapp.results.result_words import (
    Notes,
    Scale,
    alpha_word,
    difference_text,
    equivalence_text,
    icc_word,
    interval_text,
    kappa_word,
    p_text,
    span_text,
    typical_time,
    value_text,
)
from reviewapp.results.statistic_table import Statistic, statistic_table
from reviewapp.study.statistics.equivalence import mean_equivalence, proportion_equivalence
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.response_times import summarise_times

NOTHING = NotEstimable("No real image was rated.")


def plain(value: float) -> Estimate:
    return Estimate(value, None, 10, "κ; no interval: a single image")


@pytest.mark.parametrize(
    ("scale", "value", "interval"),
    [
        ("percent", "58 %", "95 % interval 52–64 %"),
        ("plain", "0.58", "95 % interval 0.52 to 0.64"),
        ("points", "58 points", "95 % interval 52 to 64"),
        ("ratio", "× 0.58", "95 % interval 0.52 to 0.64"),
    ],
)
def test_values_and_intervals(scale: Scale, value: str, interval: str) -> None:
    estimate = Estimate(0.583, (0.52, 0.64), 100, "Wilson")
    assert value_text(estimate, scale) == value
    assert interval_text(estimate, scale) == interval


def test_what_is_missing_is_explained() -> None:
    assert value_text(NOTHING, "percent") == "not estimable"
    assert interval_text(NOTHING, "plain") == "No real image was rated."
    assert interval_text(plain(0.4), "plain") == "No interval: a single image."
    assert value_text(Estimate(-0.001, None, 1, ""), "plain") == "0.00"
    assert value_text(Estimate(-0.25, None, 1, ""), "points") == "−25 points"


def test_notes_give_each_reason_once() -> None:
    notes = Notes()
    assert notes.cell(NOTHING, "percent") == "not estimable ¹"
    assert notes.cell(plain(0.4), "plain") == "0.40 ²"
    assert notes.cell(NOTHING, "percent") == "not estimable ¹"
    assert notes.cell(Estimate(0.5, (0.4, 0.6), 9, "Wilson"), "percent") == "50 % (40–60 %)"
    assert notes.texts() == ("¹ No real image was rated.", "² No interval: a single image.")


def test_a_statistic_that_no_row_has_is_left_out_and_explained() -> None:
    table = statistic_table(
        "By class",
        ("Class",),
        [("NOR",), ("DCM",)],
        [
            Statistic("Fool rate", "percent", [plain(0.5), NOTHING]),
            Statistic("Area", "plain", [NOTHING, NOTHING]),
        ],
    )
    assert table.columns == ("Class", "Fool rate")
    assert table.rows == (("NOR", "50 % ¹"), ("DCM", "not estimable ²"))
    assert table.notes[-1] == "Area is not estimable. No real image was rated."


def test_verdicts() -> None:
    assert difference_text(plain(0.1), 0.01, "a more", "b more") == "a more (p = 0.010)"
    assert difference_text(plain(-0.1), 0.0001, "a more", "b more") == "b more (p < 0.001)"
    assert difference_text(plain(0.1), 0.4, "a", "b") == "no reliable difference (p = 0.400)"
    assert difference_text(plain(0.1), NOTHING, "a", "b") == "cannot be judged"
    assert p_text(None) == p_text(NOTHING) == "–"
    near = equivalence_text(proportion_equivalence(1000, 2000, 0.05))
    assert near == "shown: 48–52 % is within 45–55 %"
    far = equivalence_text(proportion_equivalence(10, 20, 0.05))
    assert far.startswith("not shown: ")
    assert equivalence_text(NOTHING) == "cannot be judged"
    beyond = mean_equivalence(Estimate(0.98, None, 9, ""), 0.05, None, 0.1, scale="area")
    assert equivalence_text(beyond) == "not shown: 0.90 to 1.00 is not within 0.40 to 0.60"


@pytest.mark.parametrize(
    ("value", "kappa", "alpha", "icc"),
    [
        (-0.1, "worse than by chance", "too low to rely on", "poor"),
        (0.1, "slight", "too low to rely on", "poor"),
        (0.5, "moderate", "too low to rely on", "moderate"),
        (0.7, "substantial", "tentative conclusions only", "moderate"),
        (0.85, "almost perfect", "reliable", "good"),
        (0.95, "almost perfect", "reliable", "excellent"),
    ],
)
def test_agreement_in_words(value: float, kappa: str, alpha: str, icc: str) -> None:
    result = plain(value)
    assert (kappa_word(result), alpha_word(result), icc_word(result)) == (kappa, alpha, icc)
    assert kappa_word(NOTHING) == "–"


def test_times() -> None:
    assert typical_time(summarise_times([2340.0])) == "2.3 s"
    assert typical_time(NOTHING) == "–"
    start = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    assert span_text(start, start + timedelta(minutes=5)).count("2026") == 1
    assert span_text(start, start + timedelta(days=3)).count("2026") == 2
