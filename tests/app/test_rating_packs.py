"""Reading packs in the page: made here, read elsewhere, taken back; refusals say why."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.workspace import Workspace
from reviewapp.context import AppContext
from reviewapp.rating.open_pack_dialog import OpenPackDialog
from reviewapp.rating.pack_code_dialog import PackCodeDialog
from reviewapp.rating.pack_list_dialog import PackListDialog
from reviewapp.rating.page import RatingPage
from reviewapp.study.model import Reader, Study


@pytest.fixture
def workspace(workspace_with_study: Path, tmp_path: Path) -> Workspace:
    """A copy of the small library and its study."""
    shutil.copytree(workspace_with_study, tmp_path / "workspace")
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def pack(
    qtbot: QtBot, rating_page: RatingPage, study: Study, reader: Reader, tmp_path: Path
) -> tuple[Path, str]:
    """A pack made in the page: its file and code."""
    path = tmp_path / "hearts.readingpack"
    rating_page.packs.make_pack(study.study_id, reader.reader_id, path)
    qtbot.waitUntil(lambda: bool(rating_page.findChildren(PackCodeDialog)), timeout=30_000)
    (dialog,) = rating_page.findChildren(PackCodeDialog)
    code = dialog.code_label.text()
    assert code in rating_page.messages.text
    dialog.close()
    return path, code


def open_dialog(
    qtbot: QtBot, context: AppContext, folder: Path, path: Path, code: str
) -> OpenPackDialog:
    dialog = OpenPackDialog(context.tasks, folder)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.set_file(path)
    QTest.keyClicks(dialog.code_edit, code)
    qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: dialog.workspace_folder is not None or bool(dialog.messages.text), timeout=30_000
    )
    return dialog


@pytest.fixture
def reader_page(
    qtbot: QtBot, context: AppContext, pack: tuple[Path, str], tmp_path: Path
) -> Iterator[RatingPage]:
    """The Rate page of the workspace that a reader made from the pack."""
    dialog = open_dialog(qtbot, context, tmp_path / "elsewhere", *pack)
    assert dialog.workspace_folder is not None, dialog.messages.text
    elsewhere = AppContext.open(dialog.workspace_folder)
    page = RatingPage(elsewhere)
    qtbot.addWidget(page)
    page.show()
    page.activate()
    yield page
    page.close_page()
    elsewhere.close()


def read_all(qtbot: QtBot, page: RatingPage, n_answers: int) -> None:
    qtbot.mouseClick(page.overview.start_button, Qt.MouseButton.LeftButton)
    view = page.session_view
    assert view is not None, page.messages.text
    presenter = view.presenter
    while presenter.session.progress.answered < n_answers:
        if presenter.scene == "image":
            qtbot.waitUntil(lambda: presenter.is_painted, timeout=5000)
        key = Qt.Key.Key_4 if presenter.scene == "image" else Qt.Key.Key_Space
        QTest.keyClick(view.focusWidget() or view, key)
    view.left.emit()


def write_results(qtbot: QtBot, page: RatingPage, path: Path) -> None:
    page.packs.write_results_to(path)
    qtbot.waitUntil(lambda: "Send this file" in page.messages.text, timeout=30_000)


def merged(qtbot: QtBot, page: RatingPage, path: Path) -> str:
    page.messages.clear()
    page.packs.merge_results(path)
    qtbot.waitUntil(lambda: bool(page.messages.text), timeout=30_000)
    return page.messages.text


def test_a_pack_goes_out_is_read_and_comes_back(
    qtbot: QtBot,
    context: AppContext,
    rating_page: RatingPage,
    study: Study,
    reader_page: RatingPage,
    tmp_path: Path,
) -> None:
    rating_page.refresh()
    assert "(reading pack)" in rating_page.overview.facts_label.text()
    overview = reader_page.overview
    assert not overview.unblind_button.isVisible()
    assert not overview.new_button.isVisible()
    assert overview.results_button.isVisible()
    read_all(qtbot, reader_page, 4)
    early = tmp_path / "early.readingresults"
    write_results(qtbot, reader_page, early)
    read_all(qtbot, reader_page, 10)
    late = tmp_path / "late.readingresults"
    write_results(qtbot, reader_page, late)
    assert "4 new answers" in merged(qtbot, rating_page, early)
    text = merged(qtbot, rating_page, late)
    assert "6 new answers" in text
    assert "finished" in text
    assert "Nothing new" in merged(qtbot, rating_page, late)
    (info,) = context.store.sessions(study.study_id)
    answers = context.store.latest_answers(info.session_id)
    assert [answer.confidence for answer in answers.values()] == [4] * 10


def test_while_a_pack_is_out_its_session_is_refused_here_until_it_is_cancelled(
    qtbot: QtBot,
    context: AppContext,
    rating_page: RatingPage,
    study: Study,
    reader: Reader,
    pack: tuple[Path, str],
) -> None:
    rating_page.open_session(study.study_id, reader.reader_id)
    assert rating_page.session_view is None
    assert "pack" in rating_page.messages.text.lower()
    dialog = PackListDialog(context.store, study.study_id)
    qtbot.addWidget(dialog)
    assert dialog.table.item(0, 2).text() == "out"  # type: ignore[union-attr]
    assert dialog.table.item(0, 3).text() == pack[1]  # type: ignore[union-attr]
    dialog.table.selectRow(0)
    qtbot.mouseClick(dialog.cancel_pack_button, Qt.MouseButton.LeftButton)
    assert "cancelled" in dialog.table.item(0, 2).text()  # type: ignore[union-attr]
    rating_page.open_session(study.study_id, reader.reader_id)
    assert rating_page.session_view is not None


@pytest.mark.parametrize("damage", ["code", "byte", "folder"])
def test_a_pack_that_is_refused_says_why_and_leaves_nothing(
    qtbot: QtBot, context: AppContext, pack: tuple[Path, str], tmp_path: Path, damage: str
) -> None:
    path, code = pack
    folder = tmp_path / "elsewhere" / path.stem
    if damage == "byte":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(bytes(content))
    elif damage == "folder":
        folder.mkdir(parents=True)
        (folder / "letter.txt").write_text("mine", encoding="utf-8")
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    dialog = open_dialog(qtbot, context, folder.parent, path, wrong if damage == "code" else code)
    assert dialog.workspace_folder is None
    assert len(dialog.messages.text) > 20
    qtbot.waitUntil(dialog.open_button.isEnabled)
    assert not (folder / "study.db").exists()


def test_foreign_results_are_refused_with_the_reason(
    qtbot: QtBot, rating_page: RatingPage, study: Study, tmp_path: Path
) -> None:
    path = tmp_path / "holiday.readingresults"
    path.write_bytes(b"not results at all")
    text = merged(qtbot, rating_page, path)
    assert "holiday.readingresults" in text
