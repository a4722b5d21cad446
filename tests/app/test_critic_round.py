"""A round taught by a realism critic and by reweighting, led through the page from end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from engine.feedback.judge import read_scores
from engine.feedback.snapshot import load_snapshot
from engine.training.runs import read_summary, run_folder
from reviewapp.context import AppContext
from reviewapp.rounds.page import RoundsPage
from reviewapp.rounds.timeline import COLUMNS
from reviewapp.study.feedback_rounds import list_rounds
from reviewapp.study.model import AnswerDraft, Mark, Reader, Study
from reviewapp.study.timestamps import utc_now

TIMEOUT_MS = 120_000
PASSPHRASE = "open sesame"
N_IMAGES = 110
#: of each of the critic's networks: enough for what these readers go by
CRITIC_STEPS = 60.0


@pytest.fixture
def page(qtbot: QtBot, training_context: AppContext) -> Iterator[RoundsPage]:
    page = RoundsPage(training_context)
    page.resize(1280, 800)
    qtbot.addWidget(page)
    page.show()
    page.activate()
    qtbot.waitUntil(lambda: page.presenter.loaded, timeout=TIMEOUT_MS)
    yield page
    page.close_page()


def as_presented(path: Path) -> NDArray[np.float64]:
    """The grey values (S, S) that a reader sees, in [0, 1]."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"), dtype=np.float64) / 255


def middle_brightness(pixels: NDArray[np.float64]) -> float:
    """How much brighter an image (S, S) is in the middle."""
    quarter = pixels.shape[-1] // 4
    return float(pixels[..., quarter:-quarter, quarter:-quarter].mean() - pixels.mean())


def rate_by_middle(context: AppContext, study: Study, name: str, shift: float = 0.0) -> None:
    """A reader who believes images with a bright middle, marks the others, and agrees."""
    store = context.store
    reader = store.add_reader(Reader(name=name))
    session = store.open_session(study.study_id, reader.reader_id).session_id
    store.record_consent(session, True)
    trials = store.trials(session)
    values = [
        middle_brightness(as_presented(context.workspace.image_path(trial.presented_key)))
        for trial in trials
    ]
    ranks = np.argsort(np.argsort(values)) / len(values)
    for trial, rank in zip(trials, ranks, strict=True):
        confidence = int(np.clip(np.round(1 + 5 * rank + shift), 1, 6))
        draft = AnswerDraft(confidence, 900.0, utc_now(), utc_now())
        if confidence == 1:
            mark = Mark(
                f"{session}-{trial.trial_index}",
                *(session, trial.trial_index, "ellipse", 8.0, 8.0, 20.0, 20.0, "texture"),
            )
            store.record_mark(mark)
        store.record_answer(session, trial.trial_index, draft)
    store.finish_session(session)


def click(qtbot: QtBot, page: RoundsPage, button: QAbstractButton) -> None:
    def ready() -> bool:
        assert not page.messages.text, page.messages.text
        return button.isVisible() and button.isEnabled()

    qtbot.waitUntil(ready, timeout=TIMEOUT_MS)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_view(qtbot: QtBot, page: RoundsPage, view: str) -> None:
    def there() -> bool:
        assert not page.messages.text, page.messages.text
        return page.presenter.view == view and not page.presenter.busy

    qtbot.waitUntil(there, timeout=TIMEOUT_MS)


def told(page: RoundsPage, number: int) -> dict[str, str]:
    """The timeline's cells of a round, as they stand in the table."""
    cells = [page.timeline.item(number, column) for column in range(len(COLUMNS))]
    return dict(zip(COLUMNS, (cell.text() for cell in cells if cell is not None), strict=True))


