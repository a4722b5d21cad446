"""The Rounds page over real runs, studies and files: from ratings to a new session and on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from engine.feedback.held_out import is_held_out
from engine.feedback.snapshot import load_snapshot
from engine.training.config import TrainConfig
from engine.training.runs import read_summary, run_folder
from reviewapp.context import AppContext
from reviewapp.rating.page import RatingPage
from reviewapp.rounds.page import RoundsPage
from reviewapp.study.feedback_rounds import list_rounds
from reviewapp.study.model import SessionInfo, Study

TIMEOUT_MS = 30_000
PASSPHRASE = "open sesame"
Train = Callable[..., str]
MakeStudy = Callable[..., Study]
Rate = Callable[..., SessionInfo]


def opened(qtbot: QtBot, context: AppContext) -> RoundsPage:
    page = RoundsPage(context)
    page.resize(1112, 770)
    qtbot.addWidget(page)
    page.show()
    page.activate()
    qtbot.waitUntil(lambda: page.presenter.loaded, timeout=TIMEOUT_MS)
    return page


@pytest.fixture
def page(qtbot: QtBot, training_context: AppContext) -> Iterator[RoundsPage]:
    page = opened(qtbot, training_context)
    yield page
    page.close_page()


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled(), timeout=TIMEOUT_MS)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_view(qtbot: QtBot, page: RoundsPage, view: str) -> None:
    def there() -> bool:
        assert not page.messages.text, page.messages.text
        return page.presenter.view == view and not page.presenter.busy

    qtbot.waitUntil(there, timeout=TIMEOUT_MS)


def begun(qtbot: QtBot, page: RoundsPage, study: Study) -> None:
    """Round 0 with this study."""
    page.presenter.refresh()
    qtbot.waitUntil(lambda: page.begin_view.isVisible(), timeout=TIMEOUT_MS)
    page.begin_view.choose(study.study_id)
    click(qtbot, page.begin_view.begin_button)
    wait_view(qtbot, page, "ratings")


def read(qtbot: QtBot, page: RoundsPage) -> None:
    page.presenter.refresh()
    qtbot.waitUntil(lambda: page.ratings_view.read_button.isEnabled(), timeout=TIMEOUT_MS)
    click(qtbot, page.ratings_view.read_button)
    qtbot.waitUntil(lambda: page.ratings_view.next_button.isVisible(), timeout=TIMEOUT_MS)


def test_an_empty_workspace_says_what_is_needed(
    qtbot: QtBot, training_context: AppContext, page: RoundsPage
) -> None:
    assert page.empty.isVisible()
    asked: list[str] = []
    training_context.show_page.connect(asked.append)
    assert page.empty.button is not None
    click(qtbot, page.empty.button)
    assert asked == ["rating"]


def test_a_whole_round_from_ratings_to_a_new_session_and_after_a_restart(
    qtbot: QtBot,
    training_context: AppContext,
    page: RoundsPage,
    train_run: Train,
    study_of_run: MakeStudy,
    rate_study: Rate,
) -> None:
    context, store = training_context, training_context.store
    parent = train_run()
    study = study_of_run(parent, n_images=8)
    rate_study(study, confidence=1)
    rate_study(study, confidence=1, consent=False)
    store.unblind(study.study_id, PASSPHRASE)
    begun(qtbot, page, study)
    assert "Reader 1: finished and agrees – used" in page.ratings_view.readers_label.text()
    assert "Reader 2: finished, does not agree" in page.ratings_view.readers_label.text()
    read(qtbot, page)
    counts = page.ratings_view.counts_label.text()
    given = page.presenter.ratings
    assert given is not None
    held_out = sum(is_held_out(rating.group) for rating in given.ratings)
    assert given.counts.held_out == held_out
    assert f"{16 - held_out} ratings by 1 reader" in counts
    assert "recognised" in counts
    click(qtbot, page.ratings_view.next_button)
    assert page.stepper.current == 1
    plan = page.plan_view
    assert plan.row("reweighting").box.isChecked()
    plan.row("reweighting").strength_box.setCurrentIndex(2)
    plan.steps_spin.setValue(6)
    click(qtbot, plan.start_button)
    qtbot.waitUntil(lambda: len(list_rounds(context.workspace)) == 2, timeout=TIMEOUT_MS)
    child = read_summary(context.workspace, list_rounds(context.workspace)[1].run_id)
    assert (child.parent_run_id, child.config.steps) == (parent, 6)
    feedback = child.config.feedback
    assert feedback is not None
    assert (feedback.methods, feedback.negative_weight) == (("reweighting",), 2.0)
    pinned = run_folder(context.workspace, child.run_id).ratings
    snapshot = load_snapshot(pinned, feedback.snapshot_sha256)
    assert len(snapshot.held_out) == held_out
    assert {rating.reader_id for rating in snapshot.ratings} == {"R01"}
    # The truth is not kept longer than it is needed.
    assert page.presenter.ratings is None

    wait_view(qtbot, page, "draw")
    assert page.stepper.current == 2
    assert page.draw_view.count_spin.value() == 8
    click(qtbot, page.draw_view.draw_button)
    wait_view(qtbot, page, "study")
    assert store.count_images() >= 24

    # The program ends here; a new one goes on at the same step.
    page.close_page()
    page = opened(qtbot, context)
    wait_view(qtbot, page, "study")
    assert page.stepper.current == 3
    assert "8 real and 8 generated images" in page.study_view.protocol_label.text()
    for edit in (page.study_view.passphrase_edit, page.study_view.again_edit):
        assert not edit.text()
        QTest.keyClicks(edit, "another phrase")
    click(qtbot, page.study_view.make_button)
    wait_view(qtbot, page, "ratings")
    newest = store.studies()[-1]
    assert newest.name == "Round 1"
    assert newest.blinded
    assert newest.protocol.runs == (child.run_id,)
    kept = {"seed", "runs", "datasets", "variants"}
    assert newest.protocol.model_dump(exclude=kept) == study.protocol.model_dump(exclude=kept)
    assert page.study_view.passphrase_edit.text() == ""

    rows = page.presenter.rows
    assert [row.round.based_on for row in rows] == [None, 0]
    assert rows[0].cells()[2] == "0 % (0–19)"
    assert rows[1].cells()[2] == "blinded"
    assert rows[1].cells()[1] == "dcgan + reweighting"
    qtbot.waitUntil(lambda: page.pair_view.grid.count == 16, timeout=TIMEOUT_MS)

    # Back to the first round: the next one begins from it.
    page.timeline.setFocus()
    QTest.keyClick(page.timeline, Qt.Key.Key_Up)
    assert page.presenter.number == 0
    assert page.presenter.view == "ratings"
    read(qtbot, page)
    click(qtbot, page.ratings_view.next_button)
    page.plan_view.steps_spin.setValue(4)
    click(qtbot, page.plan_view.start_button)
    qtbot.waitUntil(lambda: len(list_rounds(context.workspace)) == 3, timeout=TIMEOUT_MS)
    assert list_rounds(context.workspace)[2].based_on == 0
    wait_view(qtbot, page, "draw")
    page.close_page()


def test_a_blinded_study_trains_by_its_passphrase_and_shows_no_truth(
    qtbot: QtBot,
    training_context: AppContext,
    page: RoundsPage,
    train_run: Train,
    study_of_run: MakeStudy,
    rate_study: Rate,
) -> None:
    store = training_context.store
    study = study_of_run(train_run(), permits_feedback=True)
    rate_study(study, confidence=1)
    begun(qtbot, page, study)
    qtbot.waitUntil(lambda: page.ratings_view.read_button.isEnabled(), timeout=TIMEOUT_MS)
    assert "passphrase" in page.ratings_view.read_button.text()
    page.presenter.read_ratings("wrong phrase")
    qtbot.waitUntil(lambda: "does not open" in page.messages.text, timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: not page.presenter.busy, timeout=TIMEOUT_MS)
    page.messages.clear()
    page.presenter.read_ratings(PASSPHRASE)
    qtbot.waitUntil(lambda: page.ratings_view.next_button.isVisible(), timeout=TIMEOUT_MS)
    shown = page.ratings_view.counts_label.text()
    assert "recognised" not in shown
    assert "passed for real" not in shown
    click(qtbot, page.ratings_view.next_button)
    page.plan_view.steps_spin.setValue(4)
    click(qtbot, page.plan_view.start_button)
    wait_view(qtbot, page, "draw")
    assert store.study(study.study_id).blinded
    assert page.presenter.rows[0].cells()[2:5] == ("blinded", "–", "–")
    kinds = [event.kind for event in store.events(study.study_id)]
    assert kinds.count("truth_read_for_training") == 1
    (logged,) = [e.detail for e in store.events(study.study_id) if e.kind == "trained"]
    child = TrainConfig.read(
        run_folder(training_context.workspace, page.presenter.rows[1].round.run_id).config
    )
    assert child.feedback is not None
    assert page.presenter.rows[1].round.run_id in logged
    assert child.feedback.snapshot_sha256 in logged
    assert store.verify_record().whole

    from reviewapp.training.page import TrainingPage

    train_page = TrainingPage(training_context)
    qtbot.addWidget(train_page)
    train_page.select_run(page.presenter.rows[1].round.run_id)
    told = train_page.details.facts_shown()["Ratings used"]
    assert "recognised" not in told
    assert "still blinded" in told
    qtbot.waitUntil(lambda: not training_context.tasks.running(), timeout=TIMEOUT_MS)


def test_why_blinded_ratings_cannot_train_is_not_told(
    qtbot: QtBot,
    training_context: AppContext,
    page: RoundsPage,
    train_run: Train,
    study_of_run: MakeStudy,
    rate_study: Rate,
) -> None:
    study = study_of_run(train_run(), permits_feedback=True)
    rate_study(study, confidence=6)
    begun(qtbot, page, study)
    page.presenter.read_ratings(PASSPHRASE)
    qtbot.waitUntil(lambda: page.ratings_view.next_button.isVisible(), timeout=TIMEOUT_MS)
    click(qtbot, page.ratings_view.next_button)
    click(qtbot, page.plan_view.start_button)
    qtbot.waitUntil(lambda: bool(page.messages.text), timeout=TIMEOUT_MS)
    assert "still blinded" in page.messages.text
    assert "passed for real" not in page.messages.text
    assert len(list_rounds(training_context.workspace)) == 1


def test_ratings_that_change_nothing_are_refused_with_the_reason(
    qtbot: QtBot,
    training_context: AppContext,
    page: RoundsPage,
    train_run: Train,
    study_of_run: MakeStudy,
    rate_study: Rate,
) -> None:
    study = study_of_run(train_run())
    rate_study(study, confidence=6)
    begun(qtbot, page, study)
    assert not page.ratings_view.read_button.isEnabled()
    training_context.store.unblind(study.study_id, PASSPHRASE)
    n_runs = len(training_context.training.runs())
    read(qtbot, page)
    click(qtbot, page.ratings_view.next_button)
    click(qtbot, page.plan_view.start_button)
    qtbot.waitUntil(lambda: "change nothing" in page.messages.text, timeout=TIMEOUT_MS)
    assert len(training_context.training.runs()) == n_runs
    qtbot.waitUntil(page.plan_view.start_button.isEnabled, timeout=TIMEOUT_MS)


def test_a_session_is_rated_while_the_child_trains(
    qtbot: QtBot,
    training_context: AppContext,
    page: RoundsPage,
    train_run: Train,
    study_of_run: MakeStudy,
    rate_study: Rate,
) -> None:
    context = training_context
    study = study_of_run(train_run(), permits_feedback=True)
    rate_study(study, confidence=1)
    begun(qtbot, page, study)
    page.presenter.read_ratings(PASSPHRASE)
    qtbot.waitUntil(lambda: page.ratings_view.next_button.isVisible(), timeout=TIMEOUT_MS)
    click(qtbot, page.ratings_view.next_button)
    page.plan_view.steps_spin.setValue(100_000)
    click(qtbot, page.plan_view.start_button)
    qtbot.waitUntil(
        lambda: page.training_view.isVisible() and page.presenter.progress is not None,
        timeout=TIMEOUT_MS,
    )
    child = page.presenter.rows[-1].round.run_id
    snapshot = read_summary(context.workspace, child).snapshot_sha256

    rating_page = RatingPage(context)
    qtbot.addWidget(rating_page)
    rating_page.resize(1000, 700)
    rating_page.show()
    from reviewapp.study.model import Reader

    reader = context.store.add_reader(Reader(name="Late reader"))
    rating_page.open_session(study.study_id, reader.reader_id)
    view = rating_page.session_view
    assert view is not None
    QTest.mouseClick(view.interlude.consent_box, Qt.MouseButton.LeftButton)
    while rating_page.session_view is not None:
        if view.presenter.scene == "image":
            qtbot.waitUntil(lambda: view.presenter.is_painted, timeout=TIMEOUT_MS)
            QTest.keyClick(view.stage.first, Qt.Key.Key_6)
        else:
            QTest.keyClick(view.proceed_button, Qt.Key.Key_Space)
    late = context.store.sessions(study.study_id)[-1]
    assert late.finished_at is not None
    assert late.consented
    assert read_summary(context.workspace, child).state == "running"
    click(qtbot, page.training_view.cancel_button)
    qtbot.waitUntil(
        lambda: read_summary(context.workspace, child).state == "cancelled", timeout=TIMEOUT_MS
    )
    # What came later is not in this round; the next one from the same study has it.
    assert snapshot is not None
    pinned = run_folder(context.workspace, child).ratings
    assert len(load_snapshot(pinned, snapshot).ratings) == 8
    page.presenter.select(0)
    page.presenter.read_ratings(PASSPHRASE)
    qtbot.waitUntil(lambda: page.presenter.ratings is not None, timeout=TIMEOUT_MS)
    assert page.presenter.ratings is not None
    assert len(page.presenter.ratings.ratings) == 16
    rating_page.close_page()


def test_a_reading_session_makes_the_page_forget_the_truth(
    qtbot: QtBot,
    training_context: AppContext,
    page: RoundsPage,
    train_run: Train,
    study_of_run: MakeStudy,
    rate_study: Rate,
) -> None:
    study = study_of_run(train_run(), permits_feedback=True)
    rate_study(study, confidence=1)
    begun(qtbot, page, study)
    page.presenter.read_ratings(PASSPHRASE)
    qtbot.waitUntil(lambda: page.presenter.ratings is not None, timeout=TIMEOUT_MS)
    training_context.focus_mode.emit(True)
    assert page.presenter.ratings is None
    assert not page.ratings_view.next_button.isVisible()


def test_another_page_asks_for_the_round_of_its_study(
    qtbot: QtBot,
    training_context: AppContext,
    page: RoundsPage,
    train_run: Train,
    study_of_run: MakeStudy,
    rate_study: Rate,
) -> None:
    run_id = train_run()
    first, second = study_of_run(run_id), study_of_run(run_id)
    rate_study(first, confidence=1)
    begun(qtbot, page, first)
    training_context.wanted_study = second.study_id
    page.activate()
    qtbot.waitUntil(lambda: page.begin_view.isVisible(), timeout=TIMEOUT_MS)
    assert page.begin_view.study_box.currentText() == second.name
    training_context.wanted_study = first.study_id
    page.activate()
    wait_view(qtbot, page, "ratings")
    assert first.name in page.ratings_view._note.text()


def test_every_control_of_the_page_has_a_name(
    qtbot: QtBot,
    training_context: AppContext,
    page: RoundsPage,
    train_run: Train,
    study_of_run: MakeStudy,
    rate_study: Rate,
) -> None:
    study = study_of_run(train_run())
    rate_study(study, confidence=1)
    training_context.store.unblind(study.study_id, PASSPHRASE)
    begun(qtbot, page, study)
    read(qtbot, page)
    click(qtbot, page.ratings_view.next_button)
    nameless = [
        f"{type(part).__name__} {part.objectName()}"
        for part in page.findChildren(QWidget)
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not part.objectName().startswith("qt_")
        and not part.accessibleName()
        and not getattr(part, "text", str)()
    ]
    assert nameless == []
