"""What the results page shows of a study: counts while it is blinded, statistics afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from engine.data.records import Source
from reviewapp.study.model import Response, SessionInfo
from reviewapp.study.ratings import Rating, study_ratings
from reviewapp.study.statistics import signal_detection
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.statistics.proportions import binomial_p_value, wilson
from reviewapp.study.statistics.roc import auc, roc_points
from reviewapp.study.statistics.signal_detection import DecisionCounts
from reviewapp.study.store import StudyStore

_ALPHA = 0.05
_NO_DEGREES = NotEstimable("The readers gave no degree of confidence, so there is no curve.")
_PAIRS = NotEstimable("Two images were shown side by side; the share of right choices says it all.")


@dataclass(frozen=True, slots=True)
class Performance:
    """How well real and generated were told apart in a set of ratings; *generated* is positive."""

    counts: DecisionCounts
    accuracy: Result
    chance_p_value: float | NotEstimable
    sensitivity: Result
    specificity: Result
    fool_rate: Result
    d_prime: Result
    criterion: Result
    auc: Result
    roc: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class VariantFoolRate:
    """How often images of one variant and run were taken for real."""

    variant: str
    run_id: str
    fool_rate: Result


@dataclass(frozen=True, slots=True)
class ReaderSummary:
    """One reader's session; ``performance`` and ``repeat_agreement`` only after unblinding."""

    reader_id: str
    name: str
    specialty: str
    finished: bool
    n_answered: int
    n_trials: int
    n_changes: int
    median_response_time_ms: float | None
    performance: Performance | None
    repeat_agreement: Result | None


@dataclass(frozen=True, slots=True)
class StudySummary:
    """A study at a glance.

    Times and ``n_changes`` come from all scored and repeated trials; statistics from the first
    showings in finished sessions. ``sentence`` says the outcome in plain words, ``caveat`` what to
    mind (may be blank).
    """

    study_id: str
    name: str
    blinded: bool
    n_sessions: int
    n_finished: int
    n_answers: int
    median_response_time_ms: float | None
    sentence: str
    caveat: str
    readers: tuple[ReaderSummary, ...]
    performance: Performance | None
    fool_rates: tuple[VariantFoolRate, ...]
    repeat_agreement: Result | None


def summarise_study(store: StudyStore, study_id: str) -> StudySummary:
    """Compute the summary; imports scipy, so call it off the window's thread."""
    study = store.study(study_id)
    sessions = store.sessions(study_id)
    ratings = [r for r in study_ratings(store, study) if not r.trial.is_training]
    n_finished = sum(session.finished_at is not None for session in sessions)
    performance = None if study.blinded else _performance(ratings)
    return StudySummary(
        study_id=study_id,
        name=study.name,
        blinded=study.blinded,
        n_sessions=len(sessions),
        n_finished=n_finished,
        n_answers=len(ratings),
        median_response_time_ms=_median_time(ratings),
        sentence=(
            _blinded_sentence(len(sessions), n_finished, len(ratings))
            if performance is None
            else _outcome_sentence(performance, n_finished)
        ),
        caveat="" if study.blinded else _caveat(len(sessions), n_finished),
        readers=tuple(_reader_summary(store, s, ratings, study.blinded) for s in sessions),
        performance=performance,
        fool_rates=() if study.blinded else _fool_rates(ratings),
        repeat_agreement=None if study.blinded else _repeat_agreement(ratings),
    )


def _performance(ratings: Sequence[Rating]) -> Performance:
    known = [r for r in ratings if r.scored and r.truth is not None]
    if any(rating.trial.right_image_id is not None for rating in known):
        return _forced_choice(known)
    counts = DecisionCounts.of(
        (_source(r.right_response), _source(r.answer.response)) for r in known
    )
    # Confidence rises with *real*, the positive class is *generated*: the score is turned round.
    scores: dict[str | None, list[float]] = {"generated": [], "real": []}
    for rating in known:
        if rating.answer.confidence is not None:
            scores[rating.right_response or ""].append(7 - rating.answer.confidence)
    graded = any(scores.values()) or not known
    return Performance(
        counts=counts,
        accuracy=signal_detection.accuracy(counts),
        chance_p_value=binomial_p_value(counts.n_correct, counts.n),
        sensitivity=signal_detection.sensitivity(counts),
        specificity=signal_detection.specificity(counts),
        fool_rate=signal_detection.fool_rate(counts),
        d_prime=signal_detection.d_prime(counts),
        criterion=signal_detection.criterion(counts),
        auc=auc(scores["generated"], scores["real"]) if graded else _NO_DEGREES,
        roc=tuple(roc_points(scores["generated"], scores["real"])),
    )


def _forced_choice(known: Sequence[Rating]) -> Performance:
    """Of two images, one is generated: a wrong choice takes the generated one for real."""
    right = sum(bool(rating.correct) for rating in known)
    # The generated image was on the left (positive) or on the right; this shows a bias to a side.
    counts = DecisionCounts.of(
        (_of_side(rating.right_response), _of_side(rating.answer.response)) for rating in known
    )
    return Performance(
        counts=counts,
        accuracy=wilson(right, len(known)),
        chance_p_value=binomial_p_value(right, len(known)),
        sensitivity=_PAIRS,
        specificity=_PAIRS,
        fool_rate=wilson(len(known) - right, len(known)),
        d_prime=_PAIRS,
        criterion=_PAIRS,
        auc=_PAIRS,
        roc=(),
    )


