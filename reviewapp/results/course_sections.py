"""How long the readers took, whether they learned, and where they marked images."""

from __future__ import annotations

from reviewapp.results.result_words import (
    Notes,
    interval_text,
    middle_half,
    typical_time,
    value_text,
)
from reviewapp.results.section import Block, Card, Cards, Remark, Section, WordTable
from reviewapp.results.study_outputs import StudyOutputs
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.statistics.estimate import NotEstimable, Result
from reviewapp.study.statistics.response_times import TimeSummary

COURSE_COLUMNS = ("Images", "Right answers")
MARK_COLUMNS = ("Reason", "On generated images", "On real images")


def time_section(results: StudyResults, outputs: StudyOutputs) -> Section:
    """Response times by correctness, exposure, and accuracy along the session."""
    times, learning = results.times, results.learning
    cards = [
        _time_card("Right answers", times.right, "median time to a right answer"),
        _time_card("Wrong answers", times.wrong, "median time to a wrong answer"),
        Card(
            "Wrong against right",
            value_text(times.ratio, "ratio"),
            interval_text(times.ratio, "ratio"),
            _meaning(times.ratio, "wrong answers took longer", "wrong answers were faster",
                     "wrong and right answers took alike"),
        ),
        Card(
            "Learning",
            value_text(learning.odds_ratio, "ratio"),
            interval_text(learning.odds_ratio, "ratio"),
            _meaning(learning.odds_ratio, "odds of a right answer rose, per 100 images",
                     "odds of a right answer fell, per 100 images",
                     "odds of a right answer per 100 images: no clear change"),
        ),
    ]  # fmt: skip
    if isinstance(results.exposure, TimeSummary):
        cards.append(
            _time_card("Measured exposure", results.exposure, "median time an image was shown")
        )
    blocks: list[Block] = [Cards(tuple(cards)), *outputs.pictures("response_times", "learning")]
    if learning.bins:
        notes = Notes()
        rows = tuple(
            (f"{part.first_trial} to {part.last_trial}", notes.cell(part.accuracy, "percent"))
            for part in learning.bins
        )
        data = outputs.tables.get("learning")
        blocks.append(
            WordTable("Right answers along the session", COURSE_COLUMNS, rows, notes.texts(), data)
        )
    return Section("Time and learning", tuple(blocks))


def marks_section(results: StudyResults, outputs: StudyOutputs) -> Section:
    """Maps of the marks by reason, and how many there are."""
    counts = results.marks.counts
    if not counts:
        return Section("Marks", (Remark("No marks", "No reader marked a region of an image."),))
    rows = [(c.reason, f"{c.on_generated:,}", f"{c.on_real:,}") for c in counts]
    data = outputs.tables.get("mark_reasons")
    table = WordTable("Marked regions by reason", MARK_COLUMNS, tuple(rows), data=data)
    return Section("Marks", (*outputs.pictures_of("marks_"), table))


def _time_card(title: str, times: TimeSummary | NotEstimable, meaning: str) -> Card:
    if isinstance(times, NotEstimable):
        return Card(title, "–", times.reason, meaning)
    return Card(title, typical_time(times), f"middle half {middle_half(times)}", meaning)


def _meaning(ratio: Result, above: str, below: str, unclear: str) -> str:
    if isinstance(ratio, NotEstimable) or ratio.interval is None:
        return "1 is no difference"
    lower, upper = ratio.interval
    if lower > 1:
        return above
    return below if upper < 1 else unclear
