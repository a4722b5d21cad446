"""The main numbers of a study, what they mean beside guessing, and what was read."""

from __future__ import annotations

from reviewapp.rating.study_form import DESIGNS
from reviewapp.results.result_words import (
    EQUIVALENCE_NOTE,
    Notes,
    Scale,
    difference_text,
    equivalence_text,
    interval_text,
    moment_text,
    value_text,
)
from reviewapp.results.section import Card, Cards, Section, WordTable
from reviewapp.results.study_outputs import StudyOutputs
from reviewapp.study.analysis.performance import Performance
from reviewapp.study.analysis.rates import AgainstChance
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.model import Study
from reviewapp.study.report.words import count_text
from reviewapp.study.statistics.estimate import NotEstimable, Result

COMPARED_COLUMNS = ("", "Value", "Compared with guessing", "Equivalent to guessing")

_Line = tuple[str, Result, Scale, str]


def overview_section(study: Study, results: StudyResults, outputs: StudyOutputs) -> Section:
    """Cards, the tests against guessing, and the facts of the study."""
    performance = results.overall
    return Section(
        "Overview",
        (
            Cards(_cards(performance, paired=results.paired)),
            _compared(performance, results, outputs),
            *outputs.pictures("accuracy"),
            _facts(study, results),
        ),
    )


def _cards(performance: Performance, *, paired: bool) -> tuple[Card, ...]:
    accuracy: _Line = ("Right answers", performance.accuracy.value, "percent", "50 % is guessing")
    d_prime: _Line = ("Discrimination d′", performance.d_prime, "plain", "0 is guessing")
    lines: tuple[_Line, ...]
    if paired:
        # Beside each other a reader cannot lean towards "real", so there is nothing else to tell.
        lines = (
            accuracy,
            ("Fool rate", performance.fool_rate, "percent", "real one chosen as the generated one"),
            d_prime,
        )
    else:
        lines = (
            accuracy,
            ("Fool rate", performance.fool_rate, "percent", "generated images taken for real"),
            ("Sensitivity", performance.sensitivity, "percent", "generated images recognised"),
            ("Specificity", performance.specificity, "percent", "real images called real"),
            ("Area under the ROC curve (AUC)", performance.auc.value, "plain",
             "0.5 is guessing, 1 is perfect"),
            d_prime,
            ("Bias c", performance.criterion, "plain", _bias_meaning(performance.criterion)),
        )  # fmt: skip
    return tuple(
        Card(title, value_text(result, scale), interval_text(result, scale), meaning)
        for title, result, scale, meaning in lines
    )


def _bias_meaning(criterion: Result) -> str:
    """Which answer the readers lean to; none where the interval holds 0."""
    if isinstance(criterion, NotEstimable) or criterion.interval is None:
        return "0 is none; above 0 “real” is said more readily"
    lower, upper = criterion.interval
    if lower > 0:
        return "readers lean towards “real”"
    return "readers lean towards “generated”" if upper < 0 else "no clear leaning to either answer"


def _compared(performance: Performance, results: StudyResults, outputs: StudyOutputs) -> WordTable:
    lines: list[tuple[str, AgainstChance, Scale]] = [
        ("Right answers", performance.accuracy, "percent")
    ]
    if not results.paired:
        lines.append(("Area under the ROC curve (AUC)", performance.auc, "plain"))
    notes = Notes()
    rows = tuple(
        (
            name,
            notes.cell(found.value, scale),
            _difference(found, notes),
            _equivalence(found, notes),
        )
        for name, found, scale in lines
    )
    method = (
        "95 % intervals over readers and images (Obuchowski–Rockette)."
        if results.n_readers > 1
        else "95 % intervals over images, for this reader alone."
    )
    return WordTable(
        "Compared with guessing",
        COMPARED_COLUMNS,
        rows,
        (*notes.texts(), method, EQUIVALENCE_NOTE),
        outputs.tables.get("summary"),
    )


def _difference(found: AgainstChance, notes: Notes) -> str:
    if isinstance(found.value, NotEstimable):
        return "–"
    if isinstance(found.p_value, NotEstimable):
        return f"cannot be judged {notes.mark(found.p_value.reason)}"
    verdict = "better than guessing" if found.value.value > 0.5 else "worse than guessing"
    return difference_text(found.value, found.p_value, verdict, verdict)


def _equivalence(found: AgainstChance, notes: Notes) -> str:
    if isinstance(found.value, NotEstimable):
        return "–"
    if isinstance(found.equivalence, NotEstimable):
        return f"cannot be judged {notes.mark(found.equivalence.reason)}"
    return equivalence_text(found.equivalence)


def _facts(study: Study, results: StudyResults) -> WordTable:
    protocol = study.protocol
    images = count_text(results.n_images, "pair" if results.paired else "image")
    rows = [
        ("Design", DESIGNS[protocol.design]),
        ("Read", f"{count_text(results.n_ratings, 'rating')} of {images} by "
                 f"{count_text(results.n_readers, 'reader')} with finished sessions"),
        ("Left out", "practice images, second showings and unfinished sessions"),
        ("Protocol", f"{protocol.title}, SHA-256 {study.protocol_sha256}"),
    ]  # fmt: skip
    if study.frozen_at is not None:
        rows.append(("Frozen", moment_text(study.frozen_at)))
    if study.unblinded_at is not None:
        rows.append(("Unblinded", moment_text(study.unblinded_at)))
    return WordTable("What was read", ("", ""), tuple(rows))
