"""A blinded session by real key events: every answer is on disk before the next image."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from reviewapp.context import AppContext
from reviewapp.rating.page import RatingPage
from reviewapp.rating.session_view import SessionView
from reviewapp.rating.study_dialog import StudyDialog
from reviewapp.rating.study_form import LibraryCounts
from reviewapp.study.errors import StoreError
from reviewapp.study.model import Reader, Study


@pytest.fixture
def page(qtbot: QtBot, context: AppContext) -> Iterator[RatingPage]:
    page = RatingPage(context)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    page.activate()
    yield page
    page.close_page()


@pytest.fixture
def reader(context: AppContext) -> Reader:
    return context.store.add_reader(Reader(name="Dr Test", specialty="Radiology"))


def opened(qtbot: QtBot, page: RatingPage, study: Study, reader: Reader) -> SessionView:
    page.open_session(study.study_id, reader.reader_id)
    assert page.session_view is not None, page.messages.text
    shown(qtbot, page.session_view)
    return page.session_view


def shown(qtbot: QtBot, view: SessionView) -> None:
    """Wait until the scene is on the screen."""
    if view.presenter.scene == "image":
        qtbot.waitUntil(lambda: view.presenter._painted_ns is not None, timeout=5000)


def press(qtbot: QtBot, view: SessionView, key: Qt.Key) -> None:
    scene = view.presenter.scene
    QTest.keyClick(view.canvas if scene == "image" else view.interlude.proceed_button, key)


def rate_until(qtbot: QtBot, page: RatingPage, n_answers: int, key: Qt.Key = Qt.Key.Key_5) -> None:
    """Answer, and go on from practice feedback and breaks, until ``n_answers`` are given."""
    while (view := page.session_view) is not None:
        if view.presenter.session.progress.answered >= n_answers:
            return
        press(qtbot, view, key if view.presenter.scene == "image" else Qt.Key.Key_Space)
        shown(qtbot, view)


def confidences(context: AppContext, study: Study) -> list[int]:
    (info,) = context.store.sessions(study.study_id)
    answers = context.store.latest_answers(info.session_id)
    return [answers[index].confidence for index in sorted(answers)]


def test_a_whole_session_by_keyboard(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study, reader: Reader
) -> None:
    focus: list[bool] = []
    context.focus_mode.connect(focus.append)
    view = opened(qtbot, page, study, reader)
    rate_until(qtbot, page, 10)
    assert view.presenter.scene == "finished"
    press(qtbot, view, Qt.Key.Key_Space)
    assert page.session_view is None
    assert focus == [True, False]
    assert confidences(context, study) == [5] * 10
    (info,) = context.store.sessions(study.study_id)
    assert info.finished_at is not None
    assert page.table.item(0, 2).text() == "1 of 1"  # type: ignore[union-attr]


def test_every_number_key_is_its_confidence(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study, reader: Reader
) -> None:
    view = opened(qtbot, page, study, reader)
    rate_until(qtbot, page, 2)
    press(qtbot, view, Qt.Key.Key_Space)
    for number in range(1, 7):
        while view.presenter.scene != "image":
            press(qtbot, view, Qt.Key.Key_Space)
        shown(qtbot, view)
        press(qtbot, view, Qt.Key(Qt.Key.Key_0 + number))
    assert confidences(context, study)[2:] == [1, 2, 3, 4, 5, 6]


def test_the_mouse_rates_too(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study, reader: Reader
) -> None:
    view = opened(qtbot, page, study, reader)
    QTest.mouseClick(view.scale.buttons[2], Qt.MouseButton.LeftButton)
    assert confidences(context, study) == [2]


def test_practice_tells_the_truth_and_scored_images_do_not(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study, reader: Reader
) -> None:
    view = opened(qtbot, page, study, reader)
    press(qtbot, view, Qt.Key.Key_6)
    assert view.presenter.scene == "feedback"
    (info,) = context.store.sessions(study.study_id)
    truth = context.store.trials(info.session_id)[0].training_truth
    assert view.presenter.feedback_text()[0].lower() == truth
    rate_until(qtbot, page, 2)
    press(qtbot, view, Qt.Key.Key_Space)
    assert "not told" in view.presenter.break_text()[1]
    press(qtbot, view, Qt.Key.Key_Space)
    shown(qtbot, view)
    press(qtbot, view, Qt.Key.Key_6)
    assert view.presenter.scene == "image"


def test_undo_shows_the_last_image_again_and_keeps_both_answers(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study, reader: Reader
) -> None:
    view = opened(qtbot, page, study, reader)
    rate_until(qtbot, page, 3)
    before = view.presenter.session.current
    press(qtbot, view, Qt.Key.Key_Z)
    shown(qtbot, view)
    again = view.presenter.session.current
    assert before is not None
    assert again is not None
    assert again.trial_index == before.trial_index - 1
    assert view.scale.buttons[5].isChecked()
    press(qtbot, view, Qt.Key.Key_1)
    (info,) = context.store.sessions(study.study_id)
    answer = context.store.latest_answers(info.session_id)[again.trial_index]
    assert (answer.confidence, answer.revision) == (1, 2)


def test_pause_and_resume_at_the_same_image(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study, reader: Reader
) -> None:
    view = opened(qtbot, page, study, reader)
    rate_until(qtbot, page, 4)
    paused_at = view.presenter.session.current
    press(qtbot, view, Qt.Key.Key_P)
    assert page.session_view is None
    resumed = opened(qtbot, page, study, reader)
    assert resumed.presenter.session.current == paused_at
    assert resumed.presenter.session.progress.answered == 4


def test_a_comment_goes_with_the_answer(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study, reader: Reader
) -> None:
    view = opened(qtbot, page, study, reader)
    press(qtbot, view, Qt.Key.Key_C)
    QTest.keyClicks(view.comment_edit, "seam 6 mm left")
    QTest.keyClick(view.comment_edit, Qt.Key.Key_Return)
    press(qtbot, view, Qt.Key.Key_2)
    (info,) = context.store.sessions(study.study_id)
    answer = context.store.latest_answers(info.session_id)[0]
    assert (answer.comment, answer.confidence) == ("seam 6 mm left", 2)


def test_an_answer_that_cannot_be_written_is_kept_and_told(
    qtbot: QtBot,
    context: AppContext,
    page: RatingPage,
    study: Study,
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view = opened(qtbot, page, study, reader)

    def full(*args: object, **kwargs: object) -> None:
        raise StoreError("The disk is full; free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(context.store, "record_answer", full)
        press(qtbot, view, Qt.Key.Key_4)
        assert "disk is full" in view.messages.text
        press(qtbot, view, Qt.Key.Key_1)
    assert view.presenter.has_unsaved_answer
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert confidences(context, study) == [4]
    assert not view.presenter.has_unsaved_answer


def test_a_key_before_the_image_is_painted_is_no_answer(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study, reader: Reader
) -> None:
    page.open_session(study.study_id, reader.reader_id)
    view = page.session_view
    assert view is not None
    view.presenter._forget_image()
    QTest.keyClick(view.canvas, Qt.Key.Key_3)
    (info,) = context.store.sessions(study.study_id)
    assert context.store.latest_answers(info.session_id) == {}


def test_the_session_screen_names_no_source_before_the_truth(
    qtbot: QtBot, page: RatingPage, study: Study, reader: Reader
) -> None:
    view = opened(qtbot, page, study, reader)
    rate_until(qtbot, page, 3)
    texts = [label.text() for label in view.findChildren(QLabel)]
    tips = [w.toolTip() for w in [view, view.canvas, *view.findChildren(QPushButton)]]
    assert not any("run-1" in text or "dcgan" in text for text in texts + tips)
    session = view.presenter.session.current
    assert session is not None
    assert "generated" not in session.image_id


def test_every_control_of_the_session_has_a_name(
    qtbot: QtBot, page: RatingPage, study: Study, reader: Reader
) -> None:
    view = opened(qtbot, page, study, reader)
    assert view.canvas.accessibleName()
    assert all(button.accessibleName() for button in view.scale.buttons.values())


def test_the_csv_is_exported_from_the_page(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study, reader: Reader
) -> None:
    opened(qtbot, page, study, reader)
    rate_until(qtbot, page, 10)
    assert page.session_view is not None
    press(qtbot, page.session_view, Qt.Key.Key_Space)
    qtbot.mouseClick(page.export_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Exported" in page.messages.text, timeout=10_000)
    path = context.workspace.exports / study.study_id / "ratings.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["confidence"] for row in rows] == ["5"] * 10
    assert "truth" not in rows[0]


def test_a_wrong_passphrase_is_told_and_the_right_one_unblinds(
    page: RatingPage, context: AppContext, study: Study
) -> None:
    page.refresh()
    page.unblind_with(study.study_id, "wrong")
    assert page.messages.text
    assert context.store.study(study.study_id).blinded
    page.unblind_with(study.study_id, "open sesame")
    assert not context.store.study(study.study_id).blinded
    assert not page.start_button.isEnabled()


def test_the_study_dialog_says_what_is_wrong(
    qtbot: QtBot, context: AppContext, study: Study
) -> None:
    dialog = StudyDialog(LibraryCounts.of(context.store), frozenset({study.name}))
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.create_button.isEnabled()
    QTest.keyClicks(dialog.name_edit, "Second")
    dialog.real_spin.setValue(3)
    dialog.generated_spin.setValue(3)
    dialog.training_spin.setValue(2)
    QTest.keyClicks(dialog.passphrase_edit, "long enough")
    QTest.keyClicks(dialog.again_edit, "long enuogh")
    assert "differ" in dialog._problem_labels["passphrase_again"].text()
    assert not dialog.create_button.isEnabled()
    dialog.again_edit.setText("long enough")
    assert dialog.create_button.isEnabled()
    dialog.real_spin.setValue(500)
    assert "acdc, which has 8" in dialog._problem_labels["n_real"].text()
    dialog.real_spin.setValue(3)
    dialog.name_edit.setText(study.name)
    assert "exists already" in dialog._problem_labels["name"].text()


def test_a_study_is_made_from_the_form(
    qtbot: QtBot, context: AppContext, page: RatingPage, study: Study
) -> None:
    dialog = StudyDialog(LibraryCounts.of(context.store), frozenset())
    qtbot.addWidget(dialog)
    dialog.name_edit.setText("From the form")
    dialog.real_spin.setValue(3)
    dialog.generated_spin.setValue(3)
    dialog.training_spin.setValue(0)
    dialog.passphrase_edit.setText("long enough")
    dialog.again_edit.setText("long enough")
    with qtbot.waitSignal(context.studies_changed, timeout=20_000):
        page.create_study(dialog.form())
    names = {page.table.item(row, 0).text() for row in range(2)}  # type: ignore[union-attr]
    assert names == {"From the form", "Small study"}
