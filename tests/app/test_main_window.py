"""The window: pages, what cannot be opened, and a clean end while a run trains."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from engine.data.acdc import import_acdc
from engine.training.runs import list_runs, read_metrics
from engine.workspace import Workspace
from reviewapp.context import AppContext
from reviewapp.demo.guide import STEPS
from reviewapp.main_window import MainWindow
from reviewapp.page import Page
from reviewapp.page_stack import PageStack
from reviewapp.pages import PAGES
from reviewapp.preferences import PreferencesFile
from reviewapp.recent import RecentWorkspaces
from reviewapp.theme.palette import colours
from reviewapp.theme.stylesheet import apply_theme
from reviewapp.theme.tokens import DARK, LIGHT

#: opens a workspace, trains without end, and closes the window while it does
CLOSE_WHILE_TRAINING = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from engine.gans.registry import preset
from engine.training.config import TrainConfig
from reviewapp.app import make_application
from reviewapp.main_window import MainWindow
from reviewapp.recent import RecentWorkspaces

application = make_application()
root = Path(sys.argv[1])
window = MainWindow(RecentWorkspaces(root / "recent.json"))
window.show()
window.open_workspace(root)
window.show_page("training")
fields = preset("dcgan", "acdc", "tiny").model_dump() | {"steps": 1_000_000, "log_every": 1}
run_id = window.context.training.submit(TrainConfig.checked(**fields))
window.context.training.progress.connect(
    lambda progress: QTimer.singleShot(0, window.close) if progress.step > 30 else None
)
sys.exit(application.exec())
"""


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    window = MainWindow(RecentWorkspaces(tmp_path / "recent.json"))
    window.show()
    yield window
    window.close()


def test_every_page_opens_by_its_shortcut(window: MainWindow, tmp_path: Path) -> None:
    assert window.open_workspace(tmp_path / "new")
    window.activateWindow()
    for entry in reversed(PAGES):
        button = window.findChild(QPushButton, f"navigate-{entry.page_id}")
        assert isinstance(button, QPushButton)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert button.isChecked()
        assert isinstance(window.page, entry.load())


def test_a_small_screen_holds_every_page_with_its_keys(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    # The list of them on the welcome page, which is hidden then, keeps no room.
    for number in range(8):
        assert window.open_workspace(tmp_path / f"earlier {number}")
    window.close_workspace()
    assert window.open_workspace(tmp_path / "new")
    button = window.findChild(QPushButton, "navigate-training")
    assert isinstance(button, QPushButton)
    assert button.text().strip() == "Train"
    window.resize(640, 400)
    for entry in PAGES:
        page = window.show_page(entry.page_id)
        assert window.size() == QSize(640, 400)
        assert window.page is page
    assert button.text() == ""
    assert button.accessibleName() == "Train"
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: button.isChecked())
    assert window.page is not page
    window.resize(1280, 800)
    assert button.text().strip() == "Train"


def test_what_a_page_has_no_room_for_is_reached_by_scrolling(qtbot: QtBot) -> None:
    class WidePage(Page):
        def minimumSizeHint(self) -> QSize:
            return QSize(900, 300)

    stack = PageStack()
    qtbot.addWidget(stack)
    wide = WidePage(cast("AppContext", None))
    other = Page(cast("AppContext", None))
    assert stack.page is None
    stack.show_page(wide)
    stack.resize(500, 400)
    stack.show()
    assert (wide.width(), wide.height()) >= (900, 300)
    assert stack.minimumSizeHint() == QSize(0, 0)
    stack.show_page(other)
    assert stack.page is other
    assert other.width() == 500, "a page behind does not keep this one wide"
    stack.show_page(wide)
    assert (stack.page, stack.count()) == (wide, 2)
    stack.drop_page(wide)
    assert stack.count() == 1


