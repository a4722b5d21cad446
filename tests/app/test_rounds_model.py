"""What the Rounds page is made of, without widgets: files of runs, offers, pairs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.errors import CheckpointError
from engine.feedback.rounds import start_config
from engine.feedback.snapshot import FeedbackRating
from engine.gans.registry import variants
from engine.progress import ignore_progress, never_cancelled
from engine.training.config import FeedbackConfig, FeedbackMethod
from engine.workspace import Workspace
from reviewapp.context import AppContext
from reviewapp.rounds.fool_rate_chart import FoolRateChart
from reviewapp.rounds.methods import METHODS, method_offers
from reviewapp.rounds.pair_images import PairImages, draw_pairs
from reviewapp.rounds.pair_view import PairView
from reviewapp.rounds.run_measures import Measured, read_run_measures
from reviewapp.study.statistics.proportions import wilson


def test_measures_come_from_the_newest_evaluation_that_can_be_read(workspace: Workspace) -> None:
    folder = workspace.run_path("run-1")
    (folder / "evaluations").mkdir(parents=True)
    assert read_run_measures(workspace, "run-1").distance is None

    def write(step: int, content: str) -> None:
        path = folder / "evaluations" / f"step-{step:08d}.json"
        path.write_text(content, encoding="utf-8")

    label = "FD (acdc-encoder)"
    for step, value in ((100, 9.5), (200, 7.25)):
        metrics = {"frechet_distance": {"label": label, "value": value, "note": "regularised"}}
        write(step, json.dumps({"metrics": metrics}))
    write(300, '{"metrics": {"frechet')
    measured = read_run_measures(workspace, "run-1")
    assert measured.distance == Measured(label, 7.25, "regularised")
    assert measured.diversity is None
    write(400, json.dumps({"metrics": {"frechet_distance": {"value": "low"}}}))
    assert read_run_measures(workspace, "run-1").distance is None


def test_each_warning_is_named_once_in_the_order_they_came(workspace: Workspace) -> None:
    folder = workspace.run_path("run-1")
    folder.mkdir(parents=True)
    assert read_run_measures(workspace, "run-1").warnings == ()
    (folder / "degradation.csv").write_text(
        "step,warning\n10,\n20,collapse\n30,memorisation; collapse\n", encoding="utf-8"
    )
    assert read_run_measures(workspace, "run-1").warnings == ("collapse", "memorisation")


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
