"""How far a study is: all that is shown while it is blinded."""

from __future__ import annotations

from reviewapp.results.result_words import middle_half, span_text, typical_time
from reviewapp.results.section import Card, Cards, Remark, Section, WordTable
from reviewapp.results.study_outputs import StudyOutputs
from reviewapp.study.analysis.progress import ReaderProgress, StudyProgress
from reviewapp.study.analysis.study_analysis import StudyAnalysis
from reviewapp.study.report.words import count_text
from reviewapp.study.statistics.estimate import NotEstimable

COLUMNS = (
    "Reader", "Name", "Specialty", "Experience", "Session", "Answered", "Changed", "Marks",
    "Typical time", "Middle half",
)  # fmt: skip

_AFTERWARDS = (
    "How often readers told generated from real, with intervals, and whether that differs from "
    "guessing or equals it; the fool rate of each generator, checkpoint, data set and class; ROC "
    "curves; the readers' confidence and agreement; times and learning; where images were marked; "
    "and the images that misled most."
)
_HOW = (
    "Unblind once all readers have finished: choose the study on the Rate page, then “Unblind…”, "
    "and give the coordinator's passphrase. This is logged and cannot be undone."
)
_OF_PACK = (
    "The truth is with the coordinator: write your results for the coordinator on the Rate page "
    "once the session is finished."
)


def blinded_section(
    analysis: StudyAnalysis, outputs: StudyOutputs, *, of_pack: bool = False
) -> Section:
    """Counts, times, readers, and what comes after unblinding."""
    return Section(
        "Progress",
        (
            _cards(analysis.progress),
            *_reader_tables(analysis.progress, outputs),
            Remark("After unblinding", _AFTERWARDS),
            Remark("How to unblind", _OF_PACK if of_pack else _HOW),
        ),
    )


def progress_section(analysis: StudyAnalysis, outputs: StudyOutputs) -> Section:
    """Counts, times and readers."""
    return Section(
        "Progress", (_cards(analysis.progress), *_reader_tables(analysis.progress, outputs))
    )


def _cards(progress: StudyProgress) -> Cards:
    span = "no answer yet"
    if progress.first_answer is not None and progress.last_answer is not None:
        span = span_text(progress.first_answer, progress.last_answer)
    times = progress.times
    middle = (
        times.reason if isinstance(times, NotEstimable) else f"middle half {middle_half(times)}"
    )
    return Cards(
        (
            Card(
                "Sessions finished",
                f"{progress.n_finished} of {progress.n_sessions}",
                count_text(len(progress.readers), "reader"),
                "unfinished ones can be resumed on the Rate page",
            ),
            Card("Ratings", f"{progress.n_answers:,}", span, "practice images not counted"),
            Card(
                "Typical time per image",
                typical_time(times),
                middle,
                "median, from the image's appearance to the answer",
            ),
            Card(
                "Marked regions",
                f"{progress.n_marks:,}",
                count_text(progress.n_comments, "comment"),
                "practice images not counted",
            ),
        )
    )


def _reader_tables(progress: StudyProgress, outputs: StudyOutputs) -> tuple[WordTable, ...]:
    if not progress.readers:
        return ()
    rows = tuple(_row(reader) for reader in progress.readers)
    return (WordTable("Readers", COLUMNS, rows, data=outputs.tables.get("progress")),)


def _row(reader: ReaderProgress) -> tuple[str, ...]:
    return (
        reader.reader_id,
        reader.name or "–",
        reader.specialty or "–",
        experience_text(reader.experience_years),
        "finished" if reader.finished else "unfinished",
        f"{reader.n_answered} of {reader.n_trials}",
        str(reader.n_changes),
        str(reader.n_marks),
        typical_time(reader.times),
        middle_half(reader.times),
    )


def experience_text(years: float | None) -> str:
    """'12 years', or a dash."""
    return "–" if years is None else f"{years:g} year{'' if years == 1 else 's'}"
