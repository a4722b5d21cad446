"""The Train page and its dialogs, driven by real events over a real queue."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from engine.gans.registry import variants
from engine.training.config import TrainConfig
from engine.training.runs import read_summary, run_folder
from reviewapp.browse.network_jobs import GenerateRequest
from reviewapp.context import AppContext
from reviewapp.tasks import TaskRunner
from reviewapp.training.loss_curves import LossCurves
from reviewapp.training.loss_history import LossHistory
from reviewapp.training.new_run_dialog import NewRunDialog
from reviewapp.training.page import TrainingPage

TIMEOUT_MS = 30_000
Configs = Callable[..., TrainConfig]


@pytest.fixture
def page(qtbot: QtBot, training_context: AppContext) -> Iterator[TrainingPage]:
    page = TrainingPage(training_context)
    page.resize(1100, 750)
    qtbot.addWidget(page)
    page.show()
    page.activate()
    yield page
    page.close_page()


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def state(page: TrainingPage) -> str:
    selected = page.presenter.selected
    return selected.state if selected is not None else ""


def trained_run(qtbot: QtBot, context: AppContext, config: TrainConfig) -> str:
    run_id = context.training.submit(config)
    wait_finished(qtbot, context, run_id)
    return run_id


def wait_finished(qtbot: QtBot, context: AppContext, run_id: str) -> None:
    qtbot.waitUntil(
        lambda: read_summary(context.workspace, run_id).state == "finished", timeout=TIMEOUT_MS
    )


# The page --------------------------------------------------------------------------------------


def test_an_empty_workspace_says_what_to_do(page: TrainingPage) -> None:
    assert page.empty.isVisible()
    assert not page.table.isVisible()
    assert not page.new_button.isVisible()


def test_a_run_is_watched_paused_resumed_and_cancelled(
    qtbot: QtBot, page: TrainingPage, training_context: AppContext, tiny_config: Configs
) -> None:
    run_id = training_context.training.submit(tiny_config(steps=100_000))
    qtbot.waitUntil(lambda: state(page) == "running", timeout=TIMEOUT_MS)
    curves, samples = page.details.curves, page.details.samples
    qtbot.waitUntil(lambda: len(curves.curve_titles()) == 2, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: (samples.step or 0) >= 10, timeout=TIMEOUT_MS)
    assert not page.resume_button.isEnabled()

    click(qtbot, page.pause_button)
    qtbot.waitUntil(lambda: state(page) == "paused", timeout=TIMEOUT_MS)
    assert not page.pause_button.isEnabled()
    click(qtbot, page.resume_button)
    qtbot.waitUntil(lambda: state(page) == "running", timeout=TIMEOUT_MS)
    click(qtbot, page.cancel_button)
    qtbot.waitUntil(lambda: state(page) == "cancelled", timeout=TIMEOUT_MS)
    assert page.presenter.selected is not None
    assert page.presenter.selected.run_id == run_id
    assert not page.cancel_button.isEnabled()


def test_curves_samples_and_settings_of_an_earlier_run_are_read_from_its_folder(
    qtbot: QtBot, training_context: AppContext, tiny_config: Configs
) -> None:
    run_id = trained_run(qtbot, training_context, tiny_config(steps=20))
    page = TrainingPage(training_context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: len(page.presenter.history) == 10, timeout=TIMEOUT_MS)
    assert page.presenter.history.curve("generator")[0].tolist() == list(range(2, 21, 2))
    assert page.details.samples.step == 20
    facts = page.details.facts_shown()
    assert facts["Run"] == run_id
    assert facts["Steps"] == "20, 4 images each"
    assert facts["Last saved"] == "step 20"
    assert facts["nz"] == "8"


def test_a_log_scale_leaves_values_up_to_zero_out(qtbot: QtBot) -> None:
    runner = TaskRunner()
    curves = LossCurves(runner)
    qtbot.addWidget(curves)
    curves.show()
    history = LossHistory()
    for step, value in ((1, -2.0), (2, 100.0)):
        history.append(step, {"likelihood": value})
    curves.show_history(history)
    qtbot.waitUntil(lambda: curves.drawn_values("likelihood") == [-2.0, 100.0], timeout=TIMEOUT_MS)
    click(qtbot, curves.log_box)
    assert curves.drawn_values("likelihood") == pytest.approx([math.nan, 2.0], nan_ok=True)
    runner.shutdown()


def test_the_first_losses_are_seen_before_there_is_a_line(qtbot: QtBot) -> None:
    runner = TaskRunner()
    curves = LossCurves(runner)
    qtbot.addWidget(curves)
    curves.resize(400, 300)
    curves.show()
    history = LossHistory()
    history.append(5, {"generator": 0.5})
    curves.show_history(history)
    qtbot.waitUntil(lambda: curves.drawn_values("generator") == [0.5], timeout=TIMEOUT_MS)
    assert curves.has_dots("generator")
    history.append(6, {"generator": 0.4})
    curves.show_history(history)
    assert curves.drawn_values("generator") == [0.5, 0.4]
    assert not curves.has_dots("generator")
    runner.shutdown()


def test_a_failed_run_says_why_on_the_page(
    qtbot: QtBot, page: TrainingPage, training_context: AppContext, tiny_config: Configs
) -> None:
    training_context.training.submit(tiny_config(dataset="missing"))
    qtbot.waitUntil(lambda: state(page) == "failed", timeout=TIMEOUT_MS)
    assert "missing" in page.details.message.text
    assert page.details.message.isVisible()


def test_a_run_whose_program_crashed_can_be_resumed(
    qtbot: QtBot, training_context: AppContext, tiny_config: Configs
) -> None:
    run_id = trained_run(qtbot, training_context, tiny_config(steps=10))
    folder = run_folder(training_context.workspace, run_id)
    crashed = folder.status.read_text(encoding="utf-8").replace("finished", "running")
    folder.status.write_text(crashed.replace('"process_started": ', '"process_started": 9'))
    page = TrainingPage(training_context)
    qtbot.addWidget(page)
    page.show()
    assert state(page) == "interrupted"
    assert "can be resumed" in page.details.message.text
    click(qtbot, page.resume_button)
    qtbot.waitUntil(lambda: state(page) == "finished", timeout=TIMEOUT_MS)


def test_images_are_drawn_into_the_library(
    qtbot: QtBot, training_context: AppContext, tiny_config: Configs
) -> None:
    run_id = trained_run(qtbot, training_context, tiny_config(steps=10))
    page = TrainingPage(training_context)
    qtbot.addWidget(page)
    page.show()
    assert page.generate_button.isEnabled()
    task = page.start_generating(GenerateRequest(run_id, 3, seed=7))
    assert not page.generate_button.isEnabled()
    with qtbot.waitSignal(training_context.library_changed, timeout=TIMEOUT_MS):
        pass
    assert task is not None
    assert training_context.store.facets()["run_id"] == [run_id]
    assert "3 images were generated" in page.messages.text
    assert page.generate_button.isEnabled()


# A new run -------------------------------------------------------------------------------------


def test_enter_alone_starts_a_run_with_the_defaults(
    qtbot: QtBot, page: TrainingPage, training_context: AppContext
) -> None:
    dialog = NewRunDialog(training_context, page)
    dialog.show()
    QTest.keyClick(dialog.start_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(dialog.run_ids), timeout=TIMEOUT_MS)
    (run_id,) = dialog.run_ids
    config = read_summary(training_context.workspace, run_id).config
    assert (config.variant, config.dataset, config.size, config.seed) == ("dcgan", "acdc", 64, 0)
    assert not dialog.isVisible()
    training_context.training.cancel(run_id)


def test_choices_become_the_runs_settings(
    qtbot: QtBot, page: TrainingPage, training_context: AppContext
) -> None:
    dialog = NewRunDialog(training_context, page)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.size_box.count() > 0, timeout=TIMEOUT_MS)
    dialog.variants.choose("upgan")
    dialog.size_box.setCurrentIndex(0)
    dialog.steps_spin.setValue(7)
    dialog.seed_spin.setValue(5)
    dialog.device_box.setCurrentIndex(dialog.device_box.findData("cpu"))
    (config,) = dialog.plan().configs()
    assert (config.variant, config.size, config.steps, config.seed, config.device) == (
        "upgan",
        32,
        7,
        5,
        "cpu",
    )
    dialog.reject()


def test_one_click_chooses_all_generators_and_the_queue_trains_them_in_turn(
    qtbot: QtBot, page: TrainingPage, training_context: AppContext
) -> None:
    dialog = NewRunDialog(training_context, page)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.size_box.count() > 0, timeout=TIMEOUT_MS)
    click(qtbot, dialog.variants.all_button)
    everything = list(variants())
    assert [choice.name for choice in dialog.variants.chosen()] == everything
    assert dialog.steps_spin.text() == "as each generator's preset says"
    assert dialog.start_button.text() == f"Start {len(everything)} runs"
    dialog.size_box.setCurrentIndex(0)
    dialog.steps_spin.setValue(1)
    click(qtbot, dialog.start_button)
    assert len(dialog.run_ids) == len(everything)
    for run_id in dialog.run_ids:
        qtbot.waitUntil(
            lambda run_id=run_id: (
                read_summary(training_context.workspace, run_id).state  # type: ignore[misc]
                == "finished"
            ),
            timeout=TIMEOUT_MS,
        )
    trained = {row.config.variant: row for row in page.presenter.model.rows()}
    qtbot.waitUntil(
        lambda: all(row.losses for row in page.presenter.model.rows()), timeout=TIMEOUT_MS
    )
    assert sorted(trained) == everything


def test_no_generator_ticked_cannot_be_started(qtbot: QtBot, training_context: AppContext) -> None:
    dialog = NewRunDialog(training_context)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.size_box.count() > 0, timeout=TIMEOUT_MS)
    dialog.variants.choose()
    assert not dialog.start_button.isEnabled()
    dialog.variants.choose("dcgan")
    assert dialog.start_button.isEnabled()
    dialog.reject()


def test_a_note_of_a_run_at_work_is_no_error(
    qtbot: QtBot, page: TrainingPage, training_context: AppContext, tiny_config: Configs
) -> None:
    run_id = training_context.training.submit(tiny_config(steps=100_000))
    qtbot.waitUntil(lambda: state(page) == "running", timeout=TIMEOUT_MS)
    training_context.training.state_changed.emit(run_id, "running", "Memory ran out at step 3: …")
    assert page.details.message.property("role") == "message-info"
    row = page.presenter.selected
    assert row is not None
    assert row.state_text == "Training  ⓘ"
    training_context.training.cancel(run_id)
    qtbot.waitUntil(lambda: state(page) == "cancelled", timeout=TIMEOUT_MS)


def test_a_cancelled_dialog_starts_nothing_although_start_was_pressed(
    qtbot: QtBot, training_context: AppContext
) -> None:
    dialog = NewRunDialog(training_context)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.start()
    dialog.reject()
    qtbot.waitUntil(lambda: not training_context.tasks.running(), timeout=TIMEOUT_MS)
    assert training_context.training.runs() == []


def test_without_images_the_dialog_says_where_to_get_them(
    qtbot: QtBot, context: AppContext
) -> None:
    dialog = NewRunDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.start_button.isEnabled()
    assert "Import a data set" in dialog.dataset_note.text()
    dialog.reject()
