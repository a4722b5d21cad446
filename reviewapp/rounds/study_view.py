"""Step 4: a new blinded study of the new images, by the same protocol as before."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QWidget

from reviewapp.rating.study_form import DESIGNS, new_passphrase_problem
from reviewapp.rounds.step_view import StepView, primary, wrapped
from reviewapp.rounds.timeline import TimelineRow
from reviewapp.study.protocol import Protocol
from reviewapp.theme.tokens import SPACE_S


class StudyView(StepView):
    """``make_requested`` carries the study's name and passphrase."""

    make_requested = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: int | None = None
        self._busy = False
        self.protocol_label = wrapped("")
        self.name_edit = QLineEdit()
        self.name_edit.setMaxLength(120)
        self.passphrase_edit, self.again_edit = QLineEdit(), QLineEdit()
        form = QFormLayout()
        form.setVerticalSpacing(SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, edit in (
            ("&Name", self.name_edit),
            ("Passp&hrase", self.passphrase_edit),
            ("Passphrase a&gain", self.again_edit),
        ):
            edit.setAccessibleName(label.replace("&", ""))
            edit.textChanged.connect(self._check)
            edit.returnPressed.connect(self._request)
            form.addRow(label, edit)
        for edit in (self.passphrase_edit, self.again_edit):
            edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.problem_label = QLabel()
        self.problem_label.setProperty("role", "error")
        note = wrapped(
            "Nobody can see which images are generated until this passphrase is entered. It "
            "cannot be recovered.",
            "secondary",
        )
        self.body.addWidget(self.protocol_label)
        self.body.addLayout(form)
        self.body.addWidget(self.problem_label)
        self.body.addWidget(note)
        self.body.addStretch(1)
        self.make_button = primary("Make the study")
        self.make_button.clicked.connect(self._request)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.make_button)

    def show_round(
        self, row: TimelineRow, protocol: Protocol | None, name: str, *, busy: bool
    ) -> None:
        """Tell the protocol and propose a name; what was typed for the same round stays."""
        self.say(
            f"A new blinded session for round {row.number}",
            "The same protocol as before, with the new images and real ones drawn anew.",
        )
        self.protocol_label.setText("" if protocol is None else _protocol_text(protocol))
        if self._shown != row.number:
            self._shown = row.number
            self.name_edit.setText(name)
            self.passphrase_edit.clear()
            self.again_edit.clear()
        self._busy = busy
        self._check()

    def forget_passphrase(self) -> None:
        """Empty the fields once the passphrase has been used."""
        self.passphrase_edit.clear()
        self.again_edit.clear()

    def _check(self) -> None:
        self.problem_label.setText(self._problem())
        self.problem_label.setVisible(bool(self._problem()))
        filled = bool(self.name_edit.text().strip() and self.passphrase_edit.text())
        self.make_button.setEnabled(filled and not self._problem() and not self._busy)

    def _problem(self) -> str:
        return new_passphrase_problem(self.passphrase_edit.text(), self.again_edit.text())

    def _request(self) -> None:
        if self.make_button.isEnabled():
            self.make_requested.emit(self.name_edit.text().strip(), self.passphrase_edit.text())


def _protocol_text(protocol: Protocol) -> str:
    shown = f"{protocol.n_real} real and {protocol.n_generated} generated images"
    if protocol.is_paired:
        shown = f"{protocol.n_cases} pairs of images"
    text = f"“{protocol.title}”. {DESIGNS[protocol.design]}: {shown}"
    if protocol.n_repeats:
        text += f", {protocol.n_repeats} of them twice"
    if protocol.training_trials:
        text += f", {protocol.training_trials} for practice"
    return f"{text}."
