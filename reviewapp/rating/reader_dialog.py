"""Who is about to read: choose a reader of this workspace or add one."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from reviewapp.study.model import READER_ROLES, Reader
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.confirm_buttons import ConfirmButtons
from reviewapp.widgets.number_box import NumberBox
from reviewapp.widgets.say_why import say_why

_WIDTH = 440
_NOT_TOLD = -1
_NOT_STATED = "Not stated"
SPECIALTIES = (
    "Cardiology",
    "Ophthalmology",
    "Radiology",
    "Medical physics",
    "Radiography",
    "Other",
)


class ReaderDialog(QDialog):
    """The last reader is preselected, so that Enter alone starts; ``reader`` is the choice.

    A new reader comes back without an id, to be added to the store by the caller.
    """

    def __init__(
        self,
        readers: list[Reader],
        last_reader_id: str,
        action: str,
        warning: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """``warning`` is told above everything else; "" where there is nothing to warn of."""
        super().__init__(parent)
        self.setWindowTitle(translate("Rating", "Who is reading?"))
        self.setFixedWidth(_WIDTH)
        self._readers = readers
        self.reader_box = QComboBox()
        self.reader_box.setAccessibleName(translate("Rating", "Reader"))
        for reader in readers:
            self.reader_box.addItem(reader_title(reader))
        self.reader_box.addItem(translate("Rating", "New reader…"))
        self.reader_box.setVisible(bool(readers))

        self.name_edit = QLineEdit()
        self.name_edit.setMaxLength(120)
        self.name_edit.setPlaceholderText(
            translate("Rating", "Name or initials; stays in this workspace")
        )
        self.role_box = QComboBox()
        for role in READER_ROLES:
            self.role_box.addItem(role.capitalize() or _NOT_STATED, role)
        self.specialty_box = QComboBox()
        self.specialty_box.setEditable(True)
        self.specialty_box.addItems(SPECIALTIES)
        # Blank until chosen: what was not said must not stand in the exports.
        self.specialty_box.setCurrentIndex(-1)
        typed = self.specialty_box.lineEdit()
        typed.setPlaceholderText(_NOT_STATED)
        typed.setAccessibleName(translate("Rating", "Specialty"))
        self.experience_spin = NumberBox()
        self.experience_spin.setRange(_NOT_TOLD, 70)
        self.experience_spin.setSpecialValueText(_NOT_STATED)
        self.experience_spin.setValue(_NOT_TOLD)
        self.experience_spin.setSuffix(" years")
        self._new_fields = QWidget()
        form = QFormLayout(self._new_fields)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(SPACE_M)
        for label, field in (
            ("&Name", self.name_edit),
            ("&Role", self.role_box),
            ("&Specialty", self.specialty_box),
            ("&Experience", self.experience_spin),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label.replace("&", ""))
        for box in (self.reader_box, self.role_box, self.specialty_box):
            box.view().setAccessibleName(box.accessibleName())

        explanation = QLabel(
            translate(
                "Rating",
                "Exports carry a reader's role, specialty and experience under a neutral number, "
                "no name.",
            )
        )
        explanation.setProperty("role", "secondary")
        explanation.setWordWrap(True)
        buttons = ConfirmButtons(self, action)
        self.start_button = buttons.confirm_button

        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        self.warning_label = QLabel(warning)
        self.warning_label.setProperty("role", "error")
        self.warning_label.setWordWrap(True)
        self.warning_label.setVisible(bool(warning))
        layout.addWidget(self.warning_label)
        layout.addWidget(self.reader_box)
        layout.addWidget(self._new_fields)
        layout.addWidget(explanation)
        layout.addWidget(buttons)
        self.start_button.setDefault(True)

        ids = [reader.reader_id for reader in readers]
        self.reader_box.setCurrentIndex(ids.index(last_reader_id) if last_reader_id in ids else 0)
        self.reader_box.currentIndexChanged.connect(self._update)
        self.name_edit.textChanged.connect(self._update)
        self._update()
        (self.reader_box if readers else self.name_edit).setFocus()

    @property
    def is_new(self) -> bool:
        """Whether a reader is being added."""
        return self.reader_box.currentIndex() == len(self._readers)

    def reader(self) -> Reader:
        """The chosen reader, or the new one with a blank id."""
        if not self.is_new:
            return self._readers[self.reader_box.currentIndex()]
        years = self.experience_spin.value()
        return Reader(
            name=self.name_edit.text().strip(),
            role=self.role_box.currentData(),
            specialty=self.specialty_box.currentText().strip(),
            experience_years=None if years == _NOT_TOLD else float(years),
        )

    def _update(self) -> None:
        self._new_fields.setVisible(self.is_new)
        nameless = self.is_new and not self.name_edit.text().strip()
        say_why(self.start_button, translate("Rating", "Enter a name or initials.") * nameless)
        self.adjustSize()


def reader_title(reader: Reader) -> str:
    """A reader's name with the role, specialty and experience that tell two of a name apart."""
    parts = [reader.name or reader.reader_id]
    if reader.role:
        parts.append(reader.role)
    if reader.specialty:
        parts.append(reader.specialty)
    if reader.experience_years is not None:
        years = reader.experience_years
        parts.append(f"{years:g} year{'' if years == 1 else 's'}")
    return "  ·  ".join(parts)
