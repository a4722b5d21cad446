"""Asks how many images a specialist is to look at, and for the passphrase that seals them."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from reviewapp.rating.study_form import new_passphrase_problem
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.training.specialist_look import USUAL_IMAGES, SpecialistLook
from reviewapp.translation import translate
from reviewapp.widgets.confirm_buttons import ConfirmButtons
from reviewapp.widgets.number_box import NumberBox

_WIDTH = 520
_MOST_IMAGES = 200
_FEWEST_IMAGES = 5
_MAX_NAME = 120


class SpecialistDialog(QDialog):
    """The choices for a `SpecialistLook` at a run's checkpoint."""

    def __init__(
        self,
        run_id: str,
        dataset: str,
        step: int,
        names_taken: frozenset[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Training", "Ask a specialist"))
        self.setMinimumWidth(_WIDTH)
        self._run_id, self._dataset, self._step = run_id, dataset, step
        self._names_taken = names_taken
        text = QLabel(
            f"Images are drawn from the checkpoint at step {step:,} and shown among as many real "
            "ones, in a blinded order. A reader rates them on the Rate page; the results tell how "
            "many are taken for real."
        )
        text.setWordWrap(True)
        self.count_box = NumberBox()
        self.count_box.setRange(_FEWEST_IMAGES, _MOST_IMAGES)
        self.count_box.setValue(USUAL_IMAGES)
        self.count_box.setSuffix(" of each kind")
        self.name_edit = QLineEdit(_free_name(f"Look at step {step:,}", names_taken))
        self.name_edit.setMaxLength(_MAX_NAME)
        self.passphrase_edit, self.again_edit = QLineEdit(), QLineEdit()
        for edit in (self.passphrase_edit, self.again_edit):
            edit.setEchoMode(QLineEdit.EchoMode.Password)
        form = QFormLayout()
        form.setSpacing(SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(translate("Training", "&Images"), self.count_box)
        form.addRow(translate("Training", "&Name"), self.name_edit)
        form.addRow(translate("Training", "Passp&hrase"), self.passphrase_edit)
        form.addRow(translate("Training", "Passphrase a&gain"), self.again_edit)
        self.problem_label = QLabel()
        self.problem_label.setProperty("role", "error")
        self.problem_label.setWordWrap(True)
        note = QLabel(
            translate(
                "Training",
                "Nobody can see which images are generated until this passphrase is entered. It "
                "cannot be recovered.",
            )
        )
        note.setProperty("role", "secondary")
        note.setWordWrap(True)
        buttons = ConfirmButtons(self, translate("Training", "Prepare the session"))
        self.make_button = buttons.confirm_button
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(text)
        layout.addLayout(form)
        for widget in (self.problem_label, note, buttons):
            layout.addWidget(widget)
        self.make_button.setDefault(True)
        for edit in (self.name_edit, self.passphrase_edit, self.again_edit):
            edit.textChanged.connect(self._check)
        self._check()
        self.passphrase_edit.setFocus()

    def look(self) -> SpecialistLook:
        """What was chosen."""
        return SpecialistLook(
            self._run_id,
            self._dataset,
            self._step,
            self.count_box.value(),
            self.name_edit.text().strip(),
            self.passphrase_edit.text(),
        )

    def _check(self) -> None:
        typed, again = self.passphrase_edit.text(), self.again_edit.text()
        problem = new_passphrase_problem(typed, again)
        if self.name_edit.text().strip() in self._names_taken:
            problem = "A study of this name exists already; choose another."
        self.problem_label.setText(problem)
        self.problem_label.setVisible(bool(problem))
        filled = bool(self.name_edit.text().strip() and typed)
        self.make_button.setEnabled(filled and not problem)


def _free_name(wanted: str, taken: frozenset[str]) -> str:
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted} ({number})"
    return name
