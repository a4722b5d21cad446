"""Classes that specialists gave take the place of the data set's own."""

from __future__ import annotations

import pytest

from engine.data.cache import training_arrays
from engine.errors import FeedbackError
from engine.feedback.class_labels import named_classes, with_named_classes
from engine.feedback.snapshot import FeedbackLabel, FeedbackRating, Snapshot
from engine.workspace import Workspace

CLASSES = ("DCM", "NOR")


def label(name: str, class_name: str, reader: str = "r1") -> FeedbackLabel:
    return FeedbackLabel(record_id=name, key="0" * 64, class_name=class_name, reader_id=reader)


def snapshot(*labels: FeedbackLabel, held_out: str = "other") -> Snapshot:
    rated = FeedbackRating(
        record_id=held_out,
        key="0" * 64,
        source="real",
        confidence=3,
        reader_id="r1",
        study_id="s",
        held_out=True,
    )
    return Snapshot("0" * 64, (rated,), labels)


def test_the_more_frequent_class_counts_and_a_tie_counts_nothing() -> None:
    named = named_classes(
        snapshot(
            label("a", "NOR"),
            label("a", "NOR", "r2"),
            label("a", "DCM", "r3"),
            label("b", "NOR"),
            label("b", "DCM", "r2"),
            label("c", "unheard of"),
            label("d", "DCM"),
        ),
        CLASSES,
    )
    assert {name: number for name, (_, number) in named.items()} == {"a": 1, "d": 0}


def test_images_that_judge_are_left_out() -> None:
    given = snapshot(label("a", "NOR"), label("b", "NOR"), held_out="a")
    assert set(named_classes(given, CLASSES)) == {"b"}


def test_classes_that_cannot_be_used_are_refused_with_the_reason() -> None:
    with pytest.raises(FeedbackError, match="has no classes"):
        named_classes(snapshot(label("a", "NOR")), ())
    with pytest.raises(FeedbackError, match="knows DCM, NOR"):
        named_classes(snapshot(label("a", "HCM")), CLASSES)


def test_training_rows_get_the_class_that_specialists_gave(library: Workspace) -> None:
    data = training_arrays(library, "acdc", 32)
    before = data.labels.copy()
    labels = with_named_classes(data, {data.record_ids[3]: 1 - int(before[3]), "elsewhere": 0})
    assert labels[3] == 1 - before[3]
    assert (labels != before).sum() == 1
    assert (data.labels == before).all()
