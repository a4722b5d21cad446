"""Enter in a field of a dialog does what the dialog is for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from reviewapp.context import AppContext
from reviewapp.data_import.dialog import ImportDialog
from reviewapp.rating.export_dialog import ExportDialog
from reviewapp.rating.open_pack_dialog import OpenPackDialog
from reviewapp.rating.passphrase_dialog import PassphraseDialog
from reviewapp.rating.reader_dialog import ReaderDialog
from reviewapp.rating.unblind_dialog import UnblindDialog
from reviewapp.study.model import Study
from reviewapp.training.new_run_dialog import NewRunDialog
from reviewapp.widgets.number_box import DecimalBox, NumberBox

Made = tuple[QDialog, QPushButton, QWidget]


def _reader(_context: AppContext, _study: Study) -> Made:
    dialog = ReaderDialog([], "", "Start")
    return dialog, dialog.start_button, dialog.experience_spin


def _open_pack(context: AppContext, _study: Study) -> Made:
    dialog = OpenPackDialog(context.tasks, Path("packs"))
    return dialog, dialog.open_button, dialog.folder_edit


def _passphrase(_context: AppContext, _study: Study) -> Made:
    dialog = PassphraseDialog("Leak check", "What for", "Check")
    return dialog, dialog.action_button, dialog.passphrase_edit


def _unblind(_context: AppContext, study: Study) -> Made:
    dialog = UnblindDialog(study.name, 1)
    return dialog, dialog.unblind_button, dialog.passphrase_edit


def _export(_context: AppContext, study: Study) -> Made:
    dialog = ExportDialog(study)
    return dialog, dialog.export_button, dialog.bom_box


def _import(context: AppContext, _study: Study) -> Made:
    dialog = ImportDialog(context)
    return dialog, dialog.import_button, dialog.form_view


def _new_run(context: AppContext, _study: Study) -> Made:
    dialog = NewRunDialog(context)
    return dialog, dialog.start_button, dialog.seed_spin


@pytest.mark.parametrize(
    "make", [_reader, _open_pack, _passphrase, _unblind, _export, _import, _new_run]
)
def test_enter_in_a_field_presses_the_dialogs_own_button(
    qtbot: QtBot,
    context: AppContext,
    study: Study,
    make: Callable[[AppContext, Study], Made],
) -> None:
    dialog, primary, field = make(context, study)
    qtbot.addWidget(dialog)
    dialog.show()
    pressed: list[str] = []
    for button in dialog.findChildren(QPushButton):
        button.clicked.disconnect()
        button.clicked.connect(lambda _=False, pushed=button: pressed.append(pushed.text()))
    primary.setEnabled(True)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert pressed == [primary.text()]
    dialog.close()


@pytest.mark.parametrize("kind", [NumberBox, DecimalBox])
def test_a_number_stands_off_its_border_and_is_as_high_as_other_fields(
    qtbot: QtBot, kind: type[NumberBox] | type[DecimalBox]
) -> None:
    box = kind()
    qtbot.addWidget(box)
    box.show()
    assert box.lineEdit().textMargins().left() == 8
    assert box.height() == 32
