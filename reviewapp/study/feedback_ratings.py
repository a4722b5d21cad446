"""Hands a study's ratings to the engine's feedback, as plain values without the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reviewapp.study.errors import BlindingError, StudyError
from reviewapp.study.model import Truth
from reviewapp.study.ratings import Rating, study_ratings
from reviewapp.study.store import StudyStore

if TYPE_CHECKING:
    from engine.feedback.snapshot import FeedbackRating

_MODERATELY_GENERATED, _MODERATELY_REAL = 2, 5


def feedback_ratings(
    store: StudyStore, study_id: str, *, include_repeats: bool = True
) -> list[FeedbackRating]:
    """The latest answers of finished sessions without training trials, by reader and trial.

    With ``include_repeats`` a reader's second showing of an image is a second rating of it. A
    response without a degree of confidence counts as a moderate one (2 generated, 5 real); of two
    images the one named is rated generated and the other one real. Raises
    `BlindingError` while the study is blinded, `StudyError` when no session has been finished.
    """
    from engine.feedback.snapshot import FeedbackRating

    study = store.study(study_id)
    if study.blinded:
        raise BlindingError(
            f"The study '{study.name}' is still blinded, so its ratings cannot be tied to images. "
            "Finish the reading sessions and unblind the study first."
        )
    ratings = [
        FeedbackRating(
            record_id=truth.record_id,
            key=truth.key,
            source=truth.source,
            confidence=confidence,
            reader_id=rating.reader.reader_id,
            study_id=study_id,
        )
        for rating in study_ratings(store, study)
        if rating.session.finished_at is not None
        and not rating.trial.is_training
        and (include_repeats or not rating.trial.is_repeat)
        for truth, confidence in _rated_images(rating)
    ]
    if not ratings:
        raise StudyError(
            f"No reader has finished the study '{study.name}', so there is nothing to learn from. "
            "Make a new study and let at least one reader finish it before unblinding."
        )
    return ratings


def _rated_images(rating: Rating) -> Iterator[tuple[Truth, int]]:
    """Each shown image's truth with the confidence (1–6) that the answer gives it."""
    answer = rating.answer
    for truth, said_generated in (
        (rating.truth, ("generated", "left")),
        (rating.right_truth, ("right",)),
    ):
        if truth is not None and answer.confidence is not None:
            yield truth, answer.confidence
        elif truth is not None:
            called = answer.response in said_generated
            yield truth, _MODERATELY_GENERATED if called else _MODERATELY_REAL
