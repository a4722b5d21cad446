"""The import dialog, driven by clicks and keys, on drawn data sets and real importers."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from reviewapp.context import AppContext
from reviewapp.data_import.dialog import ImportDialog
from reviewapp.rating.study_form import LibraryCounts
from reviewapp.study.model import ImageFilter


@pytest.fixture
def dialog(qtbot: QtBot, context: AppContext) -> ImportDialog:
    dialog = ImportDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three pictures, one of them cut off."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for level in (60, 120):
        Image.new("L", (48, 48), level).save(folder / f"grey{level}.png")
    whole = (folder / "grey60.png").read_bytes()
    (folder / "cut_off.png").write_bytes(whole[: len(whole) // 2])
    return folder


def import_now(qtbot: QtBot, dialog: ImportDialog) -> None:
    qtbot.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.form_view.isEnabled, timeout=20_000)


def test_a_typed_folder_selects_its_data_set_and_is_imported(
    qtbot: QtBot, context: AppContext, dialog: ImportDialog, drawn_idrid: Path
) -> None:
    assert not dialog.import_button.isEnabled()
    qtbot.keyClicks(dialog.form_view.folder_edit, str(drawn_idrid))
    qtbot.keyClick(dialog.form_view.folder_edit, Qt.Key.Key_Tab)
    assert dialog.form_view.kind_buttons["idrid"].isChecked()
    assert not dialog.form_view.name_edit.isVisible()
    with qtbot.waitSignal(context.library_changed, timeout=20_000):
        import_now(qtbot, dialog)
    assert context.store.count_images() == 5
    assert "5 new images" in dialog.report.headline.text()


def test_a_folder_of_generated_images_gets_its_name_and_source(
    qtbot: QtBot, context: AppContext, dialog: ImportDialog, pictures: Path
) -> None:
    dialog.form_view.set_folder(pictures)
    dialog.form_view.generated_button.click()
    qtbot.keyClicks(dialog.form_view.name_edit, "their-gan")
    import_now(qtbot, dialog)
    rows = context.store.images()
    assert {(row.dataset, row.source) for row in rows} == {("their-gan", "generated")}
    assert len(rows) == 2


def test_skipped_files_are_listed_copied_and_saved(
    qtbot: QtBot, dialog: ImportDialog, pictures: Path, tmp_path: Path
) -> None:
    dialog.form_view.set_folder(pictures)
    import_now(qtbot, dialog)
    model = dialog.report.model
    assert model.rowCount() == 1
    assert model.index(0, 0).data() == "cut_off.png"
    assert model.index(0, 1).data()
    qtbot.mouseClick(dialog.report.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().startswith("cut_off.png\t")
    dialog.report.save_csv(tmp_path / "skipped.csv")
    assert "cut_off.png" in (tmp_path / "skipped.csv").read_text(encoding="utf-8")
    dialog.report.save_csv(tmp_path / "absent" / "skipped.csv")
    assert "could not be saved" in dialog.messages.text


def test_a_folder_without_images_is_told_in_the_dialog(
    qtbot: QtBot, dialog: ImportDialog, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("no image", encoding="utf-8")
    dialog.form_view.set_folder(tmp_path)
    import_now(qtbot, dialog)
    assert "No PNG, JPEG, TIFF, NIfTI or .npy file" in dialog.messages.text
    assert dialog.messages.isVisible()
    qtbot.mouseClick(dialog.messages.close_button, Qt.MouseButton.LeftButton)
    assert not dialog.messages.isVisible()


def test_a_persons_own_choice_of_the_data_set_stays(
    qtbot: QtBot, dialog: ImportDialog, drawn_idrid: Path
) -> None:
    dialog.form_view.set_folder(drawn_idrid)
    dialog.form_view.kind_buttons["folder"].click()
    dialog.form_view.folder_edit.setFocus()
    qtbot.keyClick(dialog.form_view.folder_edit, Qt.Key.Key_Tab)
    assert dialog.form_view.kind_buttons["folder"].isChecked()


def test_closing_stops_a_running_import_and_keeps_what_is_there(
    qtbot: QtBot, context: AppContext, dialog: ImportDialog, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(600):
        Image.new("L", (256, 256), number % 256).save(folder / f"{number:03d}.png")
    dialog.form_view.set_folder(folder)
    task = dialog.start()
    assert task is not None
    with qtbot.waitSignal(task.progress, timeout=20_000, check_params_cb=lambda done, *_: done > 2):
        pass
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=20_000)
    assert context.tasks.running() == []
    assert 0 < context.store.count_images() < 600


def test_the_cine_is_offered_for_acdc_only_and_is_off(dialog: ImportDialog) -> None:
    form = dialog.form_view
    assert not form.cine_box.isVisible()
    form.kind_buttons["acdc"].click()
    assert form.cine_box.isVisible()
    assert not form.form().cine
    form.cine_box.click()
    assert form.form().cine


def test_generated_images_can_be_compared_with_an_imported_data_set(
    qtbot: QtBot, context: AppContext, dialog: ImportDialog, pictures: Path, drawn_idrid: Path
) -> None:
    form = dialog.form_view
    form.set_folder(drawn_idrid)
    import_now(qtbot, dialog)
    form.set_folder(pictures)
    assert not form.compared_box.isVisible()
    form.generated_button.click()
    assert form.compared_box.isVisible()
    qtbot.keyClicks(form.name_edit, "their-gan")
    form.compared_box.setCurrentIndex(form.compared_box.findData("idrid"))
    import_now(qtbot, dialog)
    drawn = context.store.images(ImageFilter(source="generated"))
    assert {(row.dataset, row.variant) for row in drawn} == {("idrid", "external:their-gan")}
    counts = LibraryCounts.of(context.store)
    assert counts.generated == {("idrid", "external:their-gan"): 2}
