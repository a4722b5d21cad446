"""Asks which checkpoint to evaluate and how closely."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.network_jobs import run_title
from reviewapp.evaluation.presenter import EvaluationRequest
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.confirm_buttons import ConfirmButtons
from reviewapp.widgets.number_box import NumberBox

if TYPE_CHECKING:
    from engine.training.runs import RunSummary

_WIDTH = 600
_AIS_IMAGES = 10
_FILE_ITEM = 2


class EvaluateDialog(QDialog):
    """Choices for one evaluation; ``runs`` with their checkpoints' steps, at least one."""

    def __init__(
        self, runs: list[tuple[RunSummary, list[int]]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Evaluation", "Evaluate a generator"))
        self.setMinimumWidth(_WIDTH)
        self._runs = runs
        self.run_box = QComboBox()
        self.run_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.run_box.setMinimumContentsLength(30)
        for run, _ in runs:
            self.run_box.addItem(run_title(run))
        self.step_box = QComboBox()
        self.run_box.currentIndexChanged.connect(self._offer_steps)
        self.count_box = NumberBox()
        self.count_box.setRange(32, 100_000)
        self.count_box.setSingleStep(100)
        self.count_box.setValue(2000)
        self.count_box.setToolTip(
            translate("Evaluation", "2,000 is usual; fewer are quicker and less certain")
        )
        self.features_box = QComboBox()
        self.features_box.addItem(
            translate("Evaluation", "An encoder trained on the data set"), None
        )
        self.features_box.addItem(
            translate("Evaluation", "Inception-v3, downloaded once (91 MiB)"), "download"
        )
        self.features_box.addItem(translate("Evaluation", "Inception-v3, from a file…"), None)
        self.features_box.setToolTip(
            translate(
                "Evaluation",
                "What images are compared by. Inception-v3 gives FID and KID, as in papers, but "
                "was trained on photographs of objects",
            )
        )
        self.features_box.activated.connect(self._take_features)
        self.ais_box = QCheckBox(f"Log-likelihood of {_AIS_IMAGES} real images (AIS), slow")
        form = QFormLayout()
        form.setSpacing(SPACE_S)
        form.addRow(translate("Evaluation", "&Trained generator"), self.run_box)
        form.addRow(translate("Evaluation", "&Checkpoint"), self.step_box)
        form.addRow(translate("Evaluation", "&Images to draw"), self.count_box)
        form.addRow(translate("Evaluation", "Compared &by"), self.features_box)
        form.addRow("", self.ais_box)
        explanation = QLabel(
            translate(
                "Evaluation",
                "The images are drawn for this measurement only and do not join the library. They "
                "are compared with the real images of the generator's data set.",
            )
        )
        explanation.setProperty("role", "secondary")
        explanation.setWordWrap(True)
        buttons = ConfirmButtons(self, translate("Evaluation", "Evaluate"))
        self.evaluate_button = buttons.confirm_button
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addLayout(form)
        layout.addWidget(explanation)
        layout.addWidget(buttons)
        self.evaluate_button.setDefault(True)
        self._offer_steps()

    def request(self) -> EvaluationRequest:
        """What was chosen."""
        run, _ = self._runs[self.run_box.currentIndex()]
        return EvaluationRequest(
            run.run_id,
            self.step_box.currentData(),
            self.count_box.value(),
            _AIS_IMAGES if self.ais_box.isChecked() else 0,
            self.features_box.currentData(),
        )

    def _take_features(self, index: int) -> None:
        """Ask for the file of weights where there is to be one."""
        if index != _FILE_ITEM:
            return
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Inception-v3 weights", "", "Weights (*.pth *.safetensors)"
        )
        if chosen:
            self.features_box.setItemText(index, f"Inception-v3, {Path(chosen).name}")
            self.features_box.setItemData(index, Path(chosen))
        elif self.features_box.itemData(index) is None:
            self.features_box.setCurrentIndex(0)

    def _offer_steps(self) -> None:
        _, steps = self._runs[self.run_box.currentIndex()]
        self.step_box.clear()
        for number, step in enumerate(steps):
            self.step_box.addItem(f"step {step:,}{'' if number else ' (newest)'}", step)