def test_a_folder_that_cannot_be_a_workspace_is_told_on_the_welcome_page(
    window: MainWindow, tmp_path: Path
) -> None:
    file = tmp_path / "file.txt"
    file.write_text("no folder")
    assert not window.open_workspace(file)
    assert "Cannot create the workspace" in window.welcome.messages.text
    assert window.context is None


def test_a_damaged_database_is_told_and_left_as_it_is(window: MainWindow, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / "study.db").write_bytes(b"not a database at all" * 100)
    assert not window.open_workspace(folder)
    assert "study.db" in window.welcome.messages.text
    assert (folder / "study.db").read_bytes().startswith(b"not a database")


def test_the_last_workspace_is_remembered(window: MainWindow, tmp_path: Path) -> None:
    window.open_workspace(tmp_path / "first")
    window.open_workspace(tmp_path / "second")
    assert RecentWorkspaces(tmp_path / "recent.json").last() == (tmp_path / "second").resolve()
    window.close_workspace()
    assert window.context is None


def test_a_session_hides_everything_but_the_page(window: MainWindow, tmp_path: Path) -> None:
    window.open_workspace(tmp_path / "new")
    assert window.context is not None
    window.context.focus_mode.emit(True)
    assert not window._navigation.isVisible()
    assert not window.statusBar().isVisible()
    window.context.focus_mode.emit(False)
    assert window._navigation.isVisible()


def test_closing_the_window_while_a_run_trains_ends_cleanly_and_resumably(
    tmp_path: Path, drawn_acdc: Path
) -> None:
    workspace = Workspace.create(tmp_path / "workspace")
    import_acdc(drawn_acdc, workspace)
    result = subprocess.run(
        [sys.executable, "-c", CLOSE_WHILE_TRAINING, str(workspace.root)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    (run,) = list_runs(workspace)
    assert run.state == "interrupted"
    assert run.step > 30
    assert read_metrics(workspace, run.run_id)["step"][-1] == run.step


def test_the_keys_of_a_page_are_laid_over_it_and_go_with_the_next_key(
    window: MainWindow, tmp_path: Path
) -> None:
    assert window.open_workspace(tmp_path / "new")
    window.activateWindow()
    page = window.show_page("training")
    QTest.keyClick(page, Qt.Key.Key_F1)
    assert window.keys_overlay.isVisible()
    shown = {label.text() for label in window.keys_overlay.findChildren(QLabel)}
    assert {"Ctrl+4", "the page Train", "?  or  F1"} <= shown
    QTest.keyClick(window.keys_overlay, Qt.Key.Key_A)
    assert not window.keys_overlay.isVisible()


def test_a_chosen_theme_is_kept(window: MainWindow, tmp_path: Path, qapp: QApplication) -> None:
    window.choose_theme("light")
    try:
        assert colours() is LIGHT
        MainWindow(RecentWorkspaces(tmp_path / "recent.json")).close()
        assert colours() is LIGHT
    finally:
        apply_theme(qapp, DARK)


def test_the_guide_leads_through_the_pages_once(window: MainWindow, tmp_path: Path) -> None:
    ended: list[bool] = []
    assert window.open_workspace(tmp_path / "new")
    window.start_guide()
    guide = window.guide
    assert guide is not None
    guide.ended.connect(lambda: ended.append(True))
    seen = []
    for _ in STEPS:
        seen.append(guide.step.page_id)
        button = window.findChild(QPushButton, f"navigate-{guide.step.page_id}")
        assert button is not None and button.isChecked()
        assert window.rect().contains(guide.geometry())
        QTest.keyClick(guide.next_button, Qt.Key.Key_Return)
    assert seen == [step.page_id for step in STEPS]
    assert ended == [True]
    assert window.guide is None
    assert PreferencesFile(tmp_path / "preferences.json").read().guide_seen


def test_escape_closes_the_guide(window: MainWindow, tmp_path: Path) -> None:
    assert window.open_workspace(tmp_path / "new")
    window.start_guide()
    assert window.guide is not None
    QTest.keyClick(window.guide, Qt.Key.Key_Escape)
    assert window.guide is None
