"""Response times by correctness and accuracy over the trials, readers kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reviewapp.study.analysis.reading_table import ReadingTable
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.statistics.learning import AccuracyBin, accuracy_by_bin, learning_slope
from reviewapp.study.statistics.reader_mean import reader_mean, reader_ratio, within_bounds
from reviewapp.study.statistics.response_times import (
    TimeByCorrectness,
    TimeSummary,
    summarise_times,
    times_by_correctness,
)

#: trials that a bin should hold at least, and a reader for a slope
_BIN = 10
_SLOPE = 30
_MAX_BINS = 10


@dataclass(frozen=True, slots=True)
class Learning:
    """Accuracy along the session, and the odds ratio of a right answer per 100 trials."""

    bins: tuple[AccuracyBin, ...]
    odds_ratio: Result


def times_against_correctness(table: ReadingTable) -> TimeByCorrectness:
    """Times of right and wrong answers.

    Of several readers the ratio is the mean over readers of each one's own, so that a slow reader
    who is often wrong does not make wrong answers look slow; Mann–Whitney's test is left out.
    """
    import numpy as np

    rated = np.isfinite(table.correct)
    pooled = times_by_correctness(
        table.time_ms[rated].tolist(), (table.correct[rated] == 1).tolist()
    )
    if len(table.readers) < 2:
        return pooled
    own = []
    for times, correct in zip(table.time_ms, table.correct, strict=True):
        mine = np.isfinite(correct)
        found = times_by_correctness(times[mine].tolist(), (correct[mine] == 1).tolist())
        if isinstance(found.ratio, Estimate):
            own.append(found.ratio.value)
    ratio = reader_ratio(own)
    if isinstance(ratio, NotEstimable):
        ratio = NotEstimable("No reader has given both right and wrong answers.")
    return replace(
        pooled,
        ratio=ratio,
        p_value=NotEstimable("Answers of several readers are not independent; see the ratio."),
    )


def exposure_times(table: ReadingTable) -> TimeSummary | NotEstimable:
    """How long timed images were really shown."""
    import numpy as np

    shown = table.exposure_ms[np.isfinite(table.exposure_ms)]
    if not shown.size:
        return NotEstimable("The images were shown without a time limit.")
    return summarise_times(shown.tolist())


def learning_course(table: ReadingTable) -> Learning:
    """Accuracy by part of the session, and its trend.

    With several readers a part's accuracy is the mean over readers, and the odds ratio the
    geometric mean of their own.
    """
    import numpy as np

    courses: list[tuple[list[float], list[bool]]] = []
    for position, correct in zip(table.position, table.correct, strict=True):
        order = np.argsort(position)
        order = order[np.isfinite(correct[order])]
        courses.append((position[order].tolist(), (correct[order] == 1).tolist()))
    courses = [course for course in courses if course[0]]
    if not courses:
        return Learning((), NotEstimable("There are no ratings."))
    shortest = min(len(correct) for _, correct in courses)
    n_bins = max(1, min(_MAX_BINS, shortest // _BIN))
    by_reader = [accuracy_by_bin(correct, n_bins) for _, correct in courses]
    slopes = [_slope(positions, correct) for positions, correct in courses]
    if len(courses) == 1:
        return Learning(by_reader[0], slopes[0])
    bins = tuple(
        replace(parts[0], accuracy=within_bounds(reader_mean(_values(parts))))
        for parts in zip(*by_reader, strict=True)
    )
    known = [slope.value for slope in slopes if isinstance(slope, Estimate)]
    if not known:
        return Learning(bins, slopes[0])
    return Learning(bins, reader_ratio(known))


def _values(parts: tuple[AccuracyBin, ...]) -> list[float]:
    return [p.accuracy.value for p in parts if isinstance(p.accuracy, Estimate)]


def _slope(positions: Sequence[float], correct: Sequence[bool]) -> Result:
    if len(correct) < _SLOPE:
        return NotEstimable(
            f"A reader needs at least {_SLOPE} trials to tell how the accuracy changes."
        )
    return learning_slope(positions, correct)
