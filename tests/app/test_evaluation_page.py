"""Evaluate: runs are measured in the background, beside what readers said of their images."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QTableWidget
from pytestqt.qtbot import QtBot

from engine.evaluation.encoder import load_or_train_encoder
from engine.evaluation.evaluation_record import (
    Evaluation,
    EvaluationConfig,
    MetricRecord,
    list_evaluations,
    write_evaluation,
)
from engine.training.config import TrainConfig
from engine.training.runs import create_run
from reviewapp.context import AppContext
from reviewapp.evaluation.evaluate_dialog import EvaluateDialog
from reviewapp.evaluation.page import EvaluationPage
from reviewapp.evaluation.presenter import EvaluationRequest, checkpoint_steps
from reviewapp.results.result_files import SVG_FILTER
from reviewapp.study.model import Reader
from reviewapp.study.protocol import parse_protocol
from reviewapp.study.session import RatingSession
from reviewapp.study.timestamps import utc_now
from reviewapp.training.bridge import TrainingBridge
from tests.app.conftest import PASSPHRASE, SMALL_PROTOCOL

WAIT_MS = 60_000
Configs = Callable[..., TrainConfig]


@pytest.fixture
def page(qtbot: QtBot, training_context: AppContext) -> Iterator[EvaluationPage]:
    page = EvaluationPage(training_context)
    qtbot.addWidget(page)
    page.resize(1280, 800)
    page.show()
    yield page
    page.close_page()


def refreshed(qtbot: QtBot, page: EvaluationPage) -> None:
    with qtbot.waitSignal(page.presenter.shown, timeout=WAIT_MS):
        page.activate()


def texts(page: EvaluationPage) -> str:
    parts = [label.text() for label in page.findChildren(QLabel)]
    for table in page.findChildren(QTableWidget):
        cells = [
            table.item(r, c) for r in range(table.rowCount()) for c in range(table.columnCount())
        ]
        parts += [item.text() for item in cells if item is not None]
    return "\n".join(parts)


def trained(qtbot: QtBot, context: AppContext, config: TrainConfig) -> str:
    bridge: TrainingBridge = context.training
    run_id = bridge.submit(config)
    qtbot.waitUntil(lambda: not bridge.busy(), timeout=WAIT_MS)
    return run_id


def test_without_an_evaluation_it_says_what_one_is(
    qtbot: QtBot, page: EvaluationPage, training_context: AppContext
) -> None:
    refreshed(qtbot, page)
    assert "No generator was evaluated yet" in texts(page)
    qtbot.mouseClick(page.evaluate_button, Qt.MouseButton.LeftButton)
    assert "Train a generator first" in texts(page)


def test_a_run_is_evaluated_and_shown(
    qtbot: QtBot, page: EvaluationPage, training_context: AppContext, tiny_config: Configs
) -> None:
    workspace = training_context.workspace
    run_id = trained(qtbot, training_context, tiny_config(steps=4, checkpoint_every=2))
    assert checkpoint_steps(workspace, run_id) == [4, 2]
    load_or_train_encoder(workspace, "acdc", 32, steps=2)
    dialog = EvaluateDialog(page.presenter.runs())
    qtbot.addWidget(dialog)
    dialog.count_box.setValue(32)
    assert dialog.request() == EvaluationRequest(run_id, 4, 32)
    with qtbot.waitSignal(page.presenter.shown, timeout=WAIT_MS):
        page.presenter.evaluate(dialog.request())
        assert page.progress.isVisible()
        assert not page.evaluate_button.isEnabled()
    assert not page.progress.isVisible()
    (found,) = list_evaluations(workspace)
    assert (found.run_id, found.step, found.complete) == (run_id, 4, True)
    assert "FD (acdc-encoder)" in page.metric_box.itemText(0)
    shown = texts(page)
    assert run_id in shown
    assert "not rated" in shown
    assert "Not to be told yet. No checkpoint has both ratings and this metric." in shown


def test_an_evaluation_can_be_cancelled_and_failures_are_told(
    qtbot: QtBot, page: EvaluationPage, training_context: AppContext, tiny_config: Configs
) -> None:
    run_id = trained(qtbot, training_context, tiny_config(steps=2, checkpoint_every=2))
    page.presenter.evaluate(EvaluationRequest(run_id, 2, 100_000))
    assert page.presenter.busy
    qtbot.mouseClick(page.progress.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.presenter.busy, timeout=WAIT_MS)
    assert list_evaluations(training_context.workspace) == []
    page.presenter.evaluate(EvaluationRequest(run_id, 77, 32))
    qtbot.waitUntil(lambda: "no checkpoint at step 77" in texts(page), timeout=WAIT_MS)


def test_inception_is_an_explicit_choice_and_unknown_weights_are_refused(
    qtbot: QtBot,
    page: EvaluationPage,
    training_context: AppContext,
    tiny_config: Configs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run_id = trained(qtbot, training_context, tiny_config(steps=2, checkpoint_every=2))
    dialog = EvaluateDialog(page.presenter.runs())
    qtbot.addWidget(dialog)
    dialog.show()
    box = dialog.features_box
    assert dialog.request().inception is None
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert dialog.request().inception == "download"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert (box.currentIndex(), dialog.request().inception) == (0, None)
    weights = tmp_path / "own.pth"
    weights.write_bytes(b"pickle")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(weights), ""))
    qtbot.keyClick(box, Qt.Key.Key_End)
    assert box.currentText() == "Inception-v3, own.pth"
    assert dialog.request() == EvaluationRequest(run_id, 2, 2000, inception=weights)
    page.presenter.evaluate(dialog.request())
    qtbot.waitUntil(lambda: "was not opened" in texts(page), timeout=WAIT_MS)


def keep_evaluations(context: AppContext, tiny_config: Configs, n: int) -> None:
    """Runs run-0 … with distances 1, 2 …, without training any."""
    for number in range(n):
        create_run(context.workspace, tiny_config(), f"run-{number}")
        metric = MetricRecord(
            name="frechet_distance", label="FD (acdc-encoder)", value=1.0 + number, better="lower"
        )
        write_evaluation(
            context.workspace,
            Evaluation(
                run_id=f"run-{number}", step=10, weights_sha256="0" * 64, variant="dcgan",
                dataset="acdc", size=32, extractor="acdc-encoder", config=EvaluationConfig(),
                n_real=30, protocol="", metrics={metric.name: metric}, complete=True,
            ),
        )  # fmt: skip


def add_rated_images(context: AppContext, n_runs: int) -> None:
    """A finished, unblinded study whose reader is fooled the less the later the run."""
    import numpy as np

    from engine.data.content_store import write_image
    from engine.data.manifest import write_manifest
    from engine.data.records import ImageRecord

    rng = np.random.default_rng(2)
    for number in range(n_runs):
        records = [
            ImageRecord(
                record_id=f"run-{number}/{i}",
                key=write_image(
                    context.workspace, rng.integers(0, 65536, (64, 64)).astype(np.uint16)
                ),
                dataset="acdc", source="generated", width=64, height=64, channels=1, bit_depth=16,
                variant="dcgan", run_id=f"run-{number}", checkpoint_step=10, seed=0,
                sample_index=i,
            )
            for i in range(6)
        ]  # fmt: skip
        write_manifest(context.workspace.run_path(f"run-{number}") / "generated.jsonl", records)
    store = context.store
    store.sync_library()
    fields = SMALL_PROTOCOL | {
        "n_real": 6, "n_generated": 6 * n_runs, "training_trials": 0, "block_size": 50,
    }  # fmt: skip
    study = store.create_study("Rated", parse_protocol(fields), PASSPHRASE, seed=1)
    from reviewapp.study.study_rows import unseal_study

    truths = {
        t.image_id: t for t in unseal_study(store._database, study.study_id, PASSPHRASE).truths
    }
    reader = store.add_reader(Reader(name="Dr Test"))
    session = RatingSession(store, store.open_session(study.study_id, reader.reader_id))
    seen: dict[str, int] = {}
    while not session.finished:
        now = utc_now()
        truth = truths[session.current.image_id]  # type: ignore[union-attr]
        seen[truth.run_id] = seen.get(truth.run_id, 0) + 1
        number = int(truth.run_id.removeprefix("run-")) if truth.run_id else 0
        real = truth.source == "real" or seen[truth.run_id] > number
        session.answer(5 if real else 2, 900.0, now, now)
        session.advance()
        session.end_break()
    store.unblind(study.study_id, PASSPHRASE)


def test_metrics_stand_beside_the_readers_and_are_saved(
    qtbot: QtBot, page: EvaluationPage, training_context: AppContext, tiny_config: Configs,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    keep_evaluations(training_context, tiny_config, 6)
    add_rated_images(training_context, 6)
    refreshed(qtbot, page)
    shown = texts(page)
    assert "Yes: checkpoints that it calls better also fooled the readers more often." in shown
    assert "100 % (61–100 %) of 6" in shown
    assert "17 % (3–56 %) of 6" in shown
    view = page.view
    assert view is not None
    table, figure = tmp_path / "agreement.csv", tmp_path / "agreement.svg"
    answers = iter([(str(table), ""), (str(figure), SVG_FILTER)])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: next(answers))
    qtbot.mouseClick(view.tables["All metrics"].save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(table.is_file, timeout=WAIT_MS)
    with table.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["value"]) < -0.9
    assert float(row["p_permutation"]) < 0.01
    (shown_figure,) = view.figures.values()
    qtbot.mouseClick(shown_figure.heading.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(figure.is_file, timeout=WAIT_MS)
    assert "<svg" in figure.read_text(encoding="utf-8")
