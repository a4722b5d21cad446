"""Blinded sessions of every design by real key and mouse events."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QWidget
from pytestqt.qtbot import QtBot

from engine.data.folder import import_folder
from engine.data.manifest import read_manifest, write_manifest
from engine.workspace import Workspace
from reviewapp.context import AppContext
from reviewapp.rating.export_dialog import ExportChoice
from reviewapp.rating.interlude import Interlude
from reviewapp.rating.page import RatingPage
from reviewapp.rating.session_view import SessionView
from reviewapp.study.errors import StoreError
from reviewapp.study.model import Answer, Mark, Reader, Study
from reviewapp.study.store import StudyStore
from reviewapp.theme.stylesheet import apply_theme
from reviewapp.theme.tokens import DARK
from reviewapp.translation import install_language

Make = Callable[..., Study]
K = Qt.Key


class Walk:
    """Drives one session by keys, as a reader does."""

    def __init__(self, qtbot: QtBot, page: RatingPage, study: Study, reader: Reader) -> None:
        page.open_session(study.study_id, reader.reader_id)
        assert page.session_view is not None, page.messages.text
        self._qtbot = qtbot
        self._page = page
        self.study = study
        self.reader = reader
        self.view: SessionView = page.session_view
        self.n_keys = 0

    def press(self, key: Qt.Key) -> None:
        """One key to whatever has the focus in the session, once the image can be answered."""
        self.wait()
        self.n_keys += 1
        focus = self.view.focusWidget() or self.view
        QTest.keyClick(focus, key)

    def wait(self) -> None:
        """Until an image is painted, and gone again where its time is set."""
        presenter = self.view.presenter
        if self._page.session_view is self.view and presenter.scene == "image":
            self._qtbot.waitUntil(lambda: presenter.is_painted, timeout=5000)

    def start(self) -> Walk:
        """Leave the question."""
        assert self.scene == "intro"
        self.press(K.Key_Space)
        self.wait()
        return self

    @property
    def scene(self) -> str:
        return self.view.presenter.scene

    def rate_until(self, n_answers: int, key: Qt.Key) -> Walk:
        """Answer, and go on from everything between images, until so many are given."""
        while self.view.presenter.session.progress.answered < n_answers:
            self.press(key if self.scene == "image" else K.Key_Space)
        return self

    def to_image(self) -> Walk:
        """Go on until an image is shown."""
        while self.scene != "image":
            self.press(K.Key_Space)
        self.wait()
        return self

    def answers(self, store: StudyStore) -> list[Answer]:
        """What is on the disk, in the order of the trials."""
        (info,) = store.sessions(self.study.study_id)
        answers = store.latest_answers(info.session_id)
        return [answers[index] for index in sorted(answers)]

    def marks(self, store: StudyStore) -> list[Mark]:
        (info,) = store.sessions(self.study.study_id)
        return store.marks(info.session_id)


@pytest.fixture
def workspace(workspace_with_study: Path, tmp_path: Path) -> Workspace:
    """A copy of the small library and its study."""
    shutil.copytree(workspace_with_study, tmp_path / "workspace")
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def begin(qtbot: QtBot, rating_page: RatingPage, reader: Reader) -> Callable[[Study], Walk]:
    return lambda study: Walk(qtbot, rating_page, study, reader)


@pytest.fixture
def walk(begin: Callable[[Study], Walk], study: Study) -> Walk:
    """A started session with six steps of confidence, at its first practice image."""
    return begin(study).start()


def rated(walk: Walk) -> Walk:
    """At the second scored image, after the practice and one answer."""
    return walk.rate_until(2, K.Key_5).to_image().rate_until(3, K.Key_5)


# Whole sessions


def test_a_whole_session_by_keyboard(
    context: AppContext, rating_page: RatingPage, begin: Callable[[Study], Walk], study: Study
) -> None:
    focus: list[bool] = []
    context.focus_mode.connect(focus.append)
    walk = begin(study)
    walk.rate_until(10, K.Key_5)
    assert walk.scene == "finished"
    walk.press(K.Key_Space)
    assert rating_page.session_view is None
    assert focus == [True, False]
    assert [answer.confidence for answer in walk.answers(context.store)] == [5] * 10
    (info,) = context.store.sessions(study.study_id)
    assert info.finished_at is not None
    assert rating_page.overview.table.item(0, 2).text() == "1 of 1"  # type: ignore[union-attr]


def test_an_image_without_practice_takes_one_key(
    make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    walk = begin(make_study(training_trials=0, block_size=100)).start()
    before = walk.n_keys
    walk.rate_until(8, K.Key_3)
    assert walk.n_keys - before == 8
    assert walk.scene == "finished"


def test_every_number_key_is_its_confidence(context: AppContext, walk: Walk) -> None:
    walk.rate_until(2, K.Key_5).to_image()
    for number in range(1, 7):
        walk.to_image().press(K(K.Key_0 + number))
    confidences = [answer.confidence for answer in walk.answers(context.store)]
    assert confidences[2:] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("key", "response"),
    [(K.Key_F, "generated"), (K.Key_Left, "generated"), (K.Key_R, "real"), (K.Key_Right, "real")],
)
def test_a_session_of_real_or_generated(
    context: AppContext,
    make_study: Make,
    begin: Callable[[Study], Walk],
    key: Qt.Key,
    response: str,
) -> None:
    walk = begin(make_study(design="single_yes_no")).rate_until(10, key)
    assert walk.scene == "finished"
    answers = walk.answers(context.store)
    assert {answer.response for answer in answers} == {response}
    assert {answer.confidence for answer in answers} == {None}


@pytest.mark.parametrize(
    ("key", "response"),
    [(K.Key_1, "left"), (K.Key_Left, "left"), (K.Key_2, "right"), (K.Key_Right, "right")],
)
def test_a_session_of_pairs(
    context: AppContext,
    make_study: Make,
    begin: Callable[[Study], Walk],
    key: Qt.Key,
    response: str,
) -> None:
    walk = begin(make_study(design="two_alternative")).start()
    assert list(walk.view.stage.canvases) == ["left", "right"]
    left, right = (canvas.pixels for canvas in walk.view.stage.canvases.values())
    assert (left != right).any()
    walk.rate_until(6, key)
    assert walk.scene == "finished"
    assert [answer.response for answer in walk.answers(context.store)] == [response] * 6


def test_a_timed_session_shows_each_image_once_and_measures_how_long(
    qtbot: QtBot, context: AppContext, make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    study = make_study(design="timed", exposure_ms=100, timed_scale="yes_no", training_trials=0)
    walk = begin(study).start()
    view = walk.view
    shown = view.stage.first.pixels
    qtbot.waitUntil(lambda: not view.exposure.running, timeout=5000)
    assert (view.stage.first.pixels != shown).any(), "a mask covers the image"
    walk.press(K.Key_R)
    walk.wait()
    assert view.exposure.running
    # Answered before its time is over: the image goes at once.
    walk.press(K.Key_F)
    walk.rate_until(8, K.Key_R)
    first, second, *_ = walk.answers(context.store)
    assert first.exposure_ms is not None
    assert first.exposure_ms >= 100
    assert second.exposure_ms is not None
    assert second.exposure_ms < first.exposure_ms
    assert first.response_time_ms > first.exposure_ms


def test_a_timed_answer_is_changed_without_a_second_look(
    qtbot: QtBot, context: AppContext, make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    study = make_study(design="timed", exposure_ms=100, training_trials=0)
    walk = begin(study).start()
    image = walk.view.stage.first.pixels
    qtbot.waitUntil(lambda: not walk.view.exposure.running, timeout=5000)
    mask = walk.view.stage.first.pixels
    walk.press(K.Key_2)
    first = walk.answers(context.store)[0]
    walk.press(K.Key_Z)
    walk.wait()
    assert not walk.view.exposure.running
    again = walk.view.stage.first.pixels
    assert (again != image).any()
    assert (again == mask).all()
    walk.press(K.Key_6)
    changed = walk.answers(context.store)[0]
    assert (changed.confidence, changed.revision) == (6, 2)
    assert changed.exposure_ms == first.exposure_ms
    assert (first.n_showings, changed.n_showings) == (1, 1)


def test_the_mouse_answers_too_and_keeps_the_keys_working(
    qtbot: QtBot, context: AppContext, walk: Walk
) -> None:
    qtbot.mouseClick(walk.view.scale.buttons[1], Qt.MouseButton.LeftButton)
    assert [answer.confidence for answer in walk.answers(context.store)] == [2]
    assert walk.scene == "feedback"
    qtbot.mouseClick(walk.view.proceed_button, Qt.MouseButton.LeftButton)
    walk.press(K.Key_4)
    assert [answer.confidence for answer in walk.answers(context.store)] == [2, 4]


def test_the_keys_answer_from_every_control(context: AppContext, walk: Walk) -> None:
    walk.rate_until(2, K.Key_5).to_image()
    walk.view.footer.buttons["pause"].setFocus()
    walk.press(K.Key_6)
    assert [answer.confidence for answer in walk.answers(context.store)][2:] == [6]


def test_the_arrows_answer_from_every_control(
    context: AppContext, make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    walk = begin(make_study(design="single_yes_no", training_trials=0)).start()
    walk.view.scale.buttons[0].setFocus()
    walk.press(K.Key_Right)
    assert [answer.response for answer in walk.answers(context.store)] == ["real"]


def test_a_key_held_down_rates_one_image(context: AppContext, walk: Walk) -> None:
    walk.rate_until(2, K.Key_5).to_image().press(K.Key_3)
    walk.wait()
    held = QKeyEvent(
        QEvent.Type.KeyPress, K.Key_3, Qt.KeyboardModifier.NoModifier, "3", autorep=True
    )
    QApplication.sendEvent(walk.view.stage.first, held)
    assert len(walk.answers(context.store)) == 3


# Between images


def test_practice_tells_the_truth_and_scored_images_do_not(
    context: AppContext, study: Study, walk: Walk
) -> None:
    walk.press(K.Key_6)
    assert walk.scene == "feedback"
    (info,) = context.store.sessions(study.study_id)
    truth = context.store.trials(info.session_id)[0].training_truth
    assert walk.view.feedback_line.truth_label.text().lower() == truth
    assert walk.view.stage.first.pixels is not None, "the image stays beside its truth"
    walk.rate_until(2, K.Key_6)
    walk.press(K.Key_Space)
    assert "not told" in walk.view.interlude.text()
    walk.to_image().press(K.Key_6)
    assert walk.scene == "image"


def test_the_question_comes_first_with_what_is_ahead(
    begin: Callable[[Study], Walk], study: Study
) -> None:
    text = begin(study).view.interlude.text()
    assert "real or generated?" in text
    assert "10 images" in text
    assert "2 are practice" in text


def test_undo_shows_the_last_image_again_and_keeps_both_answers(
    context: AppContext, walk: Walk
) -> None:
    rated(walk)
    walk.wait()
    before = walk.view.presenter.session.current
    walk.press(K.Key_Z)
    walk.wait()
    again = walk.view.presenter.session.current
    assert before is not None
    assert again is not None
    assert again.trial_index == before.trial_index - 1
    assert walk.view.scale.buttons[4].isChecked()
    walk.press(K.Key_1)
    answer = walk.answers(context.store)[again.trial_index]
    assert (answer.confidence, answer.revision) == (1, 2)


def test_undo_stops_at_the_start_of_the_block(walk: Walk) -> None:
    walk.rate_until(6, K.Key_5)
    assert walk.scene == "break"
    walk.to_image()
    first_of_block = walk.view.presenter.session.current
    walk.press(K.Key_Z)
    assert walk.view.presenter.session.current == first_of_block


def test_pause_and_resume_at_the_same_image(
    rating_page: RatingPage, begin: Callable[[Study], Walk], study: Study, walk: Walk
) -> None:
    walk.rate_until(4, K.Key_5).to_image()
    paused_at = walk.view.presenter.session.current
    walk.press(K.Key_P)
    assert rating_page.session_view is None
    resumed = begin(study)
    assert "go on where you stopped" in resumed.view.interlude.text()
    resumed.start()
    assert resumed.view.presenter.session.current == paused_at
    assert resumed.view.presenter.session.progress.answered == 4


def test_a_second_window_on_one_session_is_refused(
    qtbot: QtBot, context: AppContext, walk: Walk, study: Study, reader: Reader
) -> None:
    other_context = AppContext(context.workspace)
    other = RatingPage(other_context)
    qtbot.addWidget(other)
    try:
        other.open_session(study.study_id, reader.reader_id)
        assert other.session_view is None
        assert "open in another window" in other.messages.text
        walk.press(K.Key_4)
        assert len(walk.answers(context.store)) == 1
        walk.press(K.Key_P)
        other.open_session(study.study_id, reader.reader_id)
        assert other.session_view is not None
    finally:
        other.close_page()
        other_context.close()


def test_the_list_of_keys_opens_and_any_key_closes_it(context: AppContext, walk: Walk) -> None:
    walk.press(K.Key_Question)
    assert walk.view.keys_overlay.isVisible()
    walk.press(K.Key_6)
    assert not walk.view.keys_overlay.isVisible()
    assert walk.answers(context.store) == [], "the key that closes the list is no answer"


def test_the_key_that_opened_the_list_of_keys_closes_it_though_it_takes_shift(walk: Walk) -> None:
    for seen in (True, False):
        walk.press(K.Key_Shift)
        walk.press(K.Key_Question)
        assert walk.view.keys_overlay.isVisible() is seen


@pytest.mark.parametrize("question", ["Which of the two images is generated?", "Which? " * 20])
def test_a_heading_between_images_is_seen_whole(qtbot: QtBot, question: str) -> None:
    interlude = Interlude()
    qtbot.addWidget(interlude)
    interlude.resize(900, 500)
    interlude.show()
    interlude.show_text(question, "One line.", "Start")
    heading = next(part for part in interlude.findChildren(QLabel) if part.text() == question)
    qtbot.waitUntil(lambda: heading.height() >= heading.heightForWidth(heading.width()))


# Comments, marks, tools


def test_a_comment_goes_with_the_answer(context: AppContext, walk: Walk) -> None:
    walk.press(K.Key_C)
    QTest.keyClicks(walk.view.comment_edit, "seam 6 mm left")
    QTest.keyClick(walk.view.comment_edit, K.Key_Return)
    walk.press(K.Key_2)
    (answer,) = walk.answers(context.store)
    assert (answer.comment, answer.confidence) == ("seam 6 mm left", 2)


def test_a_comment_typed_before_the_answer_is_there_again_after_a_pause(
    context: AppContext, begin: Callable[[Study], Walk], study: Study
) -> None:
    walk = begin(study).start()
    walk.press(K.Key_C)
    QTest.keyClicks(walk.view.comment_edit, "seam on the left")
    QTest.keyClick(walk.view.comment_edit, K.Key_Return)
    walk.press(K.Key_P)
    # Looked at and left once more, without a word.
    begin(study).start().press(K.Key_P)
    resumed = begin(study).start()
    assert resumed.view.comment_edit.text() == "seam on the left"
    resumed.press(K.Key_3)
    (answer,) = resumed.answers(context.store)
    assert answer.comment == "seam on the left"
    resumed.to_image().press(K.Key_P)
    assert begin(study).start().view.comment_edit.text() == ""


def drag(qtbot: QtBot, widget: QWidget, *points: QPoint) -> None:
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        # qtbot.mouseMove sends no pressed button along.
        _move(widget, point)
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=points[-1])


def _move(widget: QWidget, point: QPoint) -> None:
    local = QPointF(point)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        local,
        widget.mapToGlobal(local),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)


def at(walk: Walk, x: float, y: float) -> QPoint:
    """The place on the canvas of a point of the image."""
    place = walk.view.stage.first.view_position(QPointF(x, y))
    assert place is not None
    return place.toPoint()


def test_an_ellipse_is_drawn_named_and_stored_in_image_pixels(
    qtbot: QtBot, context: AppContext, walk: Walk
) -> None:
    walk.press(K.Key_M)
    drag(qtbot, walk.view.stage.first, at(walk, 10, 20), at(walk, 20, 25), at(walk, 42, 36))
    assert walk.marks(context.store) == [], "a mark needs its reason"
    walk.press(K.Key_V)
    (mark,) = walk.marks(context.store)
    assert (mark.shape, mark.reason, mark.side) == ("ellipse", "vessel", "")
    assert (mark.x, mark.y, mark.w, mark.h) == pytest.approx((10, 20, 32, 16), abs=0.2)
    walk.press(K.Key_3)
    assert len(walk.answers(context.store)) == 1


def test_a_freehand_region_keeps_its_outline(qtbot: QtBot, context: AppContext, walk: Walk) -> None:
    walk.press(K.Key_M)
    walk.press(K.Key_M)
    way = [(10, 10), (30, 12), (32, 30), (12, 28)]
    drag(qtbot, walk.view.stage.first, *(at(walk, x, y) for x, y in way))
    qtbot.mouseClick(walk.view.mark_panel.reason_buttons["texture"], Qt.MouseButton.LeftButton)
    (mark,) = walk.marks(context.store)
    assert (mark.shape, mark.reason) == ("brush", "texture")
    assert mark.points[0] == pytest.approx((10, 10), abs=0.2)
    assert mark.points[-1] == pytest.approx((12, 28), abs=0.2)
    assert (mark.x, mark.y, mark.w, mark.h) == pytest.approx((10, 10, 22, 20), abs=0.3)


def test_an_ellipse_is_drawn_by_keys_alone(context: AppContext, walk: Walk) -> None:
    canvas = walk.view.stage.first
    for key in (K.Key_M, K.Key_Right, K.Key_Right):
        QTest.keyClick(canvas, key)
    QTest.keyClick(canvas, K.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    for key in (K.Key_Return, K.Key_O):
        QTest.keyClick(canvas, key)
    (mark,) = walk.marks(context.store)
    assert mark.reason == "other"
    assert mark.h > mark.w > 0
    assert walk.answers(context.store) == [], "arrow keys moved the ellipse"


def test_marks_are_listed_and_deleted(qtbot: QtBot, context: AppContext, walk: Walk) -> None:
    for key in (K.Key_A, K.Key_N):
        walk.press(K.Key_M)
        drag(qtbot, walk.view.stage.first, at(walk, 10, 20), at(walk, 30, 40))
        walk.press(key)
    names = [button.accessibleName() for button in walk.view.mark_panel.remove_buttons]
    assert names == ["Delete mark 1: anatomy", "Delete mark 2: noise"]
    qtbot.mouseClick(walk.view.mark_panel.remove_buttons[0], Qt.MouseButton.LeftButton)
    assert [mark.reason for mark in walk.marks(context.store)] == ["noise"]
    walk.press(K.Key_Delete)
    assert walk.marks(context.store) == []


def test_a_deleted_mark_is_put_back(qtbot: QtBot, context: AppContext, walk: Walk) -> None:
    walk.press(K.Key_U)
    assert walk.marks(context.store) == [], "nothing was deleted"
    walk.press(K.Key_M)
    drag(qtbot, walk.view.stage.first, at(walk, 10, 20), at(walk, 30, 40))
    walk.press(K.Key_A)
    (drawn,) = walk.marks(context.store)
    for put_back in (lambda: walk.press(K.Key_U), walk.view.mark_panel.restore_button.click):
        walk.press(K.Key_Backspace)
        assert walk.marks(context.store) == []
        assert walk.view.mark_panel.restore_button.isVisible()
        put_back()
        (mark,) = walk.marks(context.store)
        assert (mark.x, mark.y, mark.w, mark.h, mark.reason) == (
            *(drawn.x, drawn.y, drawn.w, drawn.h),
            "anatomy",
        )
        assert not walk.view.mark_panel.restore_button.isVisible()
    walk.press(K.Key_Delete)
    walk.press(K.Key_5)
    walk.to_image().press(K.Key_U)
    assert walk.marks(context.store) == [], "it belonged to the image before"


@pytest.mark.parametrize("language", ["en", "de", "ru"])
def test_on_a_small_screen_the_image_keeps_most_of_it_and_stays_where_it_is(
    qtbot: QtBot, qapp: QApplication, rating_page: RatingPage, walk: Walk, language: str
) -> None:
    install_language(qapp, language)
    apply_theme(qapp, DARK)
    try:
        walk.press(K.Key_P)
        rating_page.resize(640, 400)
        walk = Walk(qtbot, rating_page, walk.study, walk.reader).start()
        view = walk.view
        assert view.minimumSizeHint().width() <= 640
        assert view.minimumSizeHint().height() <= 400
        stage = view.stage.geometry()
        assert stage.height() >= 0.7 * 400

        def reachable(widget: QWidget) -> bool:
            corner = widget.mapTo(view, QPoint(widget.width() - 1, widget.height() - 1))
            return widget.isVisible() and view.rect().contains(corner)

        assert all(map(reachable, (*view.scale.buttons, *view.footer.buttons.values())))
        walk.press(K.Key_C)
        assert reachable(view.comment_edit)
        QTest.keyClicks(view.comment_edit, "dark")
        QTest.keyClick(view.comment_edit, K.Key_Return)
        walk.press(K.Key_M)
        drag(qtbot, view.stage.first, at(walk, 10, 20), at(walk, 30, 40))
        qtbot.wait(1)
        assert all(map(reachable, view.mark_panel.reason_buttons.values()))
        assert view.stage.geometry() == stage
        assert view.size() == QSize(640, 400)
        walk.press(K.Key_A)
        walk.press(K.Key_Question)
        assert reachable(view.keys_overlay)
    finally:
        install_language(qapp, "en")


def test_a_slip_of_the_mouse_is_no_mark(qtbot: QtBot, context: AppContext, walk: Walk) -> None:
    walk.press(K.Key_M)
    place = at(walk, 10, 20)
    drag(qtbot, walk.view.stage.first, place, place + QPoint(1, 1))
    assert walk.view.presenter.marking.nameless is None
    walk.press(K.Key_Escape)
    assert walk.view.presenter.marking.shape is None
    assert walk.view.stage.first.drawing is None


def test_marks_come_back_with_an_undo_and_after_a_pause(
    qtbot: QtBot, context: AppContext, begin: Callable[[Study], Walk], study: Study, walk: Walk
) -> None:
    walk.rate_until(2, K.Key_5).to_image()
    walk.press(K.Key_M)
    drag(qtbot, walk.view.stage.first, at(walk, 10, 20), at(walk, 30, 40))
    walk.press(K.Key_B)
    walk.press(K.Key_5)
    walk.wait()
    assert walk.view.presenter.marks() == []
    walk.press(K.Key_Z)
    assert [mark.reason for mark in walk.view.presenter.marks()] == ["border"]
    walk.press(K.Key_P)
    resumed = begin(study).start()
    resumed.press(K.Key_Z)
    assert [mark.reason for mark in resumed.view.presenter.marks()] == ["border"]


def test_a_mark_of_a_pair_tells_its_side(
    qtbot: QtBot, context: AppContext, make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    walk = begin(make_study(design="two_alternative")).start()
    walk.press(K.Key_M)
    right = walk.view.stage.canvases["right"]
    drag(qtbot, right, QPoint(right.width() // 2, 200), QPoint(right.width() // 2 + 60, 260))
    walk.press(K.Key_R)
    (mark,) = walk.marks(context.store)
    assert (mark.side, mark.reason) == ("right", "artefact")


def test_window_zoom_and_inversion_are_recorded_with_the_answer(
    context: AppContext, make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    tools = {"window": True, "zoom": True, "invert": True}
    walk = begin(make_study(tools=tools, training_trials=0)).start()
    canvas = walk.view.stage.first
    drag_from = canvas.rect().center()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=drag_from)
    _move(canvas, drag_from + QPoint(-100, 0))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=drag_from + QPoint(-100, 0))
    walk.press(K.Key_Plus)
    walk.press(K.Key_I)
    zoom = canvas.zoom
    walk.press(K.Key_4)
    (answer,) = walk.answers(context.store)
    assert (answer.window_width, answer.inverted) == (205, True)
    assert answer.zoom == pytest.approx(zoom)
    walk.wait()
    assert (canvas.window_width, canvas.inverted) == (255, False), "each image starts anew"


def test_a_sequence_plays_about_the_image_and_stops(
    qtbot: QtBot, context: AppContext, make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    manifests = (
        context.workspace.manifest_path("acdc"),
        context.workspace.run_path("run-1") / "generated.jsonl",
    )
    for path in manifests:
        frames = [
            record.model_copy(
                update={"attributes": {"sequence": f"s{n // 2}", "frame": str(n % 2 + 1)}}
            )
            for n, record in enumerate(read_manifest(path))
        ]
        write_manifest(path, frames)
    context.store.sync_library()
    walk = begin(make_study(tools={"cine": True}, training_trials=0)).start()
    stage = walk.view.stage
    still = stage.first.pixels
    assert still is not None
    stage.first.zoom_by(2)
    zoom = stage.first.zoom
    walk.press(K.Key_Y)
    qtbot.waitUntil(lambda: (stage.first.pixels != still).any(), timeout=5000)
    assert stage.first.zoom == zoom
    walk.press(K.Key_Y)
    assert not stage.cine_runs
    walk.press(K.Key_4)
    assert len(walk.answers(context.store)) == 1
    assert not stage.cine_runs


def test_imported_sequences_play_all_their_frames_in_order(
    qtbot: QtBot,
    context: AppContext,
    tmp_path: Path,
    make_study: Make,
    begin: Callable[[Study], Walk],
) -> None:
    for kind in ("real", "generated"):
        (tmp_path / kind).mkdir()
        for number in range(8):
            # Brighter from frame to frame, so that a shown frame is told by its brightness.
            noise = np.random.default_rng(number + len(kind)).integers(0, 20, (32, 32))
            for frame in range(4):
                pixels = (noise + 50 * frame + 20).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / kind / f"heart{number}_t{frame:03d}.png")
    import_folder(tmp_path / "real", context.workspace, name="hearts", size=32)
    import_folder(
        tmp_path / "generated",
        context.workspace,
        name="theirs",
        source_kind="generated",
        compared_with="hearts",
        size=32,
    )
    context.store.sync_library()
    study = make_study(datasets=("hearts",), tools={"cine": True}, training_trials=0)
    walk = begin(study).start()
    canvas = walk.view.stage.first
    shown: list[int] = []

    def all_played() -> bool:
        assert canvas.pixels is not None
        level = round(float(canvas.pixels.mean()) / 50)
        if shown[-1:] != [level]:
            shown.append(level)
        return len(shown) > 4

    for key in (K.Key_5, K.Key_2):
        shown.clear()
        walk.press(K.Key_Y)
        qtbot.waitUntil(all_played, timeout=8000)
        assert shown == [0, 1, 2, 3, 0] or shown == [1, 2, 3, 4, 1]
        walk.press(key)
    walk.rate_until(8, K.Key_4)
    assert len(walk.answers(context.store)) == 8


def test_a_tool_that_is_not_allowed_does_nothing(
    make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    tools = dict.fromkeys(("window", "zoom", "invert", "marks", "comment"), False)
    walk = begin(make_study(tools=tools)).start()
    canvas = walk.view.stage.first
    fitted = canvas.zoom
    for key in (K.Key_Plus, K.Key_I, K.Key_M, K.Key_C, K.Key_W):
        walk.press(key)
    assert canvas.zoom == fitted
    assert not canvas.inverted
    assert canvas.drawing is None
    assert not walk.view.comment_edit.isVisible()
    assert set(walk.view.footer.buttons) == {"undo", "pause", "keys"}


# Failures and exports


def test_an_answer_that_cannot_be_written_is_kept_and_told(
    context: AppContext, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise StoreError("The disk is full; free some space.")

    with monkeypatch.context() as patch:
        patch.setattr(context.store, "record_answer", full)
        walk.press(K.Key_4)
        assert "disk is full" in walk.view.messages.text
        walk.press(K.Key_1)
    assert walk.view.presenter.has_unsaved_answer
    walk.press(K.Key_Return)
    assert [answer.confidence for answer in walk.answers(context.store)] == [4]
    assert not walk.view.presenter.has_unsaved_answer


def test_a_key_before_the_image_is_painted_is_no_answer(context: AppContext, walk: Walk) -> None:
    walk.view.presenter._forget_image()
    QTest.keyClick(walk.view.stage.first, K.Key_3)
    assert walk.answers(context.store) == []


def test_the_display_is_logged_with_its_frame_interval(
    context: AppContext, walk: Walk, study: Study
) -> None:
    walk.rate_until(3, K.Key_5)
    shown = [event for event in context.store.events(study.study_id) if event.kind == "display"]
    assert len(shown) == 1
    assert "frame interval 16.67 ms" in shown[0].detail
    intervals = [answer.frame_interval_ms for answer in walk.answers(context.store)]
    assert intervals == [pytest.approx(1000 / 60)] * 3


def test_ratings_and_marks_reach_the_files(
    qtbot: QtBot, context: AppContext, rating_page: RatingPage, walk: Walk
) -> None:
    walk.press(K.Key_M)
    drag(qtbot, walk.view.stage.first, at(walk, 10, 20), at(walk, 42, 36))
    walk.press(K.Key_V)
    walk.rate_until(10, K.Key_5)
    walk.press(K.Key_Space)
    rating_page.export(ExportChoice(bom=True))
    qtbot.waitUntil(lambda: "Exported" in rating_page.messages.text, timeout=10_000)
    folder = context.workspace.exports / walk.study.study_id
    assert (folder / "ratings.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (folder / "ratings.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["confidence"] for row in rows] == ["5"] * 10
    assert [row["n_marks"] for row in rows] == ["1"] + ["0"] * 9
    assert "truth" not in rows[0]
    with (folder / "marks.csv").open(encoding="utf-8-sig", newline="") as file:
        (mark,) = csv.DictReader(file)
    assert (mark["shape"], mark["reason"]) == ("ellipse", "vessel")
    assert float(mark["w"]) == pytest.approx(32, abs=0.2)


def every_text(widget: QWidget) -> Iterator[str]:
    """All that a widget and those in it say, to the eye, the mouse and a screen reader."""
    for part in [widget, *widget.findChildren(QWidget)]:
        yield from (
            part.toolTip(),
            part.accessibleName(),
            part.accessibleDescription(),
            part.windowTitle(),
            part.objectName(),
            part.statusTip(),
            part.whatsThis(),
        )
        text = getattr(part, "text", None)
        # A bar's text is its percentage, which the number of the trial says already.
        if callable(text) and not isinstance(part, QProgressBar):
            yield text()


def test_a_scored_image_says_the_same_whatever_it_is(
    context: AppContext, rating_page: RatingPage, make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    study = make_study(training_trials=0, block_size=100)
    walk = begin(study).start()
    walk.press(K.Key_5)
    walk.wait()
    said: list[list[str]] = []
    ids: list[str] = []
    for number in range(2, 8):
        trial = walk.view.presenter.session.current
        assert trial is not None
        ids.append(trial.image_id)
        words = [
            text.replace(f"{number} of 8", "N of 8") for text in every_text(walk.view.window())
        ]
        said.append(words)
        assert not any("run-1" in text or "dcgan" in text for text in words)
        assert not any(trial.image_id in text or trial.path.stem in text for text in words)
        walk.press(K.Key_5)
        walk.wait()
    context.store.unblind(study.study_id, "open sesame")
    truth = context.store.truth(study.study_id)
    assert {truth[image_id].source for image_id in ids} == {"real", "generated"}
    assert all(words == said[0] for words in said[1:])


def test_every_control_of_a_session_has_a_name(
    qtbot: QtBot, make_study: Make, begin: Callable[[Study], Walk]
) -> None:
    walk = begin(make_study(design="two_alternative")).start()
    walk.press(K.Key_M)
    left = walk.view.stage.canvases["left"]
    drag(qtbot, left, QPoint(left.width() // 2, 200), QPoint(left.width() // 2 + 60, 260))
    nameless = [
        f"{type(part).__name__} {part.objectName()}"
        for part in walk.view.findChildren(QWidget)
        if part.focusPolicy() != Qt.FocusPolicy.NoFocus and not part.accessibleName()
    ]
    assert nameless == []


def test_tab_goes_through_the_controls_in_the_order_of_the_screen(walk: Walk) -> None:
    walk.wait()
    view = walk.view
    order: list[QWidget | None] = [view.focusWidget()]
    for _ in range(8):
        QTest.keyClick(order[-1] or view, K.Key_Tab)
        order.append(view.focusWidget())
    assert order[0] is view.stage.first
    assert order[1:7] == view.scale.buttons
    assert order[7:9] == [view.footer.buttons["undo"], view.footer.buttons["mark"]]