def test_a_critic_and_reweighting_teach_a_round_that_is_rated_again(
    qtbot: QtBot,
    training_context: AppContext,
    page: RoundsPage,
    train_run: Callable[..., str],
    study_of_run: Callable[..., Study],
) -> None:
    context, store = training_context, training_context.store
    parent = train_run(steps=60, checkpoint_every=60, batch_size=8)
    study = study_of_run(parent, n_images=N_IMAGES, n_real=8, n_generated=N_IMAGES)
    for name, shift in (("Lenient", 0.4), ("Strict", -0.4), ("Steady", 0.0)):
        rate_by_middle(context, study, name, shift)
    store.unblind(study.study_id, PASSPHRASE)

    page.presenter.refresh()
    qtbot.waitUntil(lambda: page.begin_view.isVisible(), timeout=TIMEOUT_MS)
    page.begin_view.choose(study.study_id)
    click(qtbot, page, page.begin_view.begin_button)
    click(qtbot, page, page.ratings_view.read_button)
    qtbot.waitUntil(lambda: page.ratings_view.next_button.isVisible(), timeout=TIMEOUT_MS)
    assert "A realism critic needs 60" in page.ratings_view.critic_label.text()
    click(qtbot, page, page.ratings_view.next_button)
    for method in ("reweighting", "critic"):
        page.plan_view.row(method).box.setChecked(True)
    page.plan_view.steps_spin.setValue(20)
    assert page.plan_view.plan().methods == ("reweighting", "critic")
    # What the page starts, but for the time that its critic takes.
    plan = page.plan_view.plan()
    quick = replace(plan, weights=plan.weights | {"critic_steps": CRITIC_STEPS})
    page.plan_view.start_requested.emit(quick)
    wait_view(qtbot, page, "draw")

    child = read_summary(context.workspace, list_rounds(context.workspace)[1].run_id)
    feedback = child.config.feedback
    assert feedback is not None
    assert feedback.methods == ("reweighting", "critic")
    pinned = run_folder(context.workspace, child.run_id).ratings
    snapshot = load_snapshot(pinned, feedback.snapshot_sha256)
    assert snapshot.n_readers == 3
    scores = read_scores(run_folder(context.workspace, child.run_id).root / "feedback.json")
    assert [score.step for score in scores][:: len(scores) - 1] == [0, 20]
    judge = scores[-1].judge
    assert scores[-1].critic != scores[0].critic
    row = told(page, 1)
    assert row["Round"] == "1 ← 0"
    assert row["Generator"] == "dcgan + reweighting + critic"
    # So few held-out ratings may be too little evidence for a judge; then it has no say.
    assert ("→" in row["Judge"]) == (judge is not None)
    before = told(page, 0)
    assert float(before["Marks"]) > 0
    assert before["Fool rate"].endswith(")")
    assert float(before["d′"]) == pytest.approx(
        page.presenter.rows[0].readers.d_prime.value, abs=0.01
    )  # type: ignore[union-attr]

    click(qtbot, page, page.draw_view.draw_button)
    wait_view(qtbot, page, "study")
    for edit in (page.study_view.passphrase_edit, page.study_view.again_edit):
        QTest.keyClicks(edit, PASSPHRASE)
    click(qtbot, page, page.study_view.make_button)
    wait_view(qtbot, page, "ratings")
    newest = store.studies()[-1]
    assert newest.blinded
    assert newest.protocol.runs == (child.run_id,)
    qtbot.waitUntil(lambda: page.pair_view.grid.count == 16, timeout=TIMEOUT_MS)
    assert told(page, 1)["Fool rate"] == "blinded"
    rate_by_middle(context, newest, "Later reader")
    store.unblind(newest.study_id, PASSPHRASE)
    page.presenter.refresh()
    qtbot.waitUntil(lambda: told(page, 1)["Fool rate"].endswith(")"), timeout=TIMEOUT_MS)
    assert "round 1" in page.chart.accessibleName()

    page.timeline.setFocus()
    QTest.keyClick(page.timeline, Qt.Key.Key_Up)
    assert page.presenter.number == 0
    assert page.presenter.view == "ratings"
