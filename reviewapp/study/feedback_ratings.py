"""Hands a study's ratings to the engine's feedback, as plain values without the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewapp.study.errors import BlindingError, StudyError
from reviewapp.study.ratings import study_ratings
from reviewapp.study.store import StudyStore

if TYPE_CHECKING:
    from engine.feedback.snapshot import FeedbackRating


def feedback_ratings(
    store: StudyStore, study_id: str, *, include_repeats: bool = True
) -> list[FeedbackRating]:
    """The latest answers of finished sessions without training trials, by reader and trial.

    With ``include_repeats`` a reader's second showing of an image is a second rating of it. Raises
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
            record_id=rating.truth.record_id,
            key=rating.truth.key,
            source=rating.truth.source,
            confidence=rating.answer.confidence,
            reader_id=rating.reader.reader_id,
            study_id=study_id,
        )
        for rating in study_ratings(store, study)
        if rating.truth is not None
        and rating.session.finished_at is not None
        and not rating.trial.is_training
        and (include_repeats or not rating.trial.is_repeat)
    ]
    if not ratings:
        raise StudyError(
            f"No reader has finished the study '{study.name}', so there is nothing to learn from. "
            "Make a new study and let at least one reader finish it before unblinding."
        )
    return ratings
