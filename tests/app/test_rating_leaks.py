"""The leak check in the page: what it finds, its remedies, and the warning before a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel
from pytestqt.qtbot import QtBot

from engine.data.content_store import write_image
from engine.data.manifest import write_manifest
from engine.data.records import ImageRecord, Source
from engine.workspace import Workspace
from reviewapp.context import AppContext
from reviewapp.rating.leak_view import LeakView
from reviewapp.rating.leak_warning_dialog import LeakWarningDialog
from reviewapp.rating.leak_words import feature_text
from reviewapp.rating.page import RatingPage
from reviewapp.rating.reader_dialog import ReaderDialog
from reviewapp.study.model import Reader, Study
from reviewapp.study.pack_opening import open_pack
from reviewapp.study.protocol import Remedies

PASSPHRASE = "open sesame"


def add_tell_tale_images(workspace: Workspace, count: int) -> None:
    """Noise of the same kind, but the generated images use the darker half of the levels."""
    rng = np.random.default_rng(4)

    def record(source: Source, number: int) -> ImageRecord:
        top = 65536 if source == "real" else 32768
        pixels = rng.integers(0, top, (32, 32)).astype(np.uint16)
        return ImageRecord(
            record_id=f"{source}/{number:03d}",
            key=write_image(workspace, pixels),
            dataset="acdc",
            source=source,
            width=32,
            height=32,
            channels=1,
            bit_depth=16,
            variant="dcgan" if source == "generated" else "",
            run_id="run-1" if source == "generated" else "",
        )

    write_manifest(workspace.manifest_path("acdc"), [record("real", n) for n in range(count)])
    generated = [record("generated", n) for n in range(count)]
    write_manifest(workspace.run_path("run-1") / "generated.jsonl", generated)


@pytest.fixture
def leaky(context: AppContext, make_study: Callable[..., Study]) -> Study:
    add_tell_tale_images(context.workspace, 16)
    context.store.sync_library()
    return make_study("Leaky", n_real=14, n_generated=14)


@pytest.fixture
def checked(qtbot: QtBot, rating_page: RatingPage, leaky: Study) -> Iterator[LeakView]:
    """The check of the leaky study, done."""
    rating_page.refresh()
    rating_page.show_leaks(leaky, PASSPHRASE)
    assert rating_page.leak_view is not None
    view = rating_page.leak_view
    qtbot.waitUntil(lambda: len(view.audits) == 1, timeout=30_000)
    yield view


def labels(view: LeakView) -> str:
    return "\n".join(label.text() for label in view.findChildren(QLabel))


def test_a_leak_is_told_and_pictured(checked: LeakView) -> None:
    assert checked.audits[0].warns
    assert checked.sentence_label.property("role") == "error"
    text = labels(checked)
    assert "AUC" in text
    assert "as if generated" in text
    pictures = [label for label in checked.findChildren(QLabel) if not label.pixmap().isNull()]
    assert len(pictures) >= 4


def test_a_remedy_is_one_click_and_is_checked_at_once(
    qtbot: QtBot, context: AppContext, checked: LeakView, leaky: Study
) -> None:
    before = context.store.study(leaky.study_id).protocol_sha256
    qtbot.mouseClick(checked.remedy_buttons["match_histogram"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(checked.audits) == 2, timeout=30_000)
    study = context.store.study(leaky.study_id)
    assert study.protocol.remedies.match_histogram
    assert study.protocol_sha256 != before
    assert checked.remedy_buttons["match_histogram"].isChecked()
    qtbot.waitUntil(checked.remedy_buttons["match_histogram"].hasFocus)
    assert "→" in checked.history_label.text()
    first, second = checked.audits
    brightness = {feature.name: feature.auc for feature in first.features}
    matched = {feature.name: feature.auc for feature in second.features}
    assert sum(matched.values()) < sum(brightness.values())
    qtbot.mouseClick(checked.remedy_buttons["match_histogram"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(checked.audits) == 3, timeout=30_000)
    assert not context.store.study(leaky.study_id).protocol.remedies.match_histogram


def test_a_remedy_in_use_is_not_proposed_again(checked: LeakView) -> None:
    feature = next(part for part in checked.audits[0].features if part.remedy == "match_histogram")
    assert "Remedy: Match grey levels" in feature_text(feature, Remedies())
    in_use = feature_text(feature, Remedies(match_histogram=True))
    assert "Remedy" not in in_use
    assert "“Match grey levels” is in use" in in_use


def test_remedies_end_with_the_first_session(
    qtbot: QtBot, context: AppContext, checked: LeakView, leaky: Study, reader: Reader
) -> None:
    context.store.open_session(leaky.study_id, reader.reader_id)
    qtbot.mouseClick(checked.again_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(checked.audits) == 2, timeout=30_000)
    qtbot.waitUntil(lambda: checked.again_button.isEnabled())
    assert not any(button.isEnabled() for button in checked.remedy_buttons.values())
    assert "frozen" in checked.protocol_label.text()


def test_a_wrong_passphrase_is_told(qtbot: QtBot, rating_page: RatingPage, leaky: Study) -> None:
    rating_page.show_leaks(leaky, "wrong")
    view = rating_page.leak_view
    assert view is not None
    qtbot.waitUntil(lambda: bool(view.messages.text), timeout=30_000)
    assert view.audits == []
    qtbot.mouseClick(view.close_button, Qt.MouseButton.LeftButton)
    assert rating_page.leak_view is None
    assert rating_page.overview.isVisible()


def test_the_reader_of_a_pack_is_warned_without_a_figure(
    qtbot: QtBot,
    checked: LeakView,
    context: AppContext,
    leaky: Study,
    reader: Reader,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert checked.audits[0].warns
    pack = context.store.make_pack(leaky.study_id, reader.reader_id, tmp_path / "a.readingpack")
    elsewhere = AppContext.open(open_pack(pack.path, pack.code, tmp_path / "elsewhere").root)
    page = RatingPage(elsewhere)
    qtbot.addWidget(page)
    page.show()
    page.activate()
    shown: list[str] = []
    decision = QDialog.DialogCode.Rejected

    def look(dialog: LeakWarningDialog) -> QDialog.DialogCode:
        shown.append(dialog.warning_label.text())
        return decision

    monkeypatch.setattr(LeakWarningDialog, "exec", look)
    page.start_session()
    assert page.session_view is None
    decision = QDialog.DialogCode.Accepted
    page.start_session()
    assert page.session_view is not None, page.messages.text
    assert len(shown) == 2
    assert "Ask the coordinator" in shown[0]
    assert "AUC" not in shown[0]
    telling = checked.audits[0].features[0]
    assert telling.title.lower() not in shown[0].lower()
    page.close_page()
    elsewhere.close()


@pytest.mark.parametrize(
    ("key", "result"),
    [
        (Qt.Key.Key_Return, QDialog.DialogCode.Accepted),
        (Qt.Key.Key_Escape, QDialog.DialogCode.Rejected),
    ],
)
def test_the_warning_is_answered_by_key(
    qtbot: QtBot, key: Qt.Key, result: QDialog.DialogCode
) -> None:
    dialog = LeakWarningDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    with qtbot.waitSignal(dialog.finished) as finished:
        qtbot.keyClick(dialog, key)
    assert finished.args == [result.value]


def test_readers_are_warned_before_a_session_without_a_hint(
    checked: LeakView, rating_page: RatingPage, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def look(dialog: ReaderDialog) -> QDialog.DialogCode:
        shown.append(dialog.warning_label.text())
        return QDialog.DialogCode.Rejected

    monkeypatch.setattr(ReaderDialog, "exec", look)
    rating_page.start_session()
    (warning,) = shown
    assert "Ask the coordinator" in warning
    telling = checked.audits[0].features[0]
    assert telling.title.lower() not in warning.lower()
    assert telling.description.lower() not in warning.lower()
    assert "properties other than the content" in rating_page.overview.facts_label.text()
