"""What the Rounds page is made of, without widgets: files of runs, offers, pairs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.errors import CheckpointError
from engine.evaluation.evaluation_record import (
    Evaluation,
    EvaluationConfig,
    MetricRecord,
    evaluation_path,
    write_evaluation,
)
from engine.feedback.rounds import start_config
from engine.feedback.snapshot import FeedbackRating
from engine.gans.registry import variants
from engine.progress import ignore_progress, never_cancelled
from engine.training.config import FeedbackConfig, FeedbackMethod, TrainConfig
from engine.training.runs import RunSummary, create_run, read_summary, run_folder
from reviewapp.context import AppContext
from reviewapp.rounds.fool_rate_chart import FoolRateChart
from reviewapp.rounds.methods import METHODS, method_offers
from reviewapp.rounds.pair_images import PairImages, draw_pairs
from reviewapp.rounds.pair_view import PairView
from reviewapp.rounds.round_ratings import critic_text, judge_text
from reviewapp.rounds.run_measures import Judged, RunMeasures, read_run_measures
from reviewapp.rounds.timeline import COLUMNS, load_timeline
from reviewapp.study.feedback_rounds import begin_round
from reviewapp.study.statistics.proportions import wilson


def evaluation(run: RunSummary, step: int, distance: float) -> Evaluation:
    metric = MetricRecord(
        name="frechet_distance", label="FD (acdc-encoder)", value=distance, note="regularised"
    )
    return Evaluation(
        run_id=run.run_id,
        step=step,
        weights_sha256="0" * 64,
        variant="dcgan",
        dataset="acdc",
        size=32,
        extractor="acdc-encoder",
        config=EvaluationConfig(n=8),
        n_real=8,
        protocol="as drawn",
        metrics={metric.name: metric},
    )


@pytest.fixture
def run(training_context: AppContext, tiny_config: Callable[..., TrainConfig]) -> RunSummary:
    """A run that has not begun."""
    workspace = training_context.workspace
    return read_summary(workspace, create_run(workspace, tiny_config()))


def test_measures_come_from_the_newest_evaluation_that_can_be_read(
    training_context: AppContext, run: RunSummary
) -> None:
    workspace = training_context.workspace
    assert read_run_measures(workspace, run) == RunMeasures()
    for step, value in ((100, 9.5), (200, 7.25)):
        write_evaluation(workspace, evaluation(run, step, value))
    evaluation_path(workspace, run.run_id, 300).write_text('{"metrics": {', encoding="utf-8")
    measured = read_run_measures(workspace, run)
    assert measured.distance is not None
    assert (measured.distance.label, measured.distance.value) == ("FD (acdc-encoder)", 7.25)
    assert measured.diversity is None


def test_the_guards_warnings_and_the_judge_are_read(
    training_context: AppContext, run: RunSummary
) -> None:
    workspace = training_context.workspace
    folder = run_folder(workspace, run.run_id)
    rows = [(step, 1.0 if step < 400 else 0.1) for step in range(100, 800, 100)]
    folder.degradation.write_text(
        "step,trained,diversity\n" + "".join(f"{s},1,{d}\n" for s, d in rows), encoding="utf-8"
    )
    scores = [
        {"step": 0, "critic": 0.25, "critic_se": 0.01, "judge": 0.3, "judge_se": 0.01},
        {"step": 9, "critic": 0.5, "critic_se": 0.01, "judge": 0.2, "judge_se": 0.01},
    ]
    (folder.root / "feedback.json").write_text(json.dumps({"scores": scores}), encoding="utf-8")
    measured = read_run_measures(workspace, run)
    assert [found.name for found in measured.warnings] == ["collapse"]
    assert measured.judged == Judged((0.25, 0.5), (0.3, 0.2))
    begin_round(workspace, "acdc", run.run_id)
    (row,) = load_timeline(training_context.store, workspace)
    told = dict(zip(COLUMNS, row.cells(), strict=True))
    assert (told["Judge"], told["Warnings"]) == ("30 → 20 %", "collapse")
    # While the study that taught it is blinded, the judge would tell of its results.
    hidden = replace(row, taught_blinded=True)
    assert dict(zip(COLUMNS, hidden.cells(), strict=True))["Judge"] == "–"
    assert "30" not in "".join(hidden.explanations())


def ratings(n_real: int, n_recognised: int) -> list[FeedbackRating]:
    """Ratings of generated images that were taken for real, and of others that were not."""
    answers = [6] * n_real + [1] * n_recognised
    return [
        FeedbackRating(
            record_id=f"g{number}",
            key="0" * 64,
            source="generated",
            confidence=confidence,
            reader_id="R01",
            study_id="s",
        )
        for number, confidence in enumerate(answers)
    ]


def test_whether_a_critic_has_enough_to_learn_from() -> None:
    assert "there are 30, 10 and 20. Without them it would refuse" in critic_text(
        ratings(10, 20), blinded=False
    )
    assert "refuse where" not in critic_text(ratings(10, 20), blinded=False)
    assert "cross-validation" in critic_text(ratings(40, 40), blinded=False)
    held = [r.model_copy(update={"held_out": True}) for r in ratings(40, 40)]
    assert "there are 0, 0 and 0" in critic_text(held, blinded=False)
    blinded = critic_text(ratings(10, 20), blinded=True)
    assert "there are" not in blinded


@pytest.mark.parametrize(
    ("n_real", "n_recognised", "more"), [(20, 20, 80), (0, 0, 240), (58, 2, 110), (40, 40, 0)]
)
def test_how_many_more_ratings_a_judge_lacks(n_real: int, n_recognised: int, more: int) -> None:
    judged = [r.model_copy(update={"held_out": True}) for r in ratings(n_real, n_recognised)]
    told = judge_text(judged + ratings(50, 50), blinded=False)
    assert f"{n_real + n_recognised} are held out, {n_real} of them taken for real" in told
    assert (f"About {more} more ratings" in told) == (more > 0)
    assert ("next session" in told) == (more > 0)
    assert judge_text(judged, blinded=True) == judge_text([], blinded=True)


def test_every_way_of_feedback_has_words_and_is_offered_or_refused_with_a_reason() -> None:
    assert {words.method for words in METHODS} == set(get_args(FeedbackMethod))
    for name, variant in variants().items():
        for offer in method_offers(name):
            accepted = offer.words.method in variant.accepts_feedback
            assert accepted == (offer.refusal == "")
            if accepted:
                assert offer.weights, offer.words.method
                assert all(0 < weight.usual <= weight.largest for weight in offer.weights)
    weighed = {weight.field for words in METHODS for weight in words.weights}
    others = {"methods", "snapshot_sha256", "reward_every", "critic_steps"}
    assert set(FeedbackConfig.model_fields) - others == weighed


@pytest.fixture
def parent_and_child(
    training_context: AppContext, train_run: Callable[..., str]
) -> tuple[str, str]:
    """A run, and one that went on from it."""
    workspace = training_context.workspace
    parent = train_run()
    record = next(iter(training_context.store.images()))
    rating = FeedbackRating(
        record_id=record.record_id,
        key=record.key,
        source=record.source,
        confidence=1,
        reader_id="R01",
        study_id="s",
    )
    config = start_config(workspace, parent, [rating], steps=4)
    return parent, train_run(**config.model_dump())


def test_pairs_are_of_the_same_starting_points(
    training_context: AppContext, parent_and_child: tuple[str, str]
) -> None:
    workspace = training_context.workspace
    parent, child = parent_and_child
    pairs = draw_pairs(workspace, child, ignore_progress, never_cancelled)
    assert pairs is not None
    assert (pairs.parent_run_id, pairs.child_run_id) == (parent, child)
    assert pairs.parent.shape == pairs.child.shape == (16, 32, 32)
    assert pairs.parent.dtype == np.uint8
    # Four small steps change an image less than another starting point does.
    as_numbers = pairs.parent.astype(float), pairs.child.astype(float)
    same = np.abs(as_numbers[0] - as_numbers[1]).mean()
    other = np.abs(as_numbers[0] - np.roll(as_numbers[1], 1, axis=0)).mean()
    assert 0 < same < other
    assert draw_pairs(workspace, parent, ignore_progress, never_cancelled) is None


def test_a_parent_that_is_gone_is_told(
    training_context: AppContext, parent_and_child: tuple[str, str]
) -> None:
    workspace = training_context.workspace
    parent, child = parent_and_child
    for weights in Path(workspace.run_path(parent)).rglob("*.safetensors"):
        weights.unlink()
    with pytest.raises(CheckpointError):
        draw_pairs(workspace, child, ignore_progress, never_cancelled)


def test_a_pair_is_chosen_and_enlarged_by_keys_and_mouse(qtbot: QtBot) -> None:
    view = PairView()
    qtbot.addWidget(view)
    view.resize(460, 420)
    view.show()
    assert not view.grid.isVisible()
    images = np.arange(16 * 8 * 8, dtype=np.uint8).reshape(16, 8, 8)
    view.show_pairs(PairImages("parent", "child", images, images))
    grid = view.grid
    grid.setFocus()
    cells = [grid.cell(number) for number in range(grid.count)]
    assert all(grid.rect().contains(cell) for cell in cells)
    assert not any(a.intersects(b) for a in cells for b in cells if a is not b)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    assert grid.chosen == 1
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert grid.enlarged
    QTest.keyClick(grid, Qt.Key.Key_Left)
    QTest.keyClick(grid, Qt.Key.Key_Left)
    assert (grid.chosen, grid.enlarged) == (0, True)
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton)
    assert not grid.enlarged
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=cells[5].center())
    assert (grid.chosen, grid.enlarged) == (5, True)


def test_the_chart_tells_its_rates_to_a_screen_reader(qtbot: QtBot) -> None:
    chart = FoolRateChart()
    qtbot.addWidget(chart)
    rates = [(0, wilson(2, 10)), (2, wilson(5, 10))]
    chart.set_rates(rates, 2)
    assert "round 0: 20%, round 2: 50%" in chart.accessibleName()
    image = chart.grab().toImage()
    chart.set_rates([], None)
    assert "No round has been rated" in chart.accessibleName()
    assert chart.grab().toImage() != image
