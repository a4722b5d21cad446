"""Which figures a study's results have, and writing them as SVG and PNG."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.file_set import replace_together
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from reviewapp.study.analysis.mark_maps import Marks
from reviewapp.study.analysis.performance import GroupKind, GroupPerformance
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.analysis.study_analysis import StudyAnalysis
from reviewapp.study.figures.answer_figures import draw_confidence, draw_confusion
from reviewapp.study.figures.forest_figure import ForestRow, draw_forest
from reviewapp.study.figures.mark_figure import draw_marks
from reviewapp.study.figures.reader_figures import draw_agreement, draw_learning, draw_times
from reviewapp.study.figures.roc_figure import draw_roc
from reviewapp.study.figures.theme import PAPER, FigureTheme
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.statistics.response_times import TimeSummary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: dots per inch of the PNG files
DPI = 150
_PARTS: tuple[tuple[GroupKind, str], ...] = (
    ("dataset", "Data set"),
    ("class", "Class"),
    ("role", "Readers by role"),
    ("specialty", "Readers by specialty"),
    ("experience", "Readers by experience"),
)


@dataclass(frozen=True, slots=True)
class FigureSpec:
    """A figure that can be drawn in any theme; ``name`` is its file's stem."""

    name: str
    title: str
    caption: str
    draw: Callable[[FigureTheme], Figure]


def figures(analysis: StudyAnalysis) -> tuple[FigureSpec, ...]:
    """Every figure that has something to show; none of a blinded study."""
    results = analysis.results
    if results is None or results.n_ratings == 0:
        return ()
    return (
        *_roc(results),
        *_rates(results),
        *_answers(results),
        *_readers(analysis, results),
        *_marks(results.marks),
    )


def svg_bytes(spec: FigureSpec, theme: FigureTheme = PAPER) -> bytes:
    """The figure as SVG, letters as outlines, so that it looks the same everywhere."""
    buffer = io.BytesIO()
    spec.draw(theme).savefig(buffer, format="svg", metadata={"Date": None, "Title": spec.title})
    return buffer.getvalue()


def png_bytes(spec: FigureSpec, theme: FigureTheme = PAPER, dpi: int = DPI) -> bytes:
    """The figure as PNG."""
    buffer = io.BytesIO()
    spec.draw(theme).savefig(buffer, format="png", dpi=dpi, metadata={"Title": spec.title})
    return buffer.getvalue()