def _source(response: Response | None) -> Source:
    return "generated" if response == "generated" else "real"


def _of_side(response: Response | None) -> Source:
    return "generated" if response == "left" else "real"


def _reader_summary(
    store: StudyStore, session: SessionInfo, ratings: Sequence[Rating], blinded: bool
) -> ReaderSummary:
    reader = next(r for r in store.readers() if r.reader_id == session.reader_id)
    own = [rating for rating in ratings if rating.session.session_id == session.session_id]
    return ReaderSummary(
        reader_id=reader.reader_id,
        name=reader.name,
        specialty=reader.specialty,
        finished=session.finished_at is not None,
        n_answered=session.n_answered,
        n_trials=session.n_trials,
        n_changes=sum(rating.answer.revision - 1 for rating in own),
        median_response_time_ms=_median_time(own),
        performance=None if blinded else _performance(own),
        repeat_agreement=None if blinded else _repeat_agreement(own),
    )


def _fool_rates(ratings: Sequence[Rating]) -> tuple[VariantFoolRate, ...]:
    fooled: dict[tuple[str, str], list[bool]] = {}
    for rating in ratings:
        truth = rating.shown_truth
        if rating.scored and truth is not None and rating.fooled is not None:
            fooled.setdefault((truth.variant, truth.run_id), []).append(rating.fooled)
    return tuple(
        VariantFoolRate(variant, run_id, wilson(sum(outcomes), len(outcomes)))
        for (variant, run_id), outcomes in sorted(fooled.items())
    )


def _repeat_agreement(ratings: Sequence[Rating]) -> Result:
    """Share of repeated cases that a reader called the same both times."""
    finished = [rating for rating in ratings if rating.session.finished_at is not None]
    first = {
        (rating.session.session_id, _case(rating)): _called_generated(rating)
        for rating in finished
        if not rating.trial.is_repeat
    }
    same = [
        first[rating.session.session_id, _case(rating)] == _called_generated(rating)
        for rating in finished
        if rating.trial.is_repeat
    ]
    return wilson(sum(same), len(same))


def _case(rating: Rating) -> frozenset[str | None]:
    return frozenset({rating.trial.image_id, rating.trial.right_image_id})


def _called_generated(rating: Rating) -> str | None:
    """What the reader called generated; the sides of a pair may change between two showings."""
    response, trial = rating.answer.response, rating.trial
    return {"generated": trial.image_id, "left": trial.image_id, "right": trial.right_image_id}.get(
        response
    )


def _median_time(ratings: Sequence[Rating]) -> float | None:
    times = [rating.answer.response_time_ms for rating in ratings]
    return median(times) if times else None


def _blinded_sentence(n_sessions: int, n_finished: int, n_answers: int) -> str:
    if n_sessions == 0:
        return "No reader has begun. The study is blinded."
    return (
        f"{n_finished} of {n_sessions} sessions {'is' if n_sessions == 1 else 'are'} finished, "
        f"with {n_answers} ratings so far. Results are shown once the study is unblinded."
    )


def _outcome_sentence(performance: Performance, n_finished: int) -> str:
    counts, p_value = performance.counts, performance.chance_p_value
    if (
        isinstance(performance.accuracy, NotEstimable)
        or isinstance(p_value, NotEstimable)
        or performance.accuracy.interval is None
    ):
        return "No reader finished before the study was unblinded, so there are no results."
    lower, upper = performance.accuracy.interval
    if p_value >= _ALPHA:
        verdict = (
            "which does not differ reliably from guessing; that alone does not prove that the "
            "images cannot be told apart"
        )
    elif performance.accuracy.value > 0.5:
        verdict = "better than guessing"
    else:
        verdict = "worse than guessing: generated images looked more real than the real ones"
    p_text = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    fooled = (
        f" Of the generated images, {_percent(performance.fool_rate.value)} were taken for real."
        if isinstance(performance.fool_rate, Estimate)
        else ""
    )
    who = "One reader was" if n_finished == 1 else f"{n_finished} readers were"
    return (
        f"{who} right in {counts.n_correct} of {counts.n} ratings "
        f"({_percent(performance.accuracy.value)}, 95 % interval {_percent(lower)} to "
        f"{_percent(upper)}), {verdict} ({p_text}).{fooled}"
    )


def _caveat(n_sessions: int, n_finished: int) -> str:
    notes = []
    if n_finished > 1:
        notes.append(
            "Readers rated the same images; intervals and p-value over all readers take their "
            "ratings as independent and are somewhat too narrow."
        )
    if unfinished := n_sessions - n_finished:
        notes.append(f"Unfinished sessions ({unfinished}) are left out.")
    return " ".join(notes)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
