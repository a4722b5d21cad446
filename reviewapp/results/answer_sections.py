"""What the readers answered: ROC curves, right and wrong, degrees of confidence."""

from __future__ import annotations

from reviewapp.results.section import Block, Remark, Section, WordTable
from reviewapp.results.statistic_table import Statistic, statistic_table
from reviewapp.results.study_outputs import StudyOutputs
from reviewapp.study.analysis.confidence import ConfidenceHistogram
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.statistics.estimate import NotEstimable

_DEGREES = (
    "1 definitely generated", "2 probably generated", "3 perhaps generated", "4 perhaps real",
    "5 probably real", "6 definitely real",
)  # fmt: skip
_CURVE_KINDS = {"all": "all readers", "reader": "reader", "variant": "variant"}


def curves_section(results: StudyResults, outputs: StudyOutputs) -> Section:
    """ROC curves of readers and variants, with their areas."""
    pictures = outputs.pictures_of("roc_")
    if not results.roc:
        reason = results.overall.auc.value
        text = reason.reason if isinstance(reason, NotEstimable) else ""
        return Section("Curves", (Remark("No ROC curve", text),))
    areas = statistic_table(
        "Areas under the curves",
        ("Curve of", "Kind"),
        [(curve.name, _CURVE_KINDS[curve.kind]) for curve in results.roc],
        [Statistic("AUC", "plain", [curve.auc for curve in results.roc])],
        outputs.tables.get("roc"),
        "0.5 is guessing, 1 is perfect. “Save CSV…” writes the points of the curves.",
    )
    return Section("Curves", (*pictures, areas))


def confidence_section(results: StudyResults, outputs: StudyOutputs) -> Section:
    """Answers by truth, and how sure the readers were."""
    pictures = outputs.pictures("confusion", "confidence")
    blocks: list[Block] = [*pictures, _confusion(results, outputs)]
    if isinstance(results.confidence, NotEstimable):
        blocks.append(Remark("How sure the readers were", results.confidence.reason))
    else:
        blocks.append(_histogram(results.confidence, outputs))
    return Section("Confidence", tuple(blocks))


def _confusion(results: StudyResults, outputs: StudyOutputs) -> WordTable:
    counts = results.overall.counts
    rows = [
        ("Generated", counts.hits, counts.misses),
        ("Real", counts.false_alarms, counts.correct_rejections),
    ]
    columns = ("Image was", "Called generated", "Called real", "Ratings")
    if results.paired:
        columns = ("Generated one was", "Left chosen", "Right chosen", "Ratings")
        rows = [("on the left", *rows[0][1:]), ("on the right", *rows[1][1:])]
    return WordTable(
        "Answers by truth",
        columns,
        tuple((name, _part(a, a + b), _part(b, a + b), f"{a + b:,}") for name, a, b in rows),
        data=outputs.tables.get("confusion"),
    )


def _histogram(histogram: ConfidenceHistogram, outputs: StudyOutputs) -> WordTable:
    n_generated, n_real = sum(histogram.generated), sum(histogram.real)
    return WordTable(
        "Degrees of confidence",
        ("Answer", "Generated images", "Real images"),
        tuple(
            (name, _part(generated, n_generated), _part(real, n_real))
            for name, generated, real in zip(
                _DEGREES, histogram.generated, histogram.real, strict=True
            )
        ),
        data=outputs.tables.get("confidence"),
    )


def _part(n: int, total: int) -> str:
    return f"{n:,} ({100 * n / total:.0f} %)" if total else "none shown"
