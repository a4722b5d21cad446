"""Each reader's results, and whether the readers agree with each other and with themselves."""

from __future__ import annotations

from collections.abc import Callable

from reviewapp.results.progress_section import experience_text
from reviewapp.results.result_words import Notes, Scale, alpha_word, icc_word, kappa_word
from reviewapp.results.section import Section, WordTable
from reviewapp.results.statistic_table import Statistic, statistic_table
from reviewapp.results.study_outputs import StudyOutputs
from reviewapp.study.analysis.progress import StudyProgress
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.analysis.table import Table
from reviewapp.study.statistics.estimate import NotEstimable, Result
from reviewapp.study.statistics.repeatability import Repeatability

AGREEMENT_COLUMNS = ("", "Value", "In words")
_METHODS = (
    "κ in words after Landis & Koch 1977, α after Krippendorff 2004, the intraclass correlation "
    "after Koo & Li 2016."
)

_Line = tuple[str, Result, Scale, Callable[[Result], str]]


def reader_section(
    progress: StudyProgress, results: StudyResults, outputs: StudyOutputs
) -> Section:
    """Table of readers, agreement between them, and of each with itself."""
    return Section(
        "Readers",
        (
            _readers(progress, results, outputs),
            *outputs.pictures("accuracy_readers", "agreement"),
            _agreement(results, outputs),
            _repeated(results.repeatability, outputs),
        ),
    )


def _readers(progress: StudyProgress, results: StudyResults, outputs: StudyOutputs) -> WordTable:
    known = {reader.reader_id: reader for reader in progress.readers}
    parts = [group.performance for group in results.readers]
    labels = [
        (
            group.name,
            known[group.name].name or "–",
            known[group.name].specialty or "–",
            experience_text(known[group.name].experience_years),
        )
        for group in results.readers
    ]
    return statistic_table(
        "Readers with finished sessions",
        ("Reader", "Name", "Specialty", "Experience"),
        labels,
        (
            Statistic("Right answers", "percent", [p.accuracy.value for p in parts]),
            Statistic("Fool rate", "percent", [p.fool_rate for p in parts]),
            Statistic("Specificity", "percent", [p.specificity for p in parts]),
            Statistic("AUC", "plain", [p.auc.value for p in parts]),
        ),
        outputs.tables.get("readers"),
        "Names stay in this workspace: tables, figures and the report carry ids only.",
    )


def _agreement(results: StudyResults, outputs: StudyOutputs) -> WordTable:
    found = results.agreement
    lines: tuple[_Line, ...] = (
        ("Real or generated: Fleiss' κ", found.fleiss_kappa, "plain", kappa_word),
        ("Real or generated: Krippendorff's α", found.alpha, "plain", alpha_word),
        ("Confidence: Krippendorff's ordinal α", found.alpha_ordinal, "plain", alpha_word),
        ("Confidence: intraclass correlation (ICC 2,1)", found.icc, "plain", icc_word),
    )
    return _word_table("Do the readers agree?", lines, outputs.tables.get("agreement"), (_METHODS,))


def _repeated(found: Repeatability, outputs: StudyOutputs) -> WordTable:
    lines: tuple[_Line, ...] = (
        ("Same answer when shown again", found.same_answer, "percent", _no_word),
        ("Beyond chance: Cohen's κ", found.kappa, "plain", kappa_word),
        ("Confidence: weighted κ", found.weighted_kappa, "plain", kappa_word),
        ("Confidence: mean shift, second less first", found.confidence_shift, "plain", _shift_word),
    )
    title = "Does a reader answer the same when an image comes again?"
    data = outputs.rows_of(
        "summary", "repeated", title, lambda row: str(row[0]).startswith("repeat_")
    )
    return _word_table(title, lines, data, ())


def _word_table(
    title: str, lines: tuple[_Line, ...], data: Table | None, remarks: tuple[str, ...]
) -> WordTable:
    notes = Notes()
    rows = tuple((name, notes.cell(r, scale), word(r)) for name, r, scale, word in lines)
    return WordTable(title, AGREEMENT_COLUMNS, rows, (*notes.texts(), *remarks), data)


def _no_word(_result: Result) -> str:
    return ""


def _shift_word(result: Result) -> str:
    if isinstance(result, NotEstimable) or result.interval is None:
        return "–"
    lower, upper = result.interval
    if lower > 0:
        return "towards “real”"
    return "towards “generated”" if upper < 0 else "no clear shift"