def write_figures(
    specs: Iterable[FigureSpec],
    folder: Path,
    theme: FigureTheme = PAPER,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> list[Path]:
    """Write ``NAME.svg`` and ``NAME.png`` each; raises `engine.errors.DataError`, `Cancelled`."""
    chosen = tuple(specs)
    contents = {}
    for done, spec in enumerate(chosen):
        raise_if_cancelled(cancelled)
        progress(done, len(chosen), spec.title)
        contents[f"{spec.name}.svg"] = svg_bytes(spec, theme)
        contents[f"{spec.name}.png"] = png_bytes(spec, theme)
    return replace_together(folder, contents)


def _roc(results: StudyResults) -> Iterator[FigureSpec]:
    if not results.roc:
        return
    pooled, *rest = results.roc
    readers = [curve for curve in rest if curve.kind == "reader"]
    variants = [curve for curve in rest if curve.kind == "variant"]
    several = len(readers) > 1
    yield FigureSpec(
        "roc_readers",
        "How well the readers told generated from real",
        "ROC curves over the confidence scale: the further above the dashed line, the better. "
        + (
            "The thick curve pools all ratings; its area is the mean over readers, with an "
            "interval over readers and images."
            if several
            else ""
        ),
        partial(draw_roc, curves=readers, pooled=pooled if several else None),
    )
    if len(variants) > 1:
        yield FigureSpec(
            "roc_variants",
            "How well each variant's images were told from real ones",
            "ROC curves of all readers' pooled ratings; a curve near the dashed line means that "
            "the variant's images look real. Areas are means over readers.",
            partial(draw_roc, curves=variants, pooled=None),
        )


def _rates(results: StudyResults) -> Iterator[FigureSpec]:
    rows = [ForestRow("All generated images", results.overall.fool_rate)]
    variants = results.of_kind("variant")
    checkpoints = results.of_kind("checkpoint")
    rows += [ForestRow(g.name, g.performance.fool_rate) for g in variants]
    yield FigureSpec(
        "fool_rates",
        "How often generated images were taken for real",
        "Fool rate with 95 % interval, all together and by variant. An open point has no interval.",
        lambda theme: draw_forest(
            theme, rows, "Generated images taken for real", colour=theme.generated
        ),
    )
    if len(checkpoints) > len(variants):
        yield FigureSpec(
            "fool_rates_checkpoints",
            "How often each checkpoint's images were taken for real",
            "Fool rate with 95 % interval, by training run and step.",
            lambda theme: draw_forest(
                theme,
                [ForestRow(g.name, g.performance.fool_rate, minor=True) for g in checkpoints],
                "Generated images taken for real",
                colour=theme.generated,
            ),
        )
    parts = [ForestRow("All", results.overall.accuracy.value)]
    for kind, heading in _PARTS:
        groups = results.of_kind(kind)
        if len(groups) > 1:
            parts.append(ForestRow(heading))
            parts += _accuracy_rows(groups)
    if len(parts) > 1:
        yield _accuracy("accuracy", "How often readers were right, by images and by readers", parts)
    if len(results.readers) > 1:
        yield _accuracy(
            "accuracy_readers", "How often each reader was right", _accuracy_rows(results.readers)
        )


def _accuracy_rows(groups: Iterable[GroupPerformance]) -> list[ForestRow]:
    return [ForestRow(g.name, g.performance.accuracy.value, minor=True) for g in groups]


def _accuracy(name: str, title: str, rows: Sequence[ForestRow]) -> FigureSpec:
    return FigureSpec(
        name,
        title,
        "Share of right answers with 95 % interval; 50 % is guessing.",
        lambda theme: draw_forest(
            theme, rows, "Right answers", colour=theme.accent, half="guessing"
        ),
    )


def _answers(results: StudyResults) -> Iterator[FigureSpec]:
    yield FigureSpec(
        "confusion",
        "Answers by truth",
        "All readers' ratings; shares are of the row.",
        partial(draw_confusion, counts=results.overall.counts, paired=results.paired),
    )
    if not isinstance(results.confidence, NotEstimable):
        yield FigureSpec(
            "confidence",
            "How sure the readers were",
            "Share of the ratings of generated and of real images that got each degree of "
            "confidence. The more alike the bars, the less the images can be told apart.",
            partial(draw_confidence, histogram=results.confidence),
        )


def _readers(analysis: StudyAnalysis, results: StudyResults) -> Iterator[FigureSpec]:
    matrix = results.agreement.matrix
    if not isinstance(matrix, NotEstimable):
        yield FigureSpec(
            "agreement",
            "How far the readers agree",
            "Cohen's κ of what each pair of readers called generated.",
            partial(draw_agreement, matrix=matrix),
        )
    medians = {
        reader.reader_id: reader.times.median_ms
        for reader in analysis.progress.readers
        if isinstance(reader.times, TimeSummary)
    }
    readers = [
        (group.name, medians[group.name], accuracy.value)
        for group in results.readers
        if group.name in medians
        and isinstance(accuracy := group.performance.accuracy.value, Estimate)
    ]
    yield FigureSpec(
        "response_times",
        "Response time against correctness",
        "Left: the middle half of the response times, with the median. Right: one point a reader.",
        partial(draw_times, times=results.times, readers=readers),
    )
    if len(results.learning.bins) > 1:
        yield FigureSpec(
            "learning",
            "Do readers improve while they read?",
            "Share of right answers along the session, with 95 % intervals; no feedback was given.",
            partial(draw_learning, learning=results.learning),
        )


def _marks(marks: Marks) -> Iterator[FigureSpec]:
    means = {mean.dataset: mean for mean in marks.mean_images}
    for dataset, source in dict.fromkeys((m.dataset, m.source) for m in marks.maps):
        own = [m for m in marks.maps if (m.dataset, m.source) == (dataset, source)]
        mean = means.get(dataset)
        ground = "" if mean is None else f" The ground is the mean of {mean.n_images} shown images."
        yield FigureSpec(
            f"marks_{re.sub(r'[^A-Za-z0-9]+', '_', dataset)}_{source}",
            f"Where readers marked {source} images of {dataset}",
            f"Marked regions by reason: how many, and how many cover the densest place.{ground}",
            partial(draw_marks, maps=own, mean=mean),
        )
