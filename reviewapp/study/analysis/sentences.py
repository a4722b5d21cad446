"""A study's outcome in plain words, and what a reader of it should mind."""

from __future__ import annotations

from reviewapp.study.analysis.progress import StudyProgress
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.model import Study
from reviewapp.study.statistics.equivalence import Equivalence
from reviewapp.study.statistics.estimate import Estimate, NotEstimable

_ALPHA = 0.05
#: with fewer readers the result hardly speaks of readers in general
_FEW_READERS = 5


def blinded_sentence(progress: StudyProgress) -> str:
    """How far the readings are; nothing else."""
    n = progress.n_sessions
    if n == 0:
        return "No reader has begun. The study is blinded."
    return (
        f"{progress.n_finished} of {n} sessions {'is' if n == 1 else 'are'} finished, with "
        f"{progress.n_answers} ratings so far. Results are shown once the study is unblinded."
    )


def outcome_sentence(results: StudyResults) -> str:
    """How often the readers were right, whether that differs from guessing, whether it equals it.

    A share that does not differ from guessing is called equivalent only where that is shown.
    """
    found = results.overall.accuracy
    value = found.value
    if isinstance(value, NotEstimable):
        return "No reader finished before the study was unblinded, so there are no results."
    who = "One reader" if results.n_readers == 1 else f"{results.n_readers} readers"
    task = "found the generated one of two images" if results.paired else "told generated from real"
    told = f"{who} {task} {percent(value.value)} of the time ({interval_text(value)})"
    verdicts = []
    if not isinstance(found.p_value, NotEstimable):
        verdicts.append(f"{_difference(value, found.p_value)} ({p_text(found.p_value)})")
    if isinstance(found.equivalence, Equivalence):
        verdicts.append(found.equivalence.verdict)
    elif isinstance(found.p_value, NotEstimable):
        verdicts.append("whether that is more than guessing cannot be judged")
    fool_rate = results.overall.fool_rate
    fooled = (
        f" Of the generated images, {percent(fool_rate.value)} were taken for real "
        f"({interval_text(fool_rate)})."
        if isinstance(fool_rate, Estimate) and not results.paired
        else ""
    )
    return f"{told}: {', '.join(verdicts)}.{fooled}"


def caveats(study: Study, progress: StudyProgress, results: StudyResults) -> tuple[str, ...]:
    """What to mind, most important first."""
    notes = []
    accuracy = results.overall.accuracy.value
    if isinstance(accuracy, Estimate) and accuracy.interval is None:
        notes.append(f"There is {accuracy.method}")
    if results.n_readers == 1:
        notes.append(
            "With one reader the result speaks of this reader only, not of readers in general."
        )
    elif 1 < results.n_readers < _FEW_READERS:
        notes.append(
            f"With {results.n_readers} readers the spread between readers is poorly known; "
            "intervals are therefore wide."
        )
    if unfinished := progress.n_sessions - progress.n_finished:
        notes.append(f"Unfinished sessions ({unfinished}) are left out.")
    counts = results.overall.counts
    if not results.paired and counts.n and min(counts.n_real, counts.n_generated) == 0:
        missing = "real" if counts.n_real == 0 else "generated"
        notes.append(f"No {missing} images were rated, so the readers' bias cannot be told apart.")
    if study.protocol.design == "timed":
        notes.append(
            f"Images were shown for {study.protocol.exposure_ms} ms only; readers with more time "
            "may tell more."
        )
    return tuple(notes)


def percent(share: float) -> str:
    """A share as whole percent."""
    return f"{100 * share:.0f} %"


def interval_text(estimate: Estimate) -> str:
    """'95 % CI 52–64 %', or that there is none."""
    if estimate.interval is None:
        return "no confidence interval"
    lower, upper = (f"{100 * bound:.0f}" for bound in estimate.interval)
    return f"95 % CI {lower}–{upper} %"


def p_text(p_value: float) -> str:
    """'p = 0.012' or 'p < 0.001'."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def _difference(accuracy: Estimate, p_value: float) -> str:
    if p_value >= _ALPHA:
        return "not reliably different from guessing"
    if accuracy.value > 0.5:
        return "better than guessing"
    return "worse than guessing, as generated images looked more real than the real ones"
