"""Metrics beside fool rates: joined by checkpoint, in one data set, with an honest answer."""

from __future__ import annotations

import pytest

from engine.evaluation.evaluation_record import Evaluation, EvaluationConfig, MetricRecord
from reviewapp.study.analysis.checkpoint_fool_rates import CheckpointFoolRate
from reviewapp.study.analysis.metric_agreement import MetricAgreement, metric_agreements
from reviewapp.study.figures.agreement_figure import draw_agreement_scatter
from reviewapp.study.figures.theme import PAPER
from reviewapp.study.statistics.estimate import NotEstimable


def evaluation(run: str, value: float, **changes: object) -> Evaluation:
    metric = MetricRecord(name="frechet_distance", label="FD (e)", value=value, better="lower")
    fields: dict[str, object] = {
        "run_id": run, "step": 10, "weights_sha256": "0" * 64, "variant": "dcgan",
        "dataset": "acdc", "size": 32, "extractor": "e", "config": EvaluationConfig(),
        "n_real": 30, "protocol": "", "metrics": {metric.name: metric},
    }  # fmt: skip
    return Evaluation.model_validate(fields | changes)


def rates(*fooled: int) -> dict[tuple[str, int], CheckpointFoolRate]:
    return {(f"r{i}", 10): CheckpointFoolRate(k, 20, 2) for i, k in enumerate(fooled)}


def agreement(values: list[float], fooled: list[int]) -> MetricAgreement:
    evaluations = [evaluation(f"r{i}", value) for i, value in enumerate(values)]
    (found,) = metric_agreements(evaluations, rates(*fooled))
    return found


@pytest.mark.parametrize(
    ("values", "fooled", "answer", "verdict"),
    [
        ([1, 2, 3, 4, 5, 6], [18, 15, 12, 9, 6, 3], "Yes", "yes"),
        ([1, 2, 3, 4, 5, 6], [3, 6, 9, 12, 15, 18], "No, the opposite", "the opposite"),
        ([1, 2, 3, 4, 5, 6], [3, 18, 9, 12, 16, 4], "Not shown", "not shown"),
        (
            [1, 2, 3],
            [18, 15, 12],
            "Not to be told yet. 3 checkpoints have both",
            "not to be told yet",
        ),
    ],
)
def test_the_answer_is_plain(
    values: list[float], fooled: list[int], answer: str, verdict: str
) -> None:
    found = agreement(values, fooled)
    assert found.sentence.startswith(answer)
    assert found.verdict == verdict


def test_checkpoints_without_ratings_and_other_data_sets_do_not_count() -> None:
    evaluations = [
        *(evaluation(f"r{i}", float(i)) for i in range(3)),
        evaluation("unrated", 9.0),
        evaluation("r0", 2.0, dataset="idrid"),
        evaluation("r1", 2.0, restores=True),
    ]
    acdc, idrid = metric_agreements(evaluations, rates(1, 2, 3))
    assert [point.run_id for point in acdc.points] == ["r0", "r1", "r2"]
    assert [point.run_id for point in idrid.points] == ["r0"]
    assert isinstance(idrid.correlation, NotEstimable)


def test_the_scatter_shows_every_checkpoint_with_its_interval() -> None:
    figure = draw_agreement_scatter(PAPER, agreement([1, 2, 3, 4, 5], [18, 15, 12, 9, 0]))
    (axes,) = figure.axes
    assert axes.get_xlabel() == "FD (e) (lower is better)"
    assert [round(y, 2) for y in axes.lines[0].get_ydata()] == [0.9, 0.75, 0.6, 0.45, 0.0]
    empty = draw_agreement_scatter(PAPER, _nobody())
    assert "No checkpoint" in empty.axes[0].texts[0].get_text()


def _nobody() -> MetricAgreement:
    (found,) = metric_agreements([evaluation("r0", 1.0)], {})
    return found
