"""The guard's tab of the Train page: values, warnings in plain words, and the way to a reader."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import get_args

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.degradation.config import GuardConfig, WarningName
from engine.degradation.measurement import Measurement
from engine.generation import generate_batch
from engine.training.config import TrainConfig
from engine.training.events import DegradationMeasured
from engine.training.metrics_file import MetricsFile
from engine.training.runs import run_folder
from reviewapp.context import AppContext
from reviewapp.rating.page import RatingPage
from reviewapp.training.guard_history import GuardHistory
from reviewapp.training.guard_view import GuardView
from reviewapp.training.guard_words import GROUPS, WARNING_WORDS, cost_text, value_title
from reviewapp.training.page import TrainingPage
from reviewapp.training.specialist_dialog import SpecialistDialog
from reviewapp.training.specialist_look import SpecialistLook

TIMEOUT_MS = 30_000
Configs = Callable[..., TrainConfig]
CONFIG = GuardConfig(every=10)
PASSPHRASE = "open sesame"


def history(diversities: list[float]) -> GuardHistory:
    made = GuardHistory(CONFIG)
    for number, diversity in enumerate(diversities):
        row = Measurement(10 * (number + 1), cost=0.04, diversity=diversity, eigenvalue_d=-3.0)
        made.append(row.step, row.values())
    return made


@pytest.fixture
def page(qtbot: QtBot, training_context: AppContext) -> Iterator[TrainingPage]:
    page = TrainingPage(training_context)
    page.resize(1200, 800)
    qtbot.addWidget(page)
    page.show()
    page.activate()
    yield page
    page.close_page()


# Words ------------------------------------------------------------------------------------------


def test_every_value_and_every_warning_has_words() -> None:
    measured = set(Measurement(1).values()) - {"seconds", "cost", "trained", "memorisation_p"}
    assert {name for group in GROUPS for name in group.names} == measured
    assert set(WARNING_WORDS) == set(get_args(WarningName))
    assert value_title("frechet_distance", "acdc") == "FD (acdc-encoder)"
    assert all(value_title(name, "acdc") for name in measured)


def test_the_cost_is_told_once_it_is_known() -> None:
    assert cost_text(math.nan, 250) == (
        "The guard looks every 250 steps, or less often to stay cheap."
    )
    assert cost_text(0.0423, 250) == "The guard has taken 4.2 % of the training time."


# History ----------------------------------------------------------------------------------------


def test_a_fall_of_diversity_is_warned_of_and_stays_in_the_list_when_it_is_over() -> None:
    looks = history([0.8] * 5 + [0.1] * 3)
    assert [each.name for each in looks.standing] == ["collapse"]
    assert [each.step for each in looks.warnings] == [70]
    for step in (90, 100, 110):
        looks.append(step, Measurement(step, diversity=0.8).values())
    assert looks.standing == ()
    assert [each.step for each in looks.warnings] == [70]


def test_a_resumed_run_replaces_the_looks_that_it_repeats() -> None:
    looks = history([0.8] * 5 + [0.1] * 3)
    looks.append(60, Measurement(60, diversity=0.7).values())
    assert [row.step for row in looks.rows] == [10, 20, 30, 40, 50, 60]
    assert looks.warnings == []


def test_curves_hold_sizes_and_only_values_that_there_are() -> None:
    looks = history([0.8, 0.7])
    assert looks.curves(("diversity", "recall")).names == ["diversity"]
    assert looks.curves(("eigenvalue_d",)).curve("eigenvalue_d")[1].tolist() == [3.0, 3.0]
    assert len(looks.curves(("recall",))) == 0


def test_looks_that_came_while_the_file_was_read_are_added(
    training_context: AppContext, train_run: Callable[..., str]
) -> None:
    run_id = train_run()
    workspace = training_context.workspace
    file = MetricsFile(run_folder(workspace, run_id).degradation)
    for row in history([0.8, 0.7]).rows:
        file.add(row.step, row.values())
    file.flush()
    live = GuardHistory(CONFIG)
    for step in (20, 30):
        live.append(step, Measurement(step, diversity=0.6).values())
    read = live.judged(workspace, run_id)
    read.go_on_with(live)
    assert [row.step for row in read.rows] == [10, 20, 30]
    assert [row.diversity for row in read.rows] == [0.8, 0.7, 0.6]


def test_a_run_without_guard_keeps_nothing() -> None:
    looks = GuardHistory(None)
    looks.append(10, Measurement(10).values())
    assert not looks.is_watched
    assert looks.rows == []
    assert math.isnan(looks.cost)


# The view ---------------------------------------------------------------------------------------


def test_warnings_say_what_to_do_and_since_when(qtbot: QtBot, context: AppContext) -> None:
    view = GuardView(context.tasks)
    qtbot.addWidget(view)
    view.resize(500, 500)
    view.show()
    view.show_run(history([0.8] * 5 + [0.1] * 3), "acdc", can_ask=True)
    (text,) = view.warning_texts()
    words = WARNING_WORDS["collapse"]
    for part in (words.title, "since step 70", words.advice):
        assert part in text
    assert view.specialist_button.isEnabled()
    assert "4.0 %" in view.cost_label.text()
    qtbot.waitUntil(
        lambda: view.curves.curve_titles() == ["diversity (real images: 1)"], timeout=TIMEOUT_MS
    )
    view.group_box.setCurrentText("Curvature of the losses")
    assert view.curves.curve_titles() == ["discriminator"]
    assert view.curves.drawn_values("eigenvalue_d") == [3.0] * 8
    view.show_run(GuardHistory(None), "acdc", can_ask=False)
    assert view.warning_texts() == []
    assert view.cost_label.text() == "This run is not watched for degradation."
    assert not view.specialist_button.isEnabled()


def test_scores_of_a_blinded_study_are_not_shown(qtbot: QtBot, context: AppContext) -> None:
    view = GuardView(context.tasks)
    qtbot.addWidget(view)

    def groups() -> list[str]:
        return [view.group_box.itemText(i) for i in range(view.group_box.count())]

    view.show_run(history([0.8]), "acdc", can_ask=True, blinded=True)
    assert "Critic and judge" not in groups()
    view.show_run(history([0.8]), "acdc", can_ask=True)
    assert "Critic and judge" in groups()


# The page ---------------------------------------------------------------------------------------


def test_a_watched_run_is_followed_live_and_read_again_from_its_folder(
    qtbot: QtBot, page: TrainingPage, training_context: AppContext, tiny_config: Configs
) -> None:
    guard = {"every": 5, "max_cost": None, "images": 16, "probe_images": 4, "power_iterations": 2}
    run_id = training_context.training.submit(tiny_config(steps=20, guard=guard))
    looks = lambda: [row.step for row in page.presenter.guard.rows]  # noqa: E731
    qtbot.waitUntil(lambda: looks() == [5, 10, 15, 20], timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: page.details.guard.specialist_button.isEnabled(), timeout=TIMEOUT_MS)
    assert "% of the training time" in page.details.guard.cost_label.text()
    again = TrainingPage(training_context)
    qtbot.addWidget(again)
    again.select_run(run_id)
    qtbot.waitUntil(lambda: len(again.presenter.guard.rows) == 4, timeout=TIMEOUT_MS)
    again.close_page()


def test_a_warning_is_told_above_the_curves_and_leads_to_the_tab(
    qtbot: QtBot, page: TrainingPage, training_context: AppContext, tiny_config: Configs
) -> None:
    run_id = training_context.training.submit(tiny_config(steps=4, guard={"every": 1000}))
    qtbot.waitUntil(
        lambda: page.presenter.selected is not None and page.presenter.selected.state == "finished",
        timeout=TIMEOUT_MS,
    )
    qtbot.waitUntil(lambda: page.presenter.guard.is_watched, timeout=TIMEOUT_MS)
    for row in history([0.8] * 5 + [0.1] * 3).rows:
        training_context.training.receive(DegradationMeasured(run_id, row.step, row.values()))
    message = page.details.message
    qtbot.waitUntil(lambda: message.isVisible(), timeout=TIMEOUT_MS)
    assert WARNING_WORDS["collapse"].title in message.text
    assert page.details.tabs.tabText(1) == "Guard (1)"
    qtbot.mouseClick(message.action_button, Qt.MouseButton.LeftButton)
    assert page.details.guard.isVisible()


# The specialist ---------------------------------------------------------------------------------


def test_the_dialog_takes_a_free_name_and_a_passphrase_typed_twice(qtbot: QtBot) -> None:
    dialog = SpecialistDialog("run", "acdc", 1200, frozenset({"Look at step 1,200"}))
    qtbot.addWidget(dialog)
    assert dialog.name_edit.text() == "Look at step 1,200 (2)"
    assert not dialog.make_button.isEnabled()
    dialog.passphrase_edit.setText("short")
    assert "8 characters" in dialog.problem_label.text()
    dialog.passphrase_edit.setText(PASSPHRASE)
    assert "differ" in dialog.problem_label.text()
    dialog.again_edit.setText(PASSPHRASE)
    assert dialog.make_button.isEnabled()
    dialog.name_edit.setText("Look at step 1,200")
    assert not dialog.make_button.isEnabled()
    dialog.name_edit.setText("My look")
    dialog.count_box.setValue(7)
    assert dialog.look() == SpecialistLook("run", "acdc", 1200, 7, "My look", PASSPHRASE)


def test_a_sealed_session_of_the_checkpoint_stands_ready_on_the_rate_page(
    qtbot: QtBot,
    page: TrainingPage,
    training_context: AppContext,
    train_run: Callable[..., str],
) -> None:
    run_id = train_run(steps=20)
    store = training_context.store
    # Images of an earlier checkpoint are not what is suspicious.
    generate_batch(training_context.workspace, run_id, 6, seed=5, checkpoint_step=10)
    store.sync_library()
    rating = RatingPage(training_context)
    qtbot.addWidget(rating)
    shown: list[str] = []
    training_context.show_page.connect(shown.append)
    training_context.show_page.connect(lambda _: rating.activate())
    page.presenter.refresh()
    page.select_run(run_id)
    page.ask_specialist(SpecialistLook(run_id, "acdc", 20, 5, "Look", PASSPHRASE))
    qtbot.waitUntil(lambda: shown == ["rating"], timeout=TIMEOUT_MS)
    line = rating.overview.selected()
    assert line is not None
    assert line.study.name == "Look"
    assert line.study.blinded
    assert line.can_be_read
    assert rating.overview.start_button.isEnabled()
    assert training_context.wanted_study == ""
    store.unblind(line.study.study_id, PASSPHRASE)
    truths = store.truth(line.study.study_id).values()
    steps = [truth.checkpoint_step for truth in truths if truth.source == "generated"]
    assert steps == [20] * 5
    assert len(truths) == 10
    rating.close_page()


def test_a_reader_is_not_torn_out_of_another_session(
    qtbot: QtBot,
    page: TrainingPage,
    training_context: AppContext,
    train_run: Callable[..., str],
) -> None:
    run_id = train_run()
    shown: list[str] = []
    training_context.show_page.connect(shown.append)
    training_context.focus_mode.emit(True)
    page.ask_specialist(SpecialistLook(run_id, "acdc", 10, 5, "Look", PASSPHRASE))
    qtbot.waitUntil(lambda: "ready on the Rate page" in page.messages.text, timeout=TIMEOUT_MS)
    assert shown == []


def test_a_checkpoint_that_is_gone_is_told_on_the_page(
    qtbot: QtBot, page: TrainingPage, train_run: Callable[..., str]
) -> None:
    run_id = train_run()
    page.presenter.refresh()
    page.select_run(run_id)
    page.ask_specialist(SpecialistLook(run_id, "acdc", 9999, 5, "Look", PASSPHRASE))
    qtbot.waitUntil(lambda: "no checkpoint at step 9999" in page.messages.text, timeout=TIMEOUT_MS)
    assert page.context.store.studies() == []
