"""Controls that cannot be used now say why; presets shrink to what a library has."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from reviewapp.rating.preset_fit import fitted_counts
from reviewapp.rating.study_form import LibraryCounts, protocol_presets
from reviewapp.rating.study_reasons import StudyReasons
from reviewapp.widgets.say_why import say_why


def test_a_control_tells_why_and_what_it_does_in_turn(qtbot: QtBot) -> None:
    button = QPushButton("Start")
    qtbot.addWidget(button)
    button.setToolTip("Begin to rate")
    say_why(button, "No reader yet.")
    assert not button.isEnabled()
    assert (button.toolTip(), button.accessibleDescription()) == ("No reader yet.",) * 2
    say_why(button, "")
    assert button.isEnabled()
    assert button.toolTip() == "Begin to rate"


def test_without_a_chosen_study_each_action_says_so() -> None:
    reasons = StudyReasons.of(None)
    assert {reasons.start, reasons.unblind, reasons.train} == {"Choose a study in the list first."}


def test_a_preset_shrinks_to_the_library_and_stays_where_it_fits() -> None:
    preset = protocol_presets()[0]
    plenty = LibraryCounts({"acdc": 10_000}, {("acdc", "run-1"): 10_000})
    whole = fitted_counts(preset, plenty, ("acdc",), ("run-1",))
    assert (whole.n_real, whole.n_generated, whole.reduced) == (
        preset.n_real, preset.n_generated, False
    )  # fmt: skip
    little = LibraryCounts({"acdc": 12}, {("acdc", "run-1"): 9})
    fitted = fitted_counts(preset, little, ("acdc",), ("run-1",))
    assert fitted.reduced
    assert 0 < fitted.n_real <= 12
    assert 0 < fitted.n_generated <= 9
    assert fitted.n_real + fitted.n_generated + fitted.training_trials <= 21
