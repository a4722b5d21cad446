"""The process that is killed, a disk that can be filled, and sessions walked through by keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.workspace import Workspace
from reviewapp.context import AppContext
from reviewapp.rating.page import RatingPage
from reviewapp.study.model import Reader, Study
from reviewapp.translation import install_language
from tests.app.test_rating_session import Walk
from tests.faults.killer import Killer
from tests.faults.small_disk import SmallDisk, mounted

Begin = Callable[[Workspace, Study], tuple[RatingPage, Walk]]


@pytest.fixture(scope="session", autouse=True)
def english(qapp: QApplication) -> None:
    """The language that the tests read, whatever the computer's is."""
    install_language(qapp, "en")


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """A process that runs operations and is killed meanwhile."""
    with Killer.started() as started:
        yield started


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of 24 MiB."""
    with mounted(tmp_path / "disk") as small:
        yield small


@pytest.fixture
def begin(qtbot: QtBot) -> Iterator[Begin]:
    """Opens a workspace as the window does, and a new reader's session of a study in it."""
    opened: list[tuple[RatingPage, AppContext]] = []

    def open_session(workspace: Workspace, study: Study) -> tuple[RatingPage, Walk]:
        context = AppContext.open(workspace.root)
        page = RatingPage(context)
        opened.append((page, context))
        qtbot.addWidget(page)
        page.resize(1000, 700)
        page.show()
        page.activate()
        reader = context.store.add_reader(Reader(name="Dr Test"))
        return page, Walk(qtbot, page, study, reader).start()

    yield open_session
    for page, context in opened:
        page.close_page()
        context.close()
