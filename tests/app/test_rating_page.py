"""The Rate page around its sessions: studies listed, set up, exported, unblinded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.workspace import Workspace
from reviewapp.context import AppContext
from reviewapp.rating.export_dialog import ExportDialog
from reviewapp.rating.leak_warning_dialog import LeakWarningDialog
from reviewapp.rating.page import RatingPage
from reviewapp.rating.passphrase_dialog import PassphraseDialog
from reviewapp.rating.reader_dialog import ReaderDialog, reader_title
from reviewapp.rating.study_form import LibraryCounts
from reviewapp.rating.study_setup import StudySetup
from reviewapp.rating.unblind_dialog import UnblindDialog
from reviewapp.study.model import Reader, Study

Make = Callable[..., Study]


@pytest.fixture
def workspace(workspace_with_study: Path, tmp_path: Path) -> Workspace:
    """A copy of the small library and its study."""
    shutil.copytree(workspace_with_study, tmp_path / "workspace")
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture
def setup(qtbot: QtBot, context: AppContext, study: Study) -> StudySetup:
    """The set-up of a second study, with counts that the small library has."""
    setup = StudySetup(LibraryCounts.of(context.store), frozenset({study.name}))
    qtbot.addWidget(setup)
    setup.resize(1100, 760)
    setup.show()
    setup.real_spin.setValue(3)
    setup.generated_spin.setValue(3)
    setup.training_spin.setValue(2)
    return setup


def choose(setup: StudySetup, design: str) -> None:
    setup.design_box.setCurrentIndex(setup.design_box.findData(design))


def fill_in(setup: StudySetup, name: str = "Second") -> None:
    QTest.keyClicks(setup.name_edit, name)
    QTest.keyClicks(setup.passphrase_edit, "long enough")
    QTest.keyClicks(setup.again_edit, "long enough")


def test_the_setup_says_what_is_wrong(setup: StudySetup, study: Study) -> None:
    assert not setup.create_button.isEnabled()
    fill_in(setup)
    assert setup.create_button.isEnabled()
    setup.again_edit.setText("long enuogh")
    assert "differ" in setup.problem("passphrase_again")
    assert not setup.create_button.isEnabled()
    setup.again_edit.setText("long enough")
    setup.real_spin.setValue(500)
    assert "acdc, which has 16" in setup.problem("n_real")
    setup.real_spin.setValue(3)
    setup.name_edit.setText(study.name)
    assert "exists already" in setup.problem("name")


def test_enter_goes_on_to_what_is_missing_and_then_creates(qtbot: QtBot, setup: StudySetup) -> None:
    made: list[object] = []
    setup.create_requested.connect(made.append)
    setup.name_edit.setFocus()
    qtbot.keyClick(setup.name_edit, Qt.Key.Key_Return)
    assert made == []
    assert setup.create_button.toolTip() == "Give the study a name."
    fill_in(setup)
    qtbot.keyClick(setup.again_edit, Qt.Key.Key_Return)
    assert len(made) == 1


def test_a_narrow_page_has_the_estimate_below_the_form(setup: StudySetup) -> None:
    beside = setup.estimate.mapTo(setup, QPoint(0, 0)).x()
    assert beside > setup.name_edit.mapTo(setup, QPoint(0, 0)).x() + setup.name_edit.width()
    for size, below in (((600, 400), True), ((1100, 760), False)):
        setup.resize(*size)
        QApplication.processEvents()
        assert (setup.estimate.mapTo(setup, QPoint(0, 0)).x() < beside) is below
        assert setup.estimate.isVisible()


def test_the_estimate_follows_the_fields(setup: StudySetup) -> None:
    few = setup.estimate.facts.text()
    assert "minute" in few
    assert "Area under the curve" in few
    setup.real_spin.setValue(7)
    setup.generated_spin.setValue(7)
    more = setup.estimate.facts.text()
    assert more != few
    setup.estimate.readers_spin.setValue(5)
    assert "5 readers" in setup.estimate.facts.text()
    choose(setup, "single_yes_no")
    assert "Area under the curve" not in setup.estimate.facts.text()


def test_each_design_has_its_own_fields(setup: StudySetup) -> None:
    fill_in(setup)
    assert not setup.exposure_spin.isVisible()
    choose(setup, "timed")
    assert setup.exposure_spin.isVisible()
    assert not setup.tool_boxes["marks"].isEnabled()
    setup.exposure_spin.setValue(250)
    protocol = setup.form().protocol()
    assert (protocol.design, protocol.exposure_ms) == ("timed", 250)
    choose(setup, "two_alternative")
    assert not setup.generated_spin.isVisible()
    setup.real_spin.setValue(4)
    protocol = setup.form().protocol()
    assert (protocol.n_real, protocol.n_generated, protocol.exposure_ms) == (4, 4, None)
    assert setup.tool_boxes["marks"].isEnabled()


def test_every_preset_fills_the_fields_as_far_as_the_library_has_images(setup: StudySetup) -> None:
    for position, preset in enumerate(setup._presets):
        setup.preset_box.setCurrentIndex(-1)
        setup.preset_box.setCurrentIndex(position)
        chosen = setup.form().protocol()
        counts = {"n_real", "n_generated", "training_trials"}
        kept = {"datasets", "runs", "variants"} | counts
        assert all(getattr(chosen, name) <= getattr(preset, name) for name in counts)
        assert chosen.n_real > 0
        assert chosen.n_generated > 0
        assert chosen.model_dump(exclude=kept) == preset.model_dump(exclude=kept), preset.title


def test_a_study_is_set_up_on_the_page(
    qtbot: QtBot, context: AppContext, rating_page: RatingPage, study: Study
) -> None:
    qtbot.mouseClick(rating_page.overview.new_button, Qt.MouseButton.LeftButton)
    setup = rating_page.setup
    assert setup is not None
    setup.real_spin.setValue(3)
    setup.generated_spin.setValue(3)
    setup.training_spin.setValue(0)
    fill_in(setup, "From the page")
    with qtbot.waitSignal(context.studies_changed, timeout=20_000):
        qtbot.mouseClick(setup.create_button, Qt.MouseButton.LeftButton)
    assert rating_page.setup is None
    assert rating_page.overview.names() == {"From the page", "Small study"}
    qtbot.waitUntil(lambda: rating_page.leak_view is not None)
    chosen = rating_page.overview.selected()
    assert chosen is not None
    assert chosen.study.name == "From the page"


def test_the_setup_can_be_left(qtbot: QtBot, rating_page: RatingPage, study: Study) -> None:
    rating_page.new_study()
    assert rating_page.setup is not None
    qtbot.mouseClick(rating_page.setup.cancel_button, Qt.MouseButton.LeftButton)
    assert rating_page.setup is None
    assert rating_page.overview.isVisible()


def test_the_facts_of_a_study_show_its_hash_and_when_it_froze(
    rating_page: RatingPage, context: AppContext, study: Study, reader: Reader
) -> None:
    rating_page.refresh()
    facts = rating_page.overview.facts_label
    assert study.protocol_sha256[:16] in facts.text()
    assert "not frozen yet" in facts.text()
    rating_page.open_session(study.study_id, reader.reader_id)
    rating_page._leave_session()
    assert "not frozen" not in facts.text()
    assert "frozen" in facts.text()
    assert "Dr Test 0 of 10" in facts.text()


def test_a_wrong_passphrase_is_told_and_the_right_one_unblinds(
    rating_page: RatingPage, context: AppContext, study: Study
) -> None:
    rating_page.refresh()
    rating_page.unblind_with(study.study_id, "wrong")
    assert rating_page.messages.text
    assert context.store.study(study.study_id).blinded
    rating_page.unblind_with(study.study_id, "open sesame")
    assert not context.store.study(study.study_id).blinded
    assert not rating_page.overview.start_button.isEnabled()


def test_the_truth_can_be_left_out_of_an_export_once_it_is_known(
    qtbot: QtBot, context: AppContext, study: Study
) -> None:
    blinded = ExportDialog(study)
    qtbot.addWidget(blinded)
    assert not blinded.truth_box.isEnabled()
    assert not blinded.choice().truth
    context.store.unblind(study.study_id, "open sesame")
    known = ExportDialog(context.store.study(study.study_id))
    qtbot.addWidget(known)
    assert known.choice().truth
    known.truth_box.setChecked(False)
    known.bom_box.setChecked(True)
    assert (known.choice().truth, known.choice().bom) == (False, True)


def test_a_new_readers_role_is_asked_and_kept(qtbot: QtBot, reader: Reader) -> None:
    dialog = ReaderDialog([reader], "", "Start")
    qtbot.addWidget(dialog)
    assert dialog.reader() == reader
    dialog.reader_box.setCurrentIndex(1)
    QTest.keyClicks(dialog.name_edit, "Dr New")
    assert (dialog.role_box.currentText(), dialog.reader().role) == ("Not stated", "")
    titles = {dialog.role_box.itemText(i) for i in range(dialog.role_box.count())}
    assert {"Specialist", "Resident", "Technologist", "Researcher", "Student", "Other"} < titles
    QTest.keyClicks(dialog.role_box, "Res")
    assert dialog.reader().role == "resident"
    assert "resident" in reader_title(dialog.reader())


def nameless(widget: QWidget) -> list[str]:
    """Controls that a keyboard reaches and a screen reader could not name."""
    return [
        f"{type(part).__name__} {part.objectName()}"
        for part in [widget, *widget.findChildren(QWidget)]
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not part.objectName().startswith("qt_")
        and not part.accessibleName()
        and not getattr(part, "text", str)()
    ]


def test_every_control_of_the_page_and_its_dialogs_has_a_name(
    qtbot: QtBot, rating_page: RatingPage, setup: StudySetup, study: Study, reader: Reader
) -> None:
    dialogs = (
        ReaderDialog([reader], "", "Start"),
        ExportDialog(study),
        PassphraseDialog("Leak check", "What for", "Check"),
        UnblindDialog(study.name, 1),
        LeakWarningDialog(),
    )
    for dialog in dialogs:
        qtbot.addWidget(dialog)
    for widget in (rating_page, setup, *dialogs):
        assert nameless(widget) == [], type(widget).__name__
