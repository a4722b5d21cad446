"""Asks which run draws how many images."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.network_jobs import (
    GenerateRequest,
    drawing_runs,
    mapping_runs,
    run_title,
)
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.confirm_buttons import ConfirmButtons
from reviewapp.widgets.number_box import NumberBox

if TYPE_CHECKING:
    from engine.training.runs import RunSummary

MAX_IMAGES = 10_000
_MAX_SEED = 2**31 - 1
#: drawn seeds are short enough to be read out
_DRAWN_SEEDS = 1_000_000
_WIDTH = 600


class GenerateDialog(QDialog):
    """Choices for one batch of generated images; ``runs`` must hold at least one usable run."""

    def __init__(self, runs: list[RunSummary], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Browse", "Generate images"))
        self.setMinimumWidth(_WIDTH)
        self._runs = runs
        self.run_box = QComboBox()
        for run in drawing_runs(runs):
            self.run_box.addItem(run_title(run), run)
        self.run_box.currentIndexChanged.connect(self._offer_maps)
        self.count_box = NumberBox()
        self.count_box.setRange(1, MAX_IMAGES)
        self.count_box.setValue(24)
        self.seed_box = NumberBox()
        self.seed_box.setRange(0, _MAX_SEED)
        self._draw_seed()
        self.seed_box.setToolTip(translate("Browse", "The same seed draws the same images again"))
        another = QPushButton(icon("refresh-cw"), "")
        another.setToolTip(translate("Browse", "Another seed"))
        another.setAccessibleName(translate("Browse", "Another seed"))
        another.clicked.connect(self._draw_seed)
        seed_row = QHBoxLayout()
        seed_row.setSpacing(SPACE_S)
        seed_row.addWidget(self.seed_box, 1)
        seed_row.addWidget(another)
        self.maps_box = QComboBox()
        for box in (self.run_box, self.maps_box):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(30)
        form = QFormLayout()
        form.setSpacing(SPACE_S)
        form.addRow(translate("Browse", "&Trained generator"), self.run_box)
        form.addRow(translate("Browse", "&How many"), self.count_box)
        seed_label = QLabel(translate("Browse", "&Seed"))
        seed_label.setBuddy(self.seed_box)
        form.addRow(seed_label, seed_row)
        form.addRow(translate("Browse", "&Uncertainty maps"), self.maps_box)
        explanation = QLabel(
            translate(
                "Browse",
                "The images join the library as generated ones. "
                "The same generator and seed always give the same images.",
            )
        )
        explanation.setProperty("role", "secondary")
        explanation.setWordWrap(True)
        buttons = ConfirmButtons(self, translate("Browse", "Generate"))
        self.generate_button = buttons.confirm_button
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addLayout(form)
        layout.addWidget(explanation)
        layout.addWidget(buttons)
        self.generate_button.setDefault(True)
        self._offer_maps()

    def request(self) -> GenerateRequest:
        """What was chosen."""
        run: RunSummary = self.run_box.currentData()
        return GenerateRequest(
            run.run_id, self.count_box.value(), self.seed_box.value(), self.maps_box.currentData()
        )

    def _draw_seed(self) -> None:
        self.seed_box.setValue(random.randrange(_DRAWN_SEEDS))

    def _offer_maps(self) -> None:
        run: RunSummary = self.run_box.currentData()
        self.maps_box.clear()
        self.maps_box.addItem(
            translate("Browse", "only those that the generator makes itself"), None
        )
        for mapper in mapping_runs(self._runs, run.config.dataset):
            if mapper.run_id != run.run_id:
                self.maps_box.addItem(f"by {run_title(mapper)}", mapper.run_id)
