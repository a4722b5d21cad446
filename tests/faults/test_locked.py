"""A database that another program blocks for longer than the app waits."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.workspace import Workspace
from tests.faults import scenes
from tests.faults.conftest import Begin

_HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


@contextmanager
def held_by_another_program(workspace: Workspace) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(workspace.database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    try:
        yield
    finally:
        process.communicate("\n", timeout=60)


def test_an_answer_is_kept_and_tried_again_by_itself(
    begin: Begin, qtbot: QtBot, tmp_path: Path
) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    page, walk = begin(workspace, study)
    page.context.store.be_brief(200)
    walk.rate_until(2, Qt.Key.Key_5).to_image()
    with held_by_another_program(workspace):
        walk.press(Qt.Key.Key_4)
        assert "Another program is writing in it" in walk.view.messages.text
        assert "tried again every few seconds" in walk.view.messages.text
        # Another key does not change what was answered.
        walk.press(Qt.Key.Key_1)
    qtbot.waitUntil(lambda: not walk.view.presenter.has_unsaved_answer, timeout=20_000)
    assert walk.view.messages.text == ""
    assert [answer.confidence for answer in walk.answers(page.context.store)] == [5, 5, 4]


def test_a_session_that_cannot_be_closed_answers_no_trial_twice(
    begin: Begin, qtbot: QtBot, tmp_path: Path
) -> None:
    """The last answer is stored, but not that the session is over: blocked in between."""
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    page, walk = begin(workspace, study)
    store = page.context.store
    store.be_brief(200)
    walk.rate_until(13, Qt.Key.Key_5).to_image()
    record, holders = store.record_answer, []

    def record_and_be_blocked(*arguments: object) -> object:
        recorded = record(*arguments)  # type: ignore[arg-type]
        if not holders:
            holders.append(held_by_another_program(workspace))
            holders[0].__enter__()
        return recorded

    store.record_answer = record_and_be_blocked  # type: ignore[method-assign, assignment]
    walk.press(Qt.Key.Key_6)
    assert "Another program is writing in it" in walk.view.messages.text
    walk.press(Qt.Key.Key_1)
    holders[0].__exit__(None, None, None)
    walk.press(Qt.Key.Key_Return)
    assert walk.scene == "finished"
    answers = walk.answers(store)
    assert [(a.confidence, a.revision) for a in answers] == [(5, 1)] * 13 + [(6, 1)]
    (session,) = store.sessions(study.study_id)
    assert session.finished_at is not None


def test_leaving_is_possible_while_the_database_is_blocked(begin: Begin, tmp_path: Path) -> None:
    workspace = scenes.library(tmp_path / "workspace")
    study = scenes.study(workspace)
    page, walk = begin(workspace, study)
    page.context.store.be_brief(200)
    walk.rate_until(2, Qt.Key.Key_5).to_image()
    with held_by_another_program(workspace):
        walk.press(Qt.Key.Key_4)
        walk.press(Qt.Key.Key_Escape)
        assert "Press Esc once more" in walk.view.messages.text
        assert page.session_view is walk.view
        walk.press(Qt.Key.Key_Escape)
        assert page.session_view is None
        assert "The session was left" in page.messages.text
    page.open_session(study.study_id, walk.view.presenter.session.reader_id)
    assert page.session_view is not None
    assert page.session_view.presenter.session.progress.answered == 2
