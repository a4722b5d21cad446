"""What readers made of one generator's images: the measures by which rounds are compared."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.study.model import Study
from reviewapp.study.ratings import Rating, study_ratings
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.statistics.signal_detection import (
    DecisionCounts,
    d_prime,
    fool_rate,
    forced_choice_d_prime,
)
from reviewapp.study.store import StudyStore

_BLINDED = NotEstimable("The study is still blinded.")
_NOBODY = NotEstimable("No reader has finished the study yet.")
_NO_IMAGES = NotEstimable("No image of this generator was rated.")


@dataclass(frozen=True, slots=True)
class RoundMeasures:
    """Of finished sessions, first showings only; the answers of all readers are pooled.

    ``fool_rate`` has a Wilson interval; ``marks_per_image`` counts regions for each showing of a
    generated image and has no interval.
    """

    fool_rate: Result
    d_prime: Result
    marks_per_image: Result
    n_finished: int
    n_sessions: int

    @classmethod
    def none(cls, reason: NotEstimable, n_finished: int = 0, n_sessions: int = 0) -> RoundMeasures:
        """No value, for the same ``reason``."""
        return cls(reason, reason, reason, n_finished, n_sessions)


def round_measures(store: StudyStore, study: Study, run_id: str) -> RoundMeasures:
    """The measures of the images that ``run_id`` drew, beside all real ones; none while blinded."""
    sessions = store.sessions(study.study_id)
    finished = sum(session.finished_at is not None for session in sessions)
    if study.blinded:
        return RoundMeasures.none(_BLINDED, finished, len(sessions))
    if not finished:
        return RoundMeasures.none(_NOBODY, finished, len(sessions))
    scored = [rating for rating in study_ratings(store, study) if rating.scored]
    generated = [
        rating
        for rating in scored
        if (truth := rating.shown_truth) is not None
        and truth.source == "generated"
        and truth.run_id == run_id
    ]
    if not generated:
        return RoundMeasures.none(_NO_IMAGES, finished, len(sessions))
    missed = sum(rating.fooled is True for rating in generated)
    paired = study.protocol.is_paired
    real = [r for r in scored if not paired and r.truth is not None and r.truth.source == "real"]
    doubted = sum(rating.correct is False for rating in real)
    counts = DecisionCounts(
        hits=len(generated) - missed,
        misses=missed,
        false_alarms=doubted,
        correct_rejections=len(real) - doubted,
    )
    detection = forced_choice_d_prime(counts.hits, len(generated)) if paired else d_prime(counts)
    return RoundMeasures(
        fool_rate(counts), detection, _marks(study, generated), finished, len(sessions)
    )


def _marks(study: Study, generated: list[Rating]) -> Result:
    if not study.protocol.tools.marks:
        return NotEstimable("The protocol does not let readers mark regions.")
    n_marks = sum(
        len([mark for mark in rating.marks if mark.side in ("", _generated_side(rating))])
        for rating in generated
    )
    n = len(generated)
    return Estimate(n_marks / n, None, n, "Marked regions for each showing; no interval.")


def _generated_side(rating: Rating) -> str:
    return "right" if rating.shown_truth is rating.right_truth else "left"
