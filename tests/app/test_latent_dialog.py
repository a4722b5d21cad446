"""Exploring a generator and finding nearest training images, with a run trained for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.gans.registry import preset
from engine.generation import generate_batch
from engine.training.config import TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, list_runs
from reviewapp.browse.latent_dialog import LatentDialog
from reviewapp.browse.latent_request import frame_words, parse_seeds
from reviewapp.browse.page import BrowsePage
from reviewapp.context import AppContext


@pytest.mark.parametrize(
    ("text", "seeds"), [("12, 7 31", (12, 7, 31)), ("5", (5,)), ("1;2\n3", (1, 2, 3))]
)
def test_seeds_are_read(text: str, seeds: tuple[int, ...]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", " , ", "a", "-3", "1.5", "99999999999", "1 " * 13])
def test_what_is_no_seed_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="seed"):
        parse_seeds(text)


def test_places_on_the_way_have_words() -> None:
    assert frame_words((12, 7, 31), 0, 0.0) == "Seed 12"
    assert frame_words((12, 7, 31), 1, 0.25) == "Seed 7 → 31, 25%"
    assert frame_words((12, 7, 31), 1, 1.0) == "Seed 31"


@pytest.fixture
def run_id(training_context: AppContext, tiny_config: Callable[..., TrainConfig]) -> str:
    """A dcgan run with checkpoints at steps 2 and 4, and an upgan run that cannot be walked."""
    torch.set_num_threads(1)
    workspace = training_context.workspace
    run_id = create_run(workspace, tiny_config(steps=4, checkpoint_every=2), "walked")
    Trainer(workspace, run_id, lambda event: None, always_run()).train()
    fields = preset("upgan", "acdc", "tiny").model_dump() | {"steps": 1}
    create_run(workspace, TrainConfig.checked(**fields), "restoring")
    Trainer(workspace, "restoring", lambda event: None, always_run()).train()
    return run_id


def choose_run(dialog: LatentDialog, run_id: str) -> None:
    ids = [dialog.run_box.itemData(i).run_id for i in range(dialog.run_box.count())]
    dialog.run_box.setCurrentIndex(ids.index(run_id))


def test_a_generator_is_explored(qtbot: QtBot, training_context: AppContext, run_id: str) -> None:
    dialog = LatentDialog(training_context, list_runs(training_context.workspace))
    qtbot.addWidget(dialog)
    dialog.show()
    choose_run(dialog, "restoring")
    assert not dialog.walk_button.isEnabled()
    assert "restores images" in dialog._why.text()
    choose_run(dialog, run_id)
    assert dialog.walk_button.isEnabled()
    assert [dialog.step_box.itemText(i) for i in range(3)] == ["newest", "step 4", "step 2"]

    dialog.seeds.setText("4")
    qtbot.mouseClick(dialog.walk_button, Qt.MouseButton.LeftButton)
    assert "at least two" in dialog.messages.text
    dialog.seeds.setText("4, 9")
    dialog.frames_box.setValue(3)
    qtbot.mouseClick(dialog.walk_button, Qt.MouseButton.LeftButton)
    assert not dialog.walk_button.isEnabled()
    qtbot.waitUntil(dialog.walk_view.isVisible, timeout=30_000)
    walk = dialog.walk_view
    assert walk.slider.maximum() == 3
    qtbot.waitUntil(lambda: walk.slider.value() > 0)
    walk.play_button.setChecked(False)
    walk.slider.setValue(3)
    assert walk.words.text() == "Seed 9"
    last = walk.image.pixels

    qtbot.waitUntil(dialog.strip_button.isEnabled)
    qtbot.mouseClick(dialog.strip_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.strip_view.isVisible, timeout=30_000)
    strip = dialog.strip_view.images
    assert [len(row) for row in strip] == [2, 2]
    assert (strip[1][1].pixels == last).all()
    assert "has kept 2 checkpoints" in dialog.messages.text
    assert training_context.store.facets()["source"] == ["real"]
    qtbot.waitUntil(dialog.walk_button.isEnabled)


def test_the_nearest_training_images_stand_beside_a_generated_one(
    qtbot: QtBot, training_context: AppContext, run_id: str
) -> None:
    generate_batch(training_context.workspace, run_id, 2, seed=1)
    training_context.store.sync_library()
    page = BrowsePage(training_context)
    qtbot.addWidget(page, before_close_func=lambda page: page.close_page())
    page.resize(1300, 800)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    page.activate()
    page.filters.choose("source", "generated")
    chosen = page.chosen_image()
    qtbot.keyClick(page.grid, Qt.Key.Key_N)
    qtbot.waitUntil(lambda: page.messages.text != "", timeout=30_000)
    assert page.messages.text.startswith("Nearest training images")
    qtbot.waitUntil(lambda: all(pane.row is not None for pane in page.viewer.panes))
    rows = [pane.row for pane in page.viewer.panes]
    assert rows[0] == chosen
    assert [row.source for row in rows[1:]] == ["real"] * 3
    assert "grey levels" in page.messages.text
    qtbot.waitUntil(page.nearest_button.isEnabled)
