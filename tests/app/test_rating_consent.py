"""The question of consent, as a reader meets it: asked before the start, no unless said, kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from reviewapp.context import AppContext
from reviewapp.rating.consent_dialog import ConsentDialog
from reviewapp.rating.page import RatingPage
from reviewapp.rating.session_view import SessionView
from reviewapp.study.errors import StoreError
from reviewapp.study.model import Reader, SessionInfo, Study

K = Qt.Key


@pytest.fixture
def view(rating_page: RatingPage, study: Study, reader: Reader) -> SessionView:
    """A session at its start screen."""
    rating_page.open_session(study.study_id, reader.reader_id)
    assert rating_page.session_view is not None
    return rating_page.session_view


def session_of(context: AppContext, study: Study) -> SessionInfo:
    (info,) = context.store.sessions(study.study_id)
    return info


def test_the_start_screen_asks_and_no_is_the_default(
    context: AppContext, study: Study, view: SessionView
) -> None:
    box = view.interlude.consent_box
    assert box.isVisible()
    assert not box.isChecked()
    assert "train" in box.text()
    assert view.proceed_button.hasFocus()
    assert session_of(context, study).consented is None
    QTest.keyClick(view.proceed_button, K.Key_Space)
    assert view.presenter.scene == "image"
    assert session_of(context, study).consented is False


def test_tab_and_space_say_yes(context: AppContext, study: Study, view: SessionView) -> None:
    QTest.keyClick(view.proceed_button, K.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert view.interlude.consent_box.hasFocus()
    QTest.keyClick(view.interlude.consent_box, K.Key_Space)
    assert view.presenter.scene == "intro"
    assert session_of(context, study).consented is True
    QTest.keyClick(view.interlude.consent_box, K.Key_Return)
    assert view.presenter.scene == "image"
    assert session_of(context, study).consented is True


def test_it_can_be_changed_at_a_break_and_is_shown_as_it_stands(
    qtbot: QtBot, context: AppContext, study: Study, view: SessionView
) -> None:
    QTest.keyClick(view.interlude.consent_box, K.Key_Space)
    QTest.keyClick(view.proceed_button, K.Key_Space)
    while view.presenter.scene != "break":
        if view.presenter.scene == "image":
            qtbot.waitUntil(lambda: view.presenter.is_painted)
            QTest.keyClick(view.stage.first, K.Key_4)
        else:
            QTest.keyClick(view.proceed_button, K.Key_Space)
    assert view.interlude.consent_box.isChecked()
    QTest.keyClick(view.interlude.consent_box, K.Key_Space)
    assert session_of(context, study).consented is False


def test_an_answer_that_cannot_be_written_is_told_and_not_pretended(
    view: SessionView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(view.presenter.session, "consent", refuse)
    QTest.keyClick(view.interlude.consent_box, K.Key_Space)
    assert "The disk is full" in view.messages.text
    assert not view.interlude.consent_box.isChecked()
    QTest.keyClick(view.proceed_button, K.Key_Space)
    assert view.presenter.scene == "intro"
    monkeypatch.undo()
    QTest.keyClick(view.proceed_button, K.Key_Space)
    assert view.presenter.scene == "image"


def test_the_coordinator_changes_it_at_the_readers_wish(
    qtbot: QtBot, context: AppContext, rating_page: RatingPage, study: Study, view: SessionView
) -> None:
    QTest.keyClick(view.proceed_button, K.Key_Space)
    rating_page._leave_session()
    dialog = ConsentDialog(context.store, study.study_id)
    qtbot.addWidget(dialog)
    item = dialog.list.item(0)
    assert "Dr Test" in item.text()
    assert "did not agree" in item.text()
    item.setCheckState(Qt.CheckState.Checked)
    assert session_of(context, study).consented is True
    rating_page.refresh()
    assert "agrees to training" in rating_page.overview.facts_label.text()
    assert rating_page.overview.consent_button.isEnabled()


def test_the_setup_permits_training_while_blinded(
    qtbot: QtBot, rating_page: RatingPage, make_study: Callable[..., Study], study: Study
) -> None:
    rating_page.new_study()
    setup = rating_page.setup
    assert setup is not None
    assert not setup.form().protocol().permits_feedback
    setup.feedback_box.click()
    assert setup.form().protocol().permits_feedback
    permitting = make_study(permits_feedback=True)
    assert permitting.protocol_sha256 != study.protocol_sha256
    rating_page._leave_setup()
    rating_page.refresh()
    rating_page.overview.select(permitting.study_id)
    assert "permitted while blinded" in rating_page.overview.facts_label.text()
