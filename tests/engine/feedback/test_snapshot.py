"""Frozen ratings: one hash for one set of ratings, and any change is found."""

from __future__ import annotations

import random

import pytest
from pydantic import ValidationError

from engine.data.records import Source
from engine.errors import FeedbackError
from engine.feedback.snapshot import (
    FeedbackLabel,
    FeedbackMark,
    FeedbackRating,
    freeze_snapshot,
    load_snapshot,
    snapshot_path,
)
from engine.workspace import Workspace


def rating(number: int, source: Source = "real", confidence: int = 5) -> FeedbackRating:
    return FeedbackRating(
        record_id=f"{source}/{number}",
        key=f"{number:064x}",
        source=source,
        confidence=confidence,
        reader_id="r1",
        study_id="s1",
    )


def test_the_order_of_the_ratings_does_not_change_the_hash(workspace: Workspace) -> None:
    ratings = [rating(number) for number in range(20)]
    first = freeze_snapshot(workspace, ratings)
    random.Random(3).shuffle(ratings)
    assert freeze_snapshot(workspace, ratings) == first
    changed = [*ratings[:-1], ratings[-1].model_copy(update={"confidence": 1})]
    assert freeze_snapshot(workspace, changed).sha256 != first.sha256


def test_what_was_frozen_is_read_again(workspace: Workspace) -> None:
    frozen = freeze_snapshot(workspace, [rating(1), rating(2, "generated", 1)])
    path = snapshot_path(workspace, frozen.sha256)
    assert load_snapshot(path, frozen.sha256) == frozen
    assert frozen.n_readers == 1


def test_ratings_of_earlier_versions_keep_their_hash(workspace: Workspace) -> None:
    frozen = freeze_snapshot(workspace, [rating(1), rating(2, "generated", 1)])
    assert frozen.sha256 == "5d369a63197e5218d0d1fef7e479281afef9d49bf11e030257333528060a7cd4"


def test_marks_labels_and_what_is_held_out_are_read_again(workspace: Workspace) -> None:
    mark = FeedbackMark(
        shape="brush", x=0.25, y=0.5, w=0.125, h=0.25, points=((0.25, 0.5),), reason="vessel"
    )
    judged = rating(1).model_copy(update={"group": "p1", "held_out": True})
    marked = rating(2, "generated", 1).model_copy(update={"group": "g2", "marks": (mark,)})
    label = FeedbackLabel(record_id="real/9", key=f"{9:064x}", class_name="DCM", reader_id="Ada")
    frozen = freeze_snapshot(workspace, [judged, marked], [label])
    read = load_snapshot(snapshot_path(workspace, frozen.sha256), frozen.sha256)
    assert read == frozen
    assert (read.held_out, read.training, read.labels) == ((judged,), (marked,), (label,))
    assert freeze_snapshot(workspace, [judged, marked]).sha256 != frozen.sha256


def test_a_group_is_held_out_as_a_whole(workspace: Workspace) -> None:
    parts = [
        rating(number).model_copy(update={"group": "p1", "held_out": number == 1})
        for number in (1, 2)
    ]
    with pytest.raises(FeedbackError, match="in part only"):
        freeze_snapshot(workspace, parts)


def test_altered_ratings_are_refused(workspace: Workspace) -> None:
    frozen = freeze_snapshot(workspace, [rating(1, confidence=5)])
    path = snapshot_path(workspace, frozen.sha256)
    path.write_bytes(path.read_bytes().replace(b'"confidence": 5', b'"confidence": 1'))
    with pytest.raises(FeedbackError, match="changed after the round began"):
        load_snapshot(path, frozen.sha256)


def test_no_ratings_are_refused(workspace: Workspace) -> None:
    with pytest.raises(FeedbackError, match="no ratings"):
        freeze_snapshot(workspace, [])


def test_contradicting_ratings_are_refused_by_name(workspace: Workspace) -> None:
    real = rating(1)
    generated = real.model_copy(update={"source": "generated"})
    with pytest.raises(FeedbackError, match="real/1"):
        freeze_snapshot(workspace, [real, generated])


@pytest.mark.parametrize("confidence", [0, 7, -1])
def test_a_confidence_off_the_scale_is_refused(confidence: int) -> None:
    with pytest.raises(ValidationError):
        rating(1, confidence=confidence)
