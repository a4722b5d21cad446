"""One way of feedback on the page."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QGridLayout, QWidget

from reviewapp.rounds.methods import NORMAL, STRENGTHS, MethodOffer
from reviewapp.rounds.step_view import wrapped
from reviewapp.theme.tokens import SPACE_L
from reviewapp.widgets.number_box import DecimalBox

_INDENT = 26


class MethodRow(QWidget):
    """One way of feedback: a box to tick, its strength in words, and its numbers."""

    changed = Signal()

    def __init__(self, offer: MethodOffer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.offer = offer
        self.box = QCheckBox(offer.words.title)
        self.strength_box = QComboBox()
        self.strength_box.setAccessibleName(f"Strength of {offer.words.title}")
        self.strength_box.view().setAccessibleName(self.strength_box.accessibleName())
        for strength in STRENGTHS:
            self.strength_box.addItem(strength.title, strength.factor)
        self.strength_box.setCurrentIndex(NORMAL)
        explanation = wrapped(offer.refusal or offer.words.explanation, "secondary")
        explanation.setIndent(_INDENT)
        self.box.setEnabled(not offer.refusal)
        self.strength_box.setVisible(not offer.refusal)
        self.box.setAccessibleDescription(offer.refusal or offer.words.explanation)
        self._numbers = QWidget()
        numbers = QFormLayout(self._numbers)
        numbers.setContentsMargins(_INDENT, 0, 0, 0)
        self.spins: dict[str, DecimalBox] = {}
        for weight in offer.weights:
            spin = DecimalBox()
            spin.setRange(0, weight.largest)
            spin.setDecimals(3)
            spin.setSingleStep(weight.usual / 4)
            spin.setToolTip(weight.words.explanation)
            spin.setAccessibleName(weight.words.label)
            self.spins[weight.words.field] = spin
            numbers.addRow(weight.words.label, spin)
        self._numbers.hide()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(2)
        layout.setHorizontalSpacing(SPACE_L)
        layout.addWidget(self.box, 0, 0)
        layout.addWidget(self.strength_box, 0, 1)
        layout.addWidget(explanation, 1, 0, 1, 2)
        layout.addWidget(self._numbers, 2, 0, 1, 2)
        layout.setColumnStretch(0, 1)
        self.strength_box.currentIndexChanged.connect(self._take_strength)
        self.box.toggled.connect(self._enable)
        self._take_strength()
        self._enable()

    @property
    def weights(self) -> dict[str, float]:
        """The numbers by their field in the configuration."""
        return {field: spin.value() for field, spin in self.spins.items()}

    def show_numbers(self, shown: bool) -> None:
        """Show the numbers behind the word."""
        self._numbers.setVisible(shown and not self.offer.refusal)

    def _take_strength(self) -> None:
        for weight in self.offer.weights:
            usual = weight.usual * self.strength_box.currentData()
            self.spins[weight.words.field].setValue(usual)

    def _enable(self) -> None:
        used = self.box.isChecked() and self.box.isEnabled()
        self.strength_box.setEnabled(used)
        self._numbers.setEnabled(used)
        self.changed.emit()
