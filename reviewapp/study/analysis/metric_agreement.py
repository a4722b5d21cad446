"""Does a metric agree with the readers? Its order of checkpoints against their fool rates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.evaluation.evaluation_record import Evaluation
from engine.evaluation.metric import Metric
from reviewapp.study.analysis.checkpoint_fool_rates import CheckpointFoolRate, CheckpointKey
from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.rank_correlation import RankCorrelation, rank_correlation

#: two-sided level at which agreement is taken as shown
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class AgreementPoint:
    """A checkpoint that was both evaluated and rated."""

    run_id: str
    step: int
    variant: str
    value: float
    fool_rate: CheckpointFoolRate


@dataclass(frozen=True, slots=True)
class MetricAgreement:
    """One metric on one data set; ``correlation`` is of the metric's value with the fool rate."""

    dataset: str
    name: str
    label: str
    better: str | None
    points: tuple[AgreementPoint, ...]
    correlation: RankCorrelation | NotEstimable

    @property
    def verdict(self) -> str:
        """`sentence` in a word or two."""
        found = self.correlation
        if isinstance(found, NotEstimable):
            return "not to be told yet"
        if found.p_value >= LEVEL:
            return "not shown"
        if self.better is None:
            return "related"
        return "yes" if (found.estimate.value > 0) == (self.better == "higher") else "the opposite"

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        found, n = self.correlation, len(self.points)
        if isinstance(found, NotEstimable):
            rated = {0: "No checkpoint has", 1: "One checkpoint has"}.get(
                n, f"{n} checkpoints have"
            )
            return f"Not to be told yet. {rated} both ratings and this metric. {found.reason}"
        if found.p_value >= LEVEL:
            return (
                f"Not shown. The orders of {n} checkpoints by metric and by readers are no more "
                "alike than chance makes them."
            )
        rises = found.estimate.value > 0
        if self.better is None:
            way = "more" if rises else "less"
            return f"The higher it is, the {way} often readers took the images for real."
        if rises == (self.better == "higher"):
            return "Yes: checkpoints that it calls better also fooled the readers more often."
        return "No, the opposite: checkpoints that it calls better fooled the readers less often."


def metric_agreements(
    evaluations: Iterable[Evaluation], rates: dict[CheckpointKey, CheckpointFoolRate]
) -> list[MetricAgreement]:
    """Every metric, by data set and in the order the evaluations hold them.

    Values are compared on one data set and under one label only. Restored images are left out:
    their metrics measure restoration.
    """
    points: dict[tuple[str, str, str], list[AgreementPoint]] = {}
    metrics: dict[tuple[str, str, str], Metric] = {}
    for each in evaluations:
        if each.restores:
            continue
        rate = rates.get((each.run_id, each.step))
        for metric in each.metrics.values():
            key = (each.dataset, metric.name, metric.label)
            metrics.setdefault(key, Metric(metric.name, metric.label, 0.0, metric.better))
            own = points.setdefault(key, [])
            if rate is not None:
                own.append(AgreementPoint(each.run_id, each.step, each.variant, metric.value, rate))
    return [
        MetricAgreement(
            dataset=key[0],
            name=metric.name,
            label=metric.label,
            better=metric.better,
            points=tuple(points[key]),
            correlation=rank_correlation(
                [point.value for point in points[key]],
                [point.fool_rate.fooled / point.fool_rate.n for point in points[key]],
            ),
        )
        for key, metric in metrics.items()
    ]
