"""The browse page under real clicks and keys, on drawn data sets read by the real importers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QTreeWidget
from pytestqt.qtbot import QtBot

from engine.data.content_store import UncertaintyMap, read_image, write_image, write_map
from engine.data.importing import ImportOptions, import_dataset
from engine.data.manifest import read_manifest, write_manifest
from engine.gans.registry import preset
from engine.training.config import TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run
from engine.workspace import Workspace
from reviewapp.browse.generate_dialog import GenerateDialog
from reviewapp.browse.image_list_model import ROW_ROLE
from reviewapp.browse.image_words import image_facts
from reviewapp.browse.network_jobs import GenerateRequest
from reviewapp.browse.page import BrowsePage
from reviewapp.browse.uncertainty_dialog import UncertaintyDialog
from reviewapp.context import AppContext
from reviewapp.data_import.dialog import ImportDialog

SD_UNIT = "grey levels (0–255)"


def fill_library(workspace: Workspace, acdc: Path, idrid: Path) -> None:
    """Both drawn data sets, and as 'generated' three of their hearts with a map each."""
    import_dataset("acdc", acdc, workspace, options=ImportOptions(size=64))
    import_dataset("idrid", idrid, workspace, options=ImportOptions(size=64))
    drawn = []
    for number, real in enumerate(read_manifest(workspace.manifest_path("acdc"))[:3]):
        pixels = read_image(workspace, real.key)
        key = write_image(workspace, np.flipud(pixels))
        values = np.full(pixels.shape, 10.0 * (number + 1), np.float32)
        write_map(workspace, key, UncertaintyMap(values, "aleatoric", SD_UNIT, "upgan-1"))
        changes = {
            "record_id": f"dcgan-1/s000010/{number:06d}",
            "key": key,
            "source": "generated",
            "variant": "dcgan",
            "run_id": "dcgan-1",
            "checkpoint_step": 10,
            "patient": "",
            "attributes": {},
        }
        drawn.append(real.model_copy(update=changes))
    workspace.run_path("dcgan-1").mkdir()
    write_manifest(workspace.run_path("dcgan-1") / "generated.jsonl", drawn)


@pytest.fixture
def page(qtbot: QtBot, context: AppContext, drawn_acdc: Path, drawn_idrid: Path) -> BrowsePage:
    fill_library(context.workspace, drawn_acdc, drawn_idrid)
    context.store.sync_library()
    page = BrowsePage(context)
    qtbot.addWidget(page, before_close_func=lambda page: page.close_page())
    page.resize(1100, 760)
    page.show()
    qtbot.waitExposed(page)
    page.activate()
    wait_shown(qtbot, page)
    return page


def wait_shown(qtbot: QtBot, page: BrowsePage) -> None:
    """Until the viewer shows the chosen image."""

    def shown() -> bool:
        image = page.viewer.front_pane.image
        return image is not None and image.row == page.chosen_image()

    qtbot.waitUntil(shown)


def click_choice(qtbot: QtBot, choices: QTreeWidget, title: str) -> None:
    (item,) = choices.findItems(title, Qt.MatchFlag.MatchExactly)
    position = choices.visualItemRect(item).center()
    qtbot.mouseClick(choices.viewport(), Qt.MouseButton.LeftButton, pos=position)


def test_an_empty_library_says_what_to_do(qtbot: QtBot, context: AppContext) -> None:
    page = BrowsePage(context)
    qtbot.addWidget(page, before_close_func=lambda page: page.close_page())
    page.show()
    assert page._empty.isVisible()
    assert page._empty.button is not None
    assert page._empty.button.text() == "Import images…"
    assert not page.grid.isVisible()
    assert not page.map_button.isEnabled()


def test_a_click_on_a_filter_shows_its_images(qtbot: QtBot, page: BrowsePage) -> None:
    total = page.model.rowCount()
    click_choice(qtbot, page.filters.lists["source"], "Generated")
    assert page.model.rowCount() == 3 < total
    wait_shown(qtbot, page)
    assert page.viewer.front_pane.image.row.source == "generated"
    click_choice(qtbot, page.filters.lists["source"], "All")
    assert page.model.rowCount() == total


def test_arrow_keys_choose_and_thumbnails_arrive(qtbot: QtBot, page: BrowsePage) -> None:
    first = page.chosen_image()
    qtbot.keyClick(page.grid, Qt.Key.Key_Right)
    wait_shown(qtbot, page)
    assert page.chosen_image() != first
    qtbot.waitUntil(lambda: page.model.index(0).data(Qt.ItemDataRole.DecorationRole) is not None)


def test_a_click_on_a_thumbnail_shows_its_facts(qtbot: QtBot, page: BrowsePage) -> None:
    page.filters.choose("dataset", "idrid")
    wait_shown(qtbot, page)
    second = page.grid.visualRect(page.model.index(1)).center()
    qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=second)
    wait_shown(qtbot, page)
    assert page.grid.currentIndex().row() == 1
    assert "Data set: IDRiD (fundus)" in page.viewer.facts.text()
    assert not page.viewer.display.invert_box.isEnabled()


def test_real_and_generated_are_compared_with_one_view(qtbot: QtBot, page: BrowsePage) -> None:
    page.filters.choose("source", "generated")
    wait_shown(qtbot, page)
    page.filters.choose("source", "real")
    wait_shown(qtbot, page)
    qtbot.keyClick(page.grid, Qt.Key.Key_C)
    real, drawn = page.viewer.panes[:2]
    assert real.isVisible()
    assert drawn.isVisible()
    assert (real.image.row.source, drawn.image.row.source) == ("real", "generated")
    real.canvas.setFocus()
    qtbot.keyClick(real.canvas, Qt.Key.Key_Plus)
    assert drawn.canvas.view == real.canvas.view
    assert drawn.canvas.view.magnification == pytest.approx(1.25)
    start = drawn.canvas.rect().center()
    qtbot.mousePress(drawn.canvas, Qt.MouseButton.RightButton, pos=start)
    qtbot.mouseMove(drawn.canvas, start + QPoint(-60, 0))
    qtbot.mouseRelease(drawn.canvas, Qt.MouseButton.RightButton)
    assert real.canvas.window_width == drawn.canvas.window_width == 225
    qtbot.keyClick(drawn.canvas, Qt.Key.Key_R)
    assert (real.canvas.window_width, drawn.canvas.view.magnification) == (255, 1)


def test_a_kept_side_does_not_change(qtbot: QtBot, page: BrowsePage) -> None:
    page.filters.choose("source", "real")
    wait_shown(qtbot, page)
    page.compare_button.click()
    pane = page.viewer.panes[0]
    kept = pane.image
    qtbot.mouseClick(pane.lock_button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(page.grid, Qt.Key.Key_Right)
    page.filters.choose("source", "generated")
    wait_shown(qtbot, page)
    assert pane.image is kept


def test_the_uncertainty_map_comes_with_its_legend(qtbot: QtBot, page: BrowsePage) -> None:
    page.filters.choose("source", "generated")
    wait_shown(qtbot, page)
    canvas = page.viewer.front_pane.canvas
    controls = page.viewer.uncertainty
    assert controls.toggle.isEnabled()
    assert not canvas.has_overlay
    qtbot.keyClick(page.grid, Qt.Key.Key_U)
    assert canvas.has_overlay
    assert controls.bar.isVisible()
    assert controls.bar.accessibleName() == (
        "Colour scale from 0 to ≥ 10, "
        "Aleatoric uncertainty – one standard deviation, grey levels (0–255)"
    )
    qtbot.keyClick(page.grid, Qt.Key.Key_Right)
    wait_shown(qtbot, page)
    assert canvas.has_overlay
    assert "≥ 20" in controls.bar.accessibleName()
    qtbot.keyClick(page.grid, Qt.Key.Key_U)
    assert not canvas.has_overlay


def test_an_image_without_a_map_says_so(qtbot: QtBot, page: BrowsePage) -> None:
    page.filters.choose("source", "real")
    wait_shown(qtbot, page)
    assert not page.viewer.uncertainty.toggle.isEnabled()


def test_keys_invert_enter_the_viewer_and_leave_it(qtbot: QtBot, page: BrowsePage) -> None:
    page.filters.choose("dataset", "acdc")
    wait_shown(qtbot, page)
    page.activateWindow()
    page.grid.setFocus()
    qtbot.keyClick(page.grid, Qt.Key.Key_I)
    assert page.viewer.front_pane.canvas.inverted
    qtbot.keyClick(page.grid, Qt.Key.Key_Return)
    assert page.focusWidget() is page.viewer.front_pane.canvas
    qtbot.keyClick(page.viewer.front_pane.canvas, Qt.Key.Key_Escape)
    assert page.focusWidget() is page.grid


def test_a_window_preset_narrows_the_window(qtbot: QtBot, page: BrowsePage) -> None:
    page.filters.choose("dataset", "acdc")
    wait_shown(qtbot, page)
    page.viewer.apply_preset("Heart muscle (dark tissue)")
    canvas = page.viewer.front_pane.canvas
    assert canvas.window_width < 255
    page.viewer.apply_preset("Full range")
    assert canvas.window_width == 255


def test_a_damaged_image_is_told_and_the_rest_works(qtbot: QtBot, page: BrowsePage) -> None:
    page.filters.choose("dataset", "idrid")
    wait_shown(qtbot, page)
    damaged = page.model.image(1)
    path = page.context.workspace.image_path(damaged.key)
    path.write_bytes(b"not a picture")
    qtbot.keyClick(page.grid, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: "damaged" in page.messages.text)
    qtbot.keyClick(page.grid, Qt.Key.Key_Right)
    wait_shown(qtbot, page)


def test_new_images_appear_and_the_chosen_one_stays(
    qtbot: QtBot, page: BrowsePage, tmp_path: Path
) -> None:
    qtbot.keyClick(page.grid, Qt.Key.Key_Right)
    wait_shown(qtbot, page)
    chosen, before = page.chosen_image(), page.model.rowCount()
    workspace = page.context.workspace
    folder = tmp_path / "mine"
    folder.mkdir()
    np.save(folder / "one.npy", np.arange(1024, dtype=np.uint8).reshape(32, 32))
    import_dataset("folder", folder, workspace, options=ImportOptions(name="mine"))
    page.context.store.sync_library()
    page.context.library_changed.emit()
    assert page.model.rowCount() == before + 1
    assert page.chosen_image() == chosen


def test_without_a_trained_network_the_page_says_where_to_train(
    qtbot: QtBot, page: BrowsePage
) -> None:
    qtbot.mouseClick(page.generate_button, Qt.MouseButton.LeftButton)
    assert "Train page" in page.messages.text
    qtbot.mouseClick(page.map_button, Qt.MouseButton.LeftButton)
    assert "upgan" in page.messages.text


def test_a_run_that_cannot_draw_is_told(qtbot: QtBot, page: BrowsePage) -> None:
    page.start_generating(GenerateRequest("dcgan-1", 2, seed=1))
    assert not page.generate_button.isEnabled()
    # Not by the task's signal: it may have been sent before anybody waits for it.
    qtbot.waitUntil(page.generate_button.isEnabled, timeout=30_000)
    assert "dcgan-1" in page.messages.text
    assert page.generate_button.isEnabled()
    assert not page.progress.isVisible()


def in_next_dialog(use: Callable[[QDialog], None]) -> None:
    """Handle the dialog that the next click opens, from within its own event loop."""

    def try_now() -> None:
        dialog = QApplication.activeModalWidget()
        # Until it is active, keys go to the page behind it.
        if isinstance(dialog, QDialog) and dialog.isActiveWindow():
            use(dialog)
        else:
            QTimer.singleShot(50, try_now)

    QTimer.singleShot(50, try_now)


def test_a_trained_network_draws_images_and_maps_uncertainty(
    qtbot: QtBot, page: BrowsePage
) -> None:
    torch.set_num_threads(1)
    workspace = page.context.workspace
    fields = preset("upgan", "acdc", "tiny").model_dump() | {"steps": 2}
    run_id = create_run(workspace, TrainConfig.checked(**fields))
    Trainer(workspace, run_id, lambda event: None, always_run()).train()

    def ask_for_two(dialog: GenerateDialog) -> None:
        dialog.count_box.setValue(2)
        qtbot.mouseClick(dialog.generate_button, Qt.MouseButton.LeftButton)

    before = page.model.rowCount()
    in_next_dialog(ask_for_two)
    qtbot.mouseClick(page.generate_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.messages.text == "Generated 2 images.", timeout=30_000)
    # The grid follows when the task has ended, one event after its result.
    qtbot.waitUntil(lambda: page.model.rowCount() == before + 2)

    page.filters.choose("dataset", "acdc")
    page.filters.choose("source", "real")
    wait_shown(qtbot, page)
    assert not page.viewer.uncertainty.toggle.isEnabled()
    in_next_dialog(lambda dialog: qtbot.mouseClick(dialog.map_button, Qt.MouseButton.LeftButton))
    qtbot.mouseClick(page.map_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: page.messages.text == "Mapped the uncertainty of 1 image.", timeout=30_000
    )
    qtbot.waitUntil(page.viewer.uncertainty.toggle.isEnabled)

    def ask_to_refine(dialog: UncertaintyDialog) -> None:
        assert not dialog.refine_box.isChecked()
        dialog.refine_box.click()
        qtbot.mouseClick(dialog.map_button, Qt.MouseButton.LeftButton)

    in_next_dialog(ask_to_refine)
    qtbot.mouseClick(page.map_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.messages.text == "Mapped and refined 1 image.", timeout=30_000)
    page.filters.choose("source", "generated")
    qtbot.waitUntil(lambda: "Refined from" in shown_facts(page))


def shown_facts(page: BrowsePage) -> str:
    """The facts of all images in the grid, as the viewer would tell them."""
    rows = [page.model.index(row).data(ROW_ROLE) for row in range(page.model.rowCount())]
    return "\n".join(name for row in rows for name, _ in image_facts(row))


def test_the_import_button_opens_the_dialog(qtbot: QtBot, page: BrowsePage) -> None:
    seen = []

    def look(dialog: QDialog) -> None:
        seen.append(type(dialog))
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    in_next_dialog(look)
    qtbot.mouseClick(page.import_button, Qt.MouseButton.LeftButton)
    assert seen == [ImportDialog]
