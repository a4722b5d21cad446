"""Step 2 before it begins: which generator trains on, in which ways, how strongly, how long."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QPushButton,
    QWidget,
)

from reviewapp.browse.network_jobs import run_title
from reviewapp.rounds.method_row import MethodRow
from reviewapp.rounds.methods import MethodOffer
from reviewapp.rounds.round_ratings import RoundPlan, RoundRatings
from reviewapp.rounds.step_view import StepView, primary
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.number_box import NumberBox

_MAX_STEPS = 10_000_000
_BOX_CHARACTERS = 24


class PlanView(StepView):
    """``start_requested`` carries a `RoundPlan`; ``back_requested`` goes to the ratings."""

    start_requested = Signal(object)
    back_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ratings: RoundRatings | None = None
        self._busy = False
        self.rows: list[MethodRow] = []
        self.parent_box = QComboBox()
        self.parent_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.parent_box.setMinimumContentsLength(_BOX_CHARACTERS)
        self.parent_box.setAccessibleName(translate("Rounds", "Train on from"))
        self.parent_box.view().setAccessibleName(translate("Rounds", "Train on from"))
        self.parent_box.currentIndexChanged.connect(self._take_parent)
        self.steps_spin = NumberBox()
        self.steps_spin.setRange(1, _MAX_STEPS)
        self.steps_spin.setGroupSeparatorShown(True)
        self.steps_spin.setSingleStep(1000)
        self.steps_spin.setAccessibleName(translate("Rounds", "Steps"))
        form = QFormLayout()
        form.setVerticalSpacing(SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(translate("Rounds", "Train on &from"), self.parent_box)
        form.addRow(translate("Rounds", "S&teps"), self.steps_spin)
        self.body.addLayout(form)
        self._methods = QWidget()
        self.body.addWidget(self._methods)
        self.numbers_box = QCheckBox(translate("Rounds", "Show the &numbers"))
        self.numbers_box.toggled.connect(self._show_numbers)
        self.body.addWidget(self.numbers_box)
        self.body.addStretch(1)
        self.back_button = QPushButton(translate("Rounds", "Back"))
        self.back_button.clicked.connect(self.back_requested)
        self.start_button = primary("Start training")
        self.start_button.clicked.connect(lambda: self.start_requested.emit(self.plan()))
        self.buttons.addWidget(self.back_button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.start_button)

    def show_ratings(self, ratings: RoundRatings, next_number: int, *, busy: bool) -> None:
        """Offer what these ratings can train; the same ones again keep what was chosen."""
        self.say(
            f"Train round {next_number}",
            "A copy of the generator trains on with the ratings, which are frozen first, so that "
            "the round can be repeated. The parent stays as it is.",
        )
        if ratings is not self._ratings:
            self._ratings = ratings
            self.parent_box.blockSignals(True)
            self.parent_box.clear()
            for run in ratings.parents:
                self.parent_box.addItem(run_title(run), run)
            self.parent_box.blockSignals(False)
            self._take_parent()
        self._busy = busy
        self._check()

    def plan(self) -> RoundPlan:
        """What was chosen."""
        chosen = [row for row in self.rows if row.box.isChecked()]
        return RoundPlan(
            parent_run_id=self.parent_box.currentData().run_id,
            steps=self.steps_spin.value(),
            methods=tuple(row.offer.words.method for row in chosen),
            weights={name: value for row in chosen for name, value in row.weights.items()},
        )

    def row(self, method: str) -> MethodRow:
        """The row of a way of feedback."""
        return next(row for row in self.rows if row.offer.words.method == method)

    def _take_parent(self) -> None:
        run = self.parent_box.currentData()
        if run is None or self._ratings is None:
            return
        self.steps_spin.setValue(run.config.steps)
        offers = self._ratings.offers[run.config.variant]
        if [row.offer for row in self.rows] != list(offers):
            self._make_rows(offers)
        self._check()

    def _make_rows(self, offers: tuple[MethodOffer, ...]) -> None:
        methods = QWidget()
        grid = QGridLayout(methods)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(SPACE_S)
        self.rows = [MethodRow(offer) for offer in offers]
        for place, row in enumerate(self.rows):
            row.changed.connect(self._check)
            row.show_numbers(self.numbers_box.isChecked())
            grid.addWidget(row, place, 0)
        self.body.replaceWidget(self._methods, methods)
        self._methods.deleteLater()
        self._methods = methods
        usable = [row for row in self.rows if not row.offer.refusal]
        if usable:
            usable[0].box.setChecked(True)

    def _check(self) -> None:
        chosen = any(row.box.isChecked() for row in self.rows)
        self.start_button.setEnabled(chosen and not self._busy)
        self.start_button.setToolTip("" if chosen else "Choose at least one way of feedback")

    def _show_numbers(self, shown: bool) -> None:
        for row in self.rows:
            row.show_numbers(shown)
