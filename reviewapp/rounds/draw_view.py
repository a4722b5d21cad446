"""Step 3: images of the newly trained generator for the next session."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QWidget

from reviewapp.rounds.step_view import StepView, primary
from reviewapp.rounds.timeline import TimelineRow
from reviewapp.study.feedback_rounds import DrawnBatch
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.number_box import NumberBox

_MAX_IMAGES = 10_000
_MAX_SEED = 2**31 - 1


class DrawView(StepView):
    """``draw_requested`` carries a `DrawnBatch`."""

    draw_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: int | None = None
        self.count_spin = NumberBox()
        self.count_spin.setRange(1, _MAX_IMAGES)
        self.seed_spin = NumberBox()
        self.seed_spin.setRange(0, _MAX_SEED)
        self.seed_spin.setToolTip(translate("Rounds", "The same seed draws the same images again"))
        form = QFormLayout()
        form.setVerticalSpacing(SPACE_S)
        form.addRow(translate("Rounds", "&How many"), self.count_spin)
        form.addRow(translate("Rounds", "&Seed"), self.seed_spin)
        self.count_spin.setAccessibleName(translate("Rounds", "How many"))
        self.seed_spin.setAccessibleName(translate("Rounds", "Seed"))
        self.body.addLayout(form)
        self.body.addStretch(1)
        self.draw_button = primary("Draw the images")
        self.draw_button.clicked.connect(
            lambda: self.draw_requested.emit(
                DrawnBatch(n=self.count_spin.value(), seed=self.seed_spin.value())
            )
        )
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.draw_button)

    def show_round(self, row: TimelineRow, proposed: DrawnBatch, *, busy: bool) -> None:
        """Propose a batch; what was typed for the same round stays."""
        self.say(
            f"Draw new images for round {row.number}",
            "The next session shows these beside real ones. As many as the study needs are "
            "proposed; they join the library as generated images.",
        )
        if self._shown != row.number:
            self._shown = row.number
            self.count_spin.setValue(proposed.n)
            self.seed_spin.setValue(proposed.seed)
        self.draw_button.setEnabled(not busy)
