from __future__ import annotations

from itertools import product

import numpy as np

from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.readings import CaseRating, Readings, arrange

COMPLETE = [
    CaseRating("dcgan", reader, case, case.startswith("g"), score)
    for score, (reader, case) in enumerate(product(("R2", "R1"), ("g2", "g1", "r1")))
]


def reason_of(ratings: list[CaseRating]) -> str:
    refused = arrange(ratings)
    assert isinstance(refused, NotEstimable)
    return refused.reason


def test_ratings_are_arranged_by_name() -> None:
    readings = arrange(COMPLETE)
    assert isinstance(readings, Readings)
    assert readings.treatments == ("dcgan",)
    assert readings.readers == ("R1", "R2")
    assert readings.positive_cases == (("g1", "g2"),)
    assert readings.negative_cases == (("r1",),)
    assert np.array_equal(readings.positives[0], [[4, 3], [1, 0]])
    assert np.array_equal(readings.negatives[0], [[5], [2]])


def test_a_missing_image_names_reader_and_image() -> None:
    reason = reason_of([r for r in COMPLETE if (r.reader, r.case) != ("R1", "g2")])
    assert "reader R1 misses 1 of 3 images of dcgan (g2)" in reason


def test_a_reader_who_never_saw_a_variant_is_named() -> None:
    other = [CaseRating("lapgan", "R1", r.case, r.positive, 1) for r in COMPLETE[:3]]
    reason = reason_of([*COMPLETE, *other])
    assert "reader R2 misses 3 of 3 images of lapgan" in reason
    assert "R1" not in reason


def test_many_gaps_are_counted_and_not_all_told() -> None:
    ratings = [CaseRating("a", "R0", f"g{i}", True, 1) for i in range(9)]
    ratings += [CaseRating("a", f"R{i}", "g0", True, 1) for i in range(1, 6)]
    reason = reason_of(ratings)
    assert "misses 8 of 9 images of a (g1, g2, g3, …)" in reason
    assert "2 more such gaps" in reason


def test_a_second_rating_of_an_image_is_refused() -> None:
    assert "R2 rated image g2 of dcgan more than once" in reason_of([*COMPLETE, COMPLETE[0]])


def test_an_image_cannot_be_real_and_generated() -> None:
    both = [CaseRating("lapgan", r, "g1", False, 1) for r in ("R1", "R2")]
    assert "Image g1 is listed as real and as generated" in reason_of([*COMPLETE, *both])


def test_no_ratings_are_explained() -> None:
    assert reason_of([]) == "There are no ratings."
