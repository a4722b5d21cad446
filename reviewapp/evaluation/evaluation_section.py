"""What the Evaluate page shows, as data: checkpoints, the answer for each metric, a scatter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from engine.evaluation.evaluation_record import Evaluation, list_evaluations
from engine.workspace import Workspace
from reviewapp.browse.image_words import dataset_title
from reviewapp.results.section import Picture, Remark, Section, WordTable
from reviewapp.study.analysis.checkpoint_fool_rates import (
    CheckpointFoolRate,
    CheckpointKey,
    checkpoint_fool_rates,
)
from reviewapp.study.analysis.metric_agreement import MetricAgreement, metric_agreements
from reviewapp.study.analysis.table import RESULT_COLUMNS, Table, result_cells
from reviewapp.study.data_dictionary import Column
from reviewapp.study.figures.agreement_figure import draw_agreement_scatter
from reviewapp.study.figures.catalogue import FigureSpec
from reviewapp.study.parquet_table import Cell
from reviewapp.study.statistics.estimate import Estimate, NotEstimable
from reviewapp.study.store import StudyStore

#: what the table of checkpoints shows of each; its CSV holds all
_SHOWN = ("frechet_distance", "kernel_distance", "precision", "recall", "diversity", "memorisation")
_HEADS = ("Fréchet", "Kernel", "Precision", "Recall", "Diversity", "Copies")


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """Evaluations with the fool rates of the same checkpoints, and each metric's agreement."""

    evaluations: tuple[Evaluation, ...]
    rates: dict[CheckpointKey, CheckpointFoolRate]
    agreements: tuple[MetricAgreement, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing was evaluated yet."""
        return not self.evaluations


def view_evaluations(workspace: Workspace, store: StudyStore) -> EvaluationView:
    """Read evaluations and ratings and compare them; for background threads."""
    evaluations = list_evaluations(workspace)
    rates = checkpoint_fool_rates(store)
    return EvaluationView(tuple(evaluations), rates, tuple(metric_agreements(evaluations, rates)))


def metric_title(agreement: MetricAgreement, several_datasets: bool) -> str:
    """A metric as a list shows it."""
    if not several_datasets:
        return agreement.label
    return f"{agreement.label} · {dataset_title(agreement.dataset)}"


def section(view: EvaluationView, chosen: int) -> Section:
    """Tables and the scatter plot of the metric at place ``chosen`` of the agreements."""
    agreement = view.agreements[chosen] if view.agreements else None
    blocks = [_checkpoints(view)]
    if agreement is None:
        return Section("Evaluate", tuple(blocks))
    return Section(
        "Evaluate",
        (
            Remark("Does the metric agree with the doctor?", _answer(agreement)),
            _picture(agreement),
            _agreement_table(view.agreements),
            *blocks,
        ),
    )


def _answer(agreement: MetricAgreement) -> str:
    found = agreement.correlation
    if isinstance(found, NotEstimable):
        return f"{agreement.label}: {agreement.sentence}"
    rho, interval = _rho_words(agreement)
    within = "" if interval == "–" else f" (95 % interval {interval})"
    return (
        f"{agreement.label}: {agreement.sentence} Rank correlation with the fool rate "
        f"{rho}{within}, p = {found.p_value:.3f}, {len(agreement.points)} checkpoints."
    )


def _rho_words(agreement: MetricAgreement) -> tuple[str, str]:
    """The correlation and its interval, dashes where there is none."""
    found = agreement.correlation
    if isinstance(found, NotEstimable):
        return "–", "–"
    if found.estimate.interval is None:
        return _signed(found.estimate.value), "–"
    lower, upper = found.estimate.interval
    return _signed(found.estimate.value), f"{_signed(lower)} to {_signed(upper)}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _picture(agreement: MetricAgreement) -> Picture:
    return Picture(
        FigureSpec(
            f"agreement_{agreement.name}",
            f"{agreement.label} and the readers",
            "One point for each checkpoint that was evaluated and rated, with the 95 % interval of "
            "its fool rate (Wilson; ratings of all readers and unblinded studies together).",
            partial(draw_agreement_scatter, agreement=agreement),
        )
    )


def _agreement_table(agreements: Sequence[MetricAgreement]) -> WordTable:
    several = len({a.dataset for a in agreements}) > 1
    rows = []
    for a in agreements:
        p = "–" if isinstance(a.correlation, NotEstimable) else f"{a.correlation.p_value:.3f}"
        rows.append((metric_title(a, several), a.verdict, str(len(a.points)), *_rho_words(a), p))
    return WordTable(
        "All metrics",
        ("Metric", "Agrees?", "Checkpoints", "Rank correlation", "95 % interval", "p"),
        tuple(rows),
        (
            "Spearman's rank correlation of metric and fool rate over checkpoints, with a "
            "permutation test. Checkpoints of one run resemble each other, and of many metrics "
            "some agree by chance: take a single small p as a hint.",
        ),
        _agreement_data(agreements),
    )


def _agreement_data(agreements: Sequence[MetricAgreement]) -> Table:
    columns = (
        Column("dataset", "text", "", "Data set that the checkpoints were trained on"),
        Column("metric", "text", "", "Name of the metric"),
        Column("label", "text", "", "Metric with its extractor"),
        Column("better", "text", "", "Which way is better; blank where neither is"),
        *RESULT_COLUMNS,
        Column("p_permutation", "number", "", "Two-sided permutation test of no relation"),
        Column("answer", "text", "", "Whether the metric agrees with the readers"),
    )
    rows: list[tuple[Cell, ...]] = []
    for a in agreements:
        found = a.correlation
        cells = result_cells(found if isinstance(found, NotEstimable) else found.estimate)
        p = None if isinstance(found, NotEstimable) else found.p_value
        rows.append((a.dataset, a.name, a.label, a.better or "", *cells, p, a.sentence))
    return Table(
        "metric_agreement", "Does each metric agree with the readers?", columns, tuple(rows)
    )


def _checkpoints(view: EvaluationView) -> WordTable:
    rows = []
    for each in view.evaluations:
        values = (each.metrics.get(name) for name in _SHOWN)
        shown = tuple("–" if m is None else f"{m.value:.3g}" for m in values)
        note = "restores images" if each.restores else ("" if each.complete else "unfinished")
        rows.append((each.run_id, f"{each.step:,}", _fool_rate(view, each), *shown, note))
    extractors = sorted({each.extractor for each in view.evaluations})
    return WordTable(
        "Checkpoints",
        ("Run", "Step", "Taken for real", *_HEADS, ""),
        tuple(rows),
        (
            f"Features by {', '.join(extractors)}. Lower is better for the Fréchet and the kernel "
            "distance; copies: 0.5 is none, 1 is all; higher is better for the rest.",
        ),
        _checkpoint_data(view),
    )


def _fool_rate(view: EvaluationView, each: Evaluation) -> str:
    found = view.rates.get((each.run_id, each.step))
    if found is None or not isinstance(rate := found.rate, Estimate):
        return "not rated"
    lower, upper = rate.interval or (rate.value, rate.value)
    return f"{100 * rate.value:.0f} % ({100 * lower:.0f}–{100 * upper:.0f} %) of {found.n}"


def _checkpoint_data(view: EvaluationView) -> Table:
    columns = (
        Column("run_id", "text", "", "Training run"),
        Column("step", "integer", "", "Training step of the checkpoint"),
        Column("variant", "text", "", "GAN variant"),
        Column("dataset", "text", "", "Data set"),
        Column("train_fraction", "number", "", "Part of the patients that was trained on"),
        Column("n_generated", "integer", "", "Images drawn"),
        Column("n_real", "integer", "", "Real images compared with"),
        Column("metric", "text", "", "Name of the metric"),
        Column("label", "text", "", "Metric with its extractor"),
        Column("metric_value", "number", "", "Value of the metric"),
        Column("metric_note", "text", "", "What must be known of the value"),
        Column("n_ratings", "integer", "", "Ratings of the checkpoint's images"),
        Column("n_readers", "integer", "", "Readers who rated them"),
        Column("fool_rate", "number", "", "Share of ratings that took them for real"),
        Column("fool_rate_lower", "number", "", "Lower end of its 95 % Wilson interval"),
        Column("fool_rate_upper", "number", "", "Upper end of its 95 % Wilson interval"),
    )
    rows: list[tuple[Cell, ...]] = []
    for each in view.evaluations:
        found = view.rates.get((each.run_id, each.step))
        rated: tuple[Cell, ...] = (None,) * 5
        if found is not None and isinstance(rate := found.rate, Estimate):
            rated = (found.n, found.n_readers, rate.value, *(rate.interval or (None, None)))
        head = (
            each.run_id, each.step, each.variant, each.dataset, each.train_fraction,
            each.config.n, each.n_real,
        )  # fmt: skip
        rows += [
            (*head, metric.name, metric.label, metric.value, metric.note, *rated)
            for metric in each.metrics.values()
        ]
    return Table("evaluations", "Metrics and fool rate of each checkpoint", columns, tuple(rows))
