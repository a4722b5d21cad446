"""Hands a study's ratings to the engine's feedback, as plain values without the database."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewapp.study.errors import BlindingError, StudyError
from reviewapp.study.model import ImageFilter, ImageRow, Mark, SessionInfo, Side, Study, Truth
from reviewapp.study.protocol import Protocol
from reviewapp.study.ratings import Rating, study_ratings
from reviewapp.study.selection import subject
from reviewapp.study.store import StudyStore

if TYPE_CHECKING:
    from engine.feedback.snapshot import FeedbackLabel, FeedbackMark, FeedbackRating

_MODERATELY_GENERATED, _MODERATELY_REAL = 2, 5


@dataclass(frozen=True, slots=True)
class Permission:
    """Whose ratings of a study may train: sessions finished, those of readers who agree, others."""

    n_finished: int
    n_agreed: int
    n_unfinished: int

    @classmethod
    def of(cls, sessions: list[SessionInfo]) -> Permission:
        """Count them."""
        finished = [session for session in sessions if session.finished_at is not None]
        return cls(len(finished), sum(map(_usable, finished)), len(sessions) - len(finished))


def feedback_ratings(
    store: StudyStore,
    study_id: str,
    passphrase: str | None = None,
    *,
    include_repeats: bool = True,
) -> list[FeedbackRating]:
    """The latest answers of finished sessions whose reader agreed, by reader and trial.

    Training trials are left out. With ``include_repeats`` a reader's second showing of an image is
    a second rating of it. A response without a degree of confidence counts as a moderate one (2
    generated, 5 real); of two images the one named is rated generated and the other one real.
    Ratings of one patient's images, or of one generated image, are a group, which is held out
    whole or not at all. Marks are fractions of the image's central square.

    A blinded study gives its ratings only where its protocol permits it and the coordinator's
    ``passphrase`` opens the truth; it stays blinded, the reading is logged, and the readers come
    under names that tell them apart but not who they are. Raises `BlindingError` where that is not
    so, `StudyError` when no session has been finished or no reader agreed.
    """
    from engine.feedback.held_out import is_held_out
    from engine.feedback.snapshot import FeedbackRating

    study = store.study(study_id)
    _require_permission(store, study)
    truths, reader_name = _truths(store, study, passphrase)
    library = {i.record_id: i for i in store.images(ImageFilter(cine_frames=True))}
    ratings = []
    for rating in study_ratings(store, study):
        trial = rating.trial
        if not _usable(rating.session) or trial.is_training:
            continue
        if trial.is_repeat and not include_repeats:
            continue
        for truth, confidence, marks in _rated_images(rating, truths):
            group = _group(truth, library)
            ratings.append(
                FeedbackRating(
                    record_id=truth.record_id,
                    key=truth.key,
                    source=truth.source,
                    confidence=confidence,
                    reader_id=reader_name(rating.reader.reader_id),
                    study_id=study_id,
                    group=group,
                    held_out=is_held_out(group),
                    marks=tuple(_fractions(mark, study.protocol) for mark in marks),
                )
            )
    return ratings


def feedback_labels(store: StudyStore, dataset: str) -> list[FeedbackLabel]:
    """The classes that specialists gave to images of a data set."""
    from engine.feedback.snapshot import FeedbackLabel

    return [
        FeedbackLabel(
            record_id=label.record_id,
            key=label.key,
            class_name=label.class_name,
            reader_id=label.reader,
        )
        for label in store.class_labels(dataset).values()
    ]


def _usable(session: SessionInfo) -> bool:
    return session.finished_at is not None and session.consented is True


def _require_permission(store: StudyStore, study: Study) -> None:
    if study.blinded and not study.protocol.permits_feedback:
        raise BlindingError(
            f"The study '{study.name}' is still blinded, and its protocol does not permit training "
            "with its ratings before. Finish the reading sessions and unblind the study first."
        )
    permission = Permission.of(store.sessions(study.study_id))
    if not permission.n_finished:
        raise StudyError(
            f"No reader has finished the study '{study.name}', so there is nothing to learn from. "
            + (
                "Let at least one reader finish it first."
                if study.blinded
                else "Make a new study and let at least one reader finish it before unblinding."
            )
        )
    if not permission.n_agreed:
        n = permission.n_finished
        raise StudyError(
            f"{'The one reader' if n == 1 else f'None of the {n} readers'} who finished "
            f"'{study.name}' {'does not let' if n == 1 else 'lets'} the ratings train a generator. "
            "A reader can agree to it on the Rate page, under Consent."
        )


def _truths(
    store: StudyStore, study: Study, passphrase: str | None
) -> tuple[Mapping[str, Truth], Callable[[str], str]]:
    """Truth by image id, and what a reader is called."""
    if not study.blinded:
        return store.truth(study.study_id), str
    if passphrase is None:
        raise BlindingError(
            f"The study '{study.name}' is blinded. Its ratings can train a generator once the "
            "coordinator's passphrase is entered; the study stays blinded."
        )
    secrets = store.truth_for_training(study.study_id, passphrase)

    def pseudonym(reader_id: str) -> str:
        digest = hmac.new(secrets.study_key, b"reader/" + reader_id.encode(), hashlib.sha256)
        return f"reader-{digest.hexdigest()[:12]}"

    return {truth.image_id: truth for truth in secrets.truths}, pseudonym


def _group(truth: Truth, library: Mapping[str, ImageRow]) -> str:
    image = library.get(truth.record_id)
    whose = subject(image) if image is not None else ""
    return f"{truth.dataset}/{whose}" if whose else truth.record_id


def _rated_images(
    rating: Rating, truths: Mapping[str, Truth]
) -> Iterator[tuple[Truth, int, list[Mark]]]:
    """Each shown image's truth, the confidence (1-6) that the answer gives it, and its marks."""
    answer, trial = rating.answer, rating.trial
    sides: tuple[tuple[str | None, tuple[str, ...], Side], ...] = (
        (trial.image_id, ("generated", "left"), "left"),
        (trial.right_image_id, ("right",), "right"),
    )
    for image_id, said_generated, side in sides:
        if image_id is None:
            continue
        confidence = answer.confidence
        if confidence is None:
            called = answer.response in said_generated
            confidence = _MODERATELY_GENERATED if called else _MODERATELY_REAL
        marks = [mark for mark in rating.marks if mark.side in ("", side)]
        yield truths[image_id], confidence, marks


def _fractions(mark: Mark, protocol: Protocol) -> FeedbackMark:
    """A mark's pixels as fractions of the central square, whatever border was cropped."""
    from engine.feedback.snapshot import FeedbackMark

    crop = protocol.remedies.crop_border
    scale = (1 - 2 * crop) / protocol.size_px
    return FeedbackMark(
        shape=mark.shape,
        x=crop + scale * mark.x,
        y=crop + scale * mark.y,
        w=scale * mark.w,
        h=scale * mark.h,
        points=tuple((crop + scale * x, crop + scale * y) for x, y in mark.points),
        reason=mark.reason,
    )
