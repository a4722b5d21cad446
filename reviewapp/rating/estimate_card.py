"""What a study takes and can show, for a number of readers and an accuracy to be expected."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QFrame, QLabel, QVBoxLayout, QWidget

from reviewapp.rating.estimate_words import assumptions_text, estimate_facts
from reviewapp.rating.fact_panel import FactPanel
from reviewapp.rating.study_form import StudyForm
from reviewapp.study.errors import StudyError
from reviewapp.study.precision_estimate import estimate_precision
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.number_box import NumberBox

_WIDTH = 380


class EstimateCard(QFrame):
    """Shows the estimate for the form it was given last; whoever holds it gives it anew."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setMaximumWidth(_WIDTH)
        heading = QLabel(translate("Rating", "What it takes, and what it can show"))
        heading.setProperty("role", "heading")
        heading.setWordWrap(True)
        self.readers_spin, self.accuracy_spin = NumberBox(), NumberBox()
        self.readers_spin.setRange(1, 100)
        self.accuracy_spin.setRange(50, 99)
        self.accuracy_spin.setSuffix(" %")
        self.accuracy_spin.setValue(70)
        plan = QFormLayout()
        for label, spin in (
            ("Readers planned", self.readers_spin),
            ("Expected accuracy", self.accuracy_spin),
        ):
            spin.setAccessibleName(label)
            plan.addRow(label, spin)
        self.facts = FactPanel()
        self._assumptions = QLabel()
        self._assumptions.setProperty("role", "secondary")
        self._assumptions.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        column.setSpacing(SPACE_M)
        column.addWidget(heading)
        column.addLayout(plan)
        column.addWidget(self.facts)
        column.addWidget(self._assumptions)
        column.addStretch(1)

    def show_form(self, form: StudyForm) -> None:
        """Estimate for what a form asks for, or tell why that cannot be done."""
        try:
            protocol = form.protocol()
            estimate = estimate_precision(
                protocol, self.readers_spin.value(), self.accuracy_spin.value() / 100
            )
        except StudyError as error:
            self.facts.set_facts([("Estimate", "–", str(error))])
            self._assumptions.clear()
            return
        self.facts.set_facts(estimate_facts(protocol, estimate))
        self._assumptions.setText(assumptions_text(estimate))
