"""Rows, table, curves and words of the Train page, without a queue."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.feedback.snapshot import FeedbackRating
from engine.training.config import TrainConfig
from engine.training.events import Progress, RunState
from reviewapp.training.loss_history import LossHistory
from reviewapp.training.rating_counts import RatingCounts
from reviewapp.training.run_model import ROW_ROLE, SPEED, STATE, STEPS, TIME_LEFT, RunModel
from reviewapp.training.run_row import RunRow
from reviewapp.training.run_words import duration_text, loss_title, speed_text
from reviewapp.training.sample_grid import latest_sample_file, mosaic, to_qimage

Configs = Callable[..., TrainConfig]


def row(config: TrainConfig, run_id: str = "run", state: RunState = "running") -> RunRow:
    return RunRow(run_id, config, state, "", 5, "2026-03-01T10:00:00+00:00")


def text(model: RunModel, number: int, column: int) -> str:
    return model.index(number, column).data(Qt.ItemDataRole.DisplayRole)


@pytest.mark.parametrize(
    ("state", "pause", "resume", "cancel"),
    [
        ("queued", False, False, True),
        ("running", True, False, True),
        ("paused", False, True, True),
        ("interrupted", False, True, False),
        ("cancelled", False, True, False),
        ("failed", False, True, False),
        ("finished", False, False, False),
    ],
)
def test_what_can_be_done_with_a_run_follows_from_its_state(
    tiny_config: Configs, state: RunState, pause: bool, resume: bool, cancel: bool
) -> None:
    run = row(tiny_config(), state=state)
    assert (run.can_pause, run.can_resume, run.can_cancel) == (pause, resume, cancel)


def test_images_can_be_drawn_from_the_first_checkpoint_on(tiny_config: Configs) -> None:
    run = row(tiny_config())
    assert not run.can_generate
    assert run.with_checkpoint(10).can_generate


def test_queued_runs_tell_their_turn_though_the_newest_is_listed_first(
    qtbot: QtBot, tiny_config: Configs
) -> None:
    model = RunModel()
    queued = [row(tiny_config(), run_id, "queued") for run_id in ("third", "second", "first")]
    model.set_rows(queued)
    turns = [text(model, number, STATE) for number in range(3)]
    assert turns == [
        "Waiting its turn, 2 before it",
        "Waiting its turn, 1 before it",
        "Waiting its turn",
    ]
    with qtbot.waitSignal(model.dataChanged):
        model.update_row(queued[2].in_state("running", ""))
    assert text(model, 0, STATE) == "Waiting its turn, 1 before it"


def test_a_column_in_which_no_run_says_anything_is_known(tiny_config: Configs) -> None:
    model = RunModel()
    run = row(tiny_config(steps=2000), "a")
    model.set_rows([run])
    assert not model.says_anything(SPEED)
    assert model.says_anything(STATE)
    model.update_row(run.progressed(Progress("a", 1000, 2000, 25.4, 250.0, 1.0)))
    assert model.says_anything(SPEED)


def test_the_table_shows_progress_and_forgets_speed_when_a_run_ends(
    qtmodeltester: ModelTester, tiny_config: Configs
) -> None:
    model = RunModel()
    first, second = row(tiny_config(steps=2000), "a"), row(tiny_config(), "b", "interrupted")
    model.set_rows([first, second])
    qtmodeltester.check(model)
    model.update_row(first.progressed(Progress("a", 1000, 2000, 25.4, 250.0, 1.0)))
    assert [text(model, 0, column) for column in (STATE, STEPS, SPEED, TIME_LEFT)] == [
        "Training",
        "1,000 / 2,000",
        "25",
        "5 min",
    ]
    assert text(model, 1, STATE) == "Interrupted"
    model.update_row(model.rows()[0].in_state("finished", ""))
    assert [text(model, 0, column) for column in (STATE, STEPS, SPEED, TIME_LEFT)] == [
        "Finished",
        "2,000 / 2,000",
        "",
        "",
    ]


def test_an_unchanged_row_is_not_painted_again(qtbot: QtBot, tiny_config: Configs) -> None:
    model = RunModel()
    model.set_rows([row(tiny_config())])
    changes: list[object] = []
    model.dataChanged.connect(lambda *_: changes.append(1))
    model.modelReset.connect(lambda: changes.append(1))
    model.set_rows([row(tiny_config())])
    assert changes == []
    model.set_rows([row(tiny_config(), state="paused")])
    assert changes == [1]
    assert model.index(0, 0).data(ROW_ROLE).state == "paused"


def test_a_failed_run_tells_its_reason_in_the_tool_tip(tiny_config: Configs) -> None:
    model = RunModel()
    model.set_rows([row(tiny_config()).in_state("failed", "The loss is no longer a number.")])
    tip = model.index(0, STATE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "The loss is no longer a number."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (59, "59 s"),
        (61, "2 min"),
        (3600, "1 h 00 min"),
        (7500, "2 h 05 min"),
        (86_400 * 5, "5 days"),
        (math.inf, ""),
        (math.nan, ""),
    ],
)
def test_times_left_in_words(seconds: float, words: str) -> None:
    assert duration_text(seconds) == words


def test_speeds_and_loss_names() -> None:
    assert (speed_text(0.52), speed_text(9.96), speed_text(1234.5)) == ("0.5", "10.0", "1,234")
    assert loss_title("generator") == "Generator (L<sub>G</sub>)"
    assert loss_title("cycle_loss") == "Cycle loss"
    assert "<" not in loss_title("<img src=x>"), "the legend takes HTML"


def test_live_points_follow_the_logged_ones_without_repeats() -> None:
    history = LossHistory()
    for step in (10, 20, 30):
        history.append(step, {"generator": step / 10})
    history.replace({"step": [10, 15, 20], "generator": [1.0, 1.5, 2.0]})
    steps, values = history.curve("generator")
    assert steps.tolist() == [10, 15, 20, 30]
    assert values.tolist() == [1.0, 1.5, 2.0, 3.0]


def test_a_resumed_run_overwrites_the_steps_it_repeats() -> None:
    history = LossHistory()
    for step in (10, 20, 30):
        history.append(step, {"generator": 1.0})
    history.append(15, {"generator": 5.0})
    steps, values = history.curve("generator")
    assert (steps.tolist(), values.tolist()) == ([10, 15], [1.0, 5.0])


@given(n_points=st.integers(1, 500), limit=st.integers(2, 40))
def test_a_history_stays_bounded_ordered_and_keeps_its_newest_point(
    n_points: int, limit: int
) -> None:
    history = LossHistory(max_points=limit)
    for step in range(1, n_points + 1):
        history.append(step, {"discriminator": -step, "generator": step})
    steps, values = history.curve("generator")
    assert len(history) <= limit
    assert np.all(np.diff(steps) > 0)
    assert steps[-1] == n_points
    assert np.array_equal(steps, values)


def test_a_mosaic_puts_images_in_rows_and_fills_with_black() -> None:
    images = np.arange(1, 6, dtype=np.uint8)[:, None, None] * np.ones((1, 2, 3), np.uint8)
    assert mosaic(images)[::2, ::3].tolist() == [[1, 2, 3], [4, 5, 0]]
    colour = np.zeros((2, 4, 4, 3), np.uint8)
    colour[1] = (10, 20, 30)
    picture = to_qimage(mosaic(colour))
    assert (picture.width(), picture.height()) == (8, 4)
    assert picture.pixelColor(7, 3).getRgb()[:3] == (10, 20, 30)


def test_the_newest_saved_grid_is_found(tmp_path: Path) -> None:
    assert latest_sample_file(tmp_path) is None
    for name in ("step-00000100.png", "step-00000020.png", "notes.png"):
        (tmp_path / name).write_bytes(b"")
    assert latest_sample_file(tmp_path) == (tmp_path / "step-00000100.png", 100)


def test_ratings_are_counted_by_image_as_the_engine_weighs_them() -> None:
    def rating(source: str, number: int, confidence: int, reader: str = "R1") -> FeedbackRating:
        return FeedbackRating(
            record_id=f"{source}/{number}",
            key="0" * 64,
            source=source,
            confidence=confidence,
            reader_id=reader,
            study_id="S",
        )

    counts = RatingCounts.of(
        [
            rating("generated", 1, 1),
            rating("generated", 1, 5, "R2"),
            rating("generated", 2, 3),
            rating("generated", 2, 4, "R2"),
            rating("real", 1, 2),
            rating("real", 2, 6),
            rating("real", 3, 1).model_copy(update={"held_out": True}),
        ]
    )
    assert counts == RatingCounts(
        ratings=6,
        held_out=1,
        readers=2,
        generated_recognised=1,
        generated_fooling=1,
        real_doubted=1,
        real_recognised=1,
    )
    assert counts.blinded_text() == (
        "6 ratings by 2 readers; 1 more judges the round and never trains"
    )
    assert "1 generated image passed for real – left out, never used as real" in counts.text()
