"""A specialist gives an image of the library its class."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.workspace import Workspace
from reviewapp.browse.class_dialog import ClassDialog
from reviewapp.browse.page import BrowsePage
from reviewapp.context import AppContext
from reviewapp.study.model import ImageFilter, ImageRow, Reader


@pytest.fixture
def workspace(imported_acdc: Path, tmp_path: Path) -> Workspace:
    """A copy of the imported patients, which have classes."""
    shutil.copytree(imported_acdc, tmp_path / "workspace")
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def image(context: AppContext) -> Iterator[ImageRow]:
    context.store.sync_library()
    context.store.add_reader(Reader(name="Dr Test"))
    ClassDialog._last_reader = ""
    yield context.store.images(ImageFilter(dataset="acdc"))[0]
    ClassDialog._last_reader = ""


def test_a_class_is_given_and_taken_back(
    qtbot: QtBot, context: AppContext, image: ImageRow
) -> None:
    store = context.store
    dialog = ClassDialog(store, image)
    qtbot.addWidget(dialog)
    dialog.show()
    classes = store.classes_of("acdc")
    assert [dialog.class_box.itemData(i) for i in range(dialog.class_box.count())] == classes
    assert dialog.reader_box.currentText() == "Dr Test"
    assert not dialog.back_button.isVisible()
    dialog.class_box.setCurrentIndex(dialog.class_box.count() - 1)
    dialog.reader_box.setEditText("Dr Else")
    QTest.keyClick(dialog.class_box, Qt.Key.Key_Return)
    label = store.class_labels("acdc")[image.record_id]
    assert (label.class_name, label.reader) == (classes[-1], "Dr Else")
    assert dialog.result()

    again = ClassDialog(store, image)
    qtbot.addWidget(again)
    again.show()
    assert again.class_box.currentData() == classes[-1]
    assert again.reader_box.currentText() == "Dr Else"
    qtbot.mouseClick(again.back_button, Qt.MouseButton.LeftButton)
    assert store.class_labels("acdc") == {}
    assert "taken back" in again.said


def test_nobody_gives_no_class(qtbot: QtBot, context: AppContext, image: ImageRow) -> None:
    dialog = ClassDialog(context.store, image)
    qtbot.addWidget(dialog)
    dialog.reader_box.setEditText(" ")
    dialog.give_button.click()
    assert "Tell who gives the class" in dialog.messages.text
    assert context.store.class_labels("acdc") == {}


def test_the_browse_page_asks_for_the_chosen_images_class(
    qtbot: QtBot, context: AppContext, image: ImageRow
) -> None:
    page = BrowsePage(context)
    qtbot.addWidget(page)
    page.resize(1100, 760)
    with qtbot.waitActive(page):
        page.show()
    page.activate()
    chosen = page.chosen_image()
    assert chosen is not None

    waiting = QTimer()
    waiting.setInterval(20)

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, ClassDialog):
            waiting.stop()
            dialog.give_button.click()

    waiting.timeout.connect(answer)
    waiting.start()
    QTest.keyClick(page.grid, Qt.Key.Key_L)
    assert set(context.store.class_labels(chosen.dataset)) == {chosen.record_id}
    assert "noted" in page.messages.text
    page.close_page()
