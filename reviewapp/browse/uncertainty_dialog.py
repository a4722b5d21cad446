"""Asks which network maps the uncertainty of which images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.image_words import image_caption
from reviewapp.browse.network_jobs import MapRequest, mapping_runs, run_title, within_dataset
from reviewapp.study.model import ImageFilter, ImageRow
from reviewapp.study.store import StudyStore
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.confirm_buttons import ConfirmButtons

if TYPE_CHECKING:
    from engine.training.runs import RunSummary

_WIDTH = 560
#: what the maps of each variant are made of
_EXPLANATIONS = {
    "upgan": (
        "The network restores each image several times and tells, pixel by pixel, how far off "
        "it expects to be. The maps are one standard deviation, in grey levels (0–255)."
    ),
    "higan": (
        "Two networks restore each image, one for fidelity and one for texture. The map shows, "
        "pixel by pixel, how far their answers lie apart, in grey levels (0–255)."
    ),
}


class UncertaintyDialog(QDialog):
    """Choices for mapping; ``runs`` must hold at least one run that can map."""

    def __init__(
        self,
        store: StudyStore,
        runs: list[RunSummary],
        image: ImageRow | None,
        image_filter: ImageFilter,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Browse", "Map uncertainty"))
        self.setMinimumWidth(_WIDTH)
        self._store = store
        self._image = image
        self._filter = image_filter
        label = QLabel(translate("Browse", "&Network"))
        self.run_box = QComboBox()
        self.run_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.run_box.setMinimumContentsLength(30)
        label.setBuddy(self.run_box)
        for run in mapping_runs(runs):
            self.run_box.addItem(run_title(run), run)
        wanted = image.dataset if image is not None else image_filter.dataset
        fitting = mapping_runs(runs, wanted)
        if fitting:
            self.run_box.setCurrentText(run_title(fitting[0]))
        self.image_button = QRadioButton(translate("Browse", "The chosen image"))
        if image is not None:
            self.image_button.setText(f"The chosen image ({image_caption(image)})")
        self.all_button = QRadioButton()
        self._scope = QButtonGroup(self)
        for button in (self.image_button, self.all_button):
            self._scope.addButton(button)
            button.toggled.connect(self._count)
        self.run_box.currentIndexChanged.connect(self._count)
        self.refine_box = QCheckBox(
            translate("Browse", "Also &add a refined copy of each image to the library")
        )
        self.refine_box.setToolTip(
            translate(
                "Browse",
                "The network's restoration of the image; it counts as generated, also where the "
                "image is real",
            )
        )
        self._explanation = explanation = QLabel()
        explanation.setProperty("role", "secondary")
        explanation.setWordWrap(True)
        buttons = ConfirmButtons(self, translate("Browse", "Map uncertainty"))
        self.map_button = buttons.confirm_button
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        for widget in (
            label,
            self.run_box,
            self.image_button,
            self.all_button,
            self.refine_box,
            explanation,
        ):
            layout.addWidget(widget)
        layout.addWidget(buttons)
        self.map_button.setDefault(True)
        (self.all_button if image is None else self.image_button).setChecked(True)
        self._count()

    def request(self) -> MapRequest:
        """What was chosen."""
        run: RunSummary = self.run_box.currentData()
        image = self._image if self.image_button.isChecked() else None
        return MapRequest(
            run.run_id, run.config.dataset, image, self._filter, self.refine_box.isChecked()
        )

    def _count(self) -> None:
        run: RunSummary = self.run_box.currentData()
        self._explanation.setText(_EXPLANATIONS[run.config.variant])
        within = within_dataset(self._filter, run.config.dataset)
        n_all = 0 if within is None else self._store.count_images(within)
        self.all_button.setText(f"All images of the network's data set shown now ({n_all:,})")
        fits = self._image is not None and self._image.dataset == run.config.dataset
        self.image_button.setEnabled(fits)
        self.all_button.setEnabled(n_all > 0)
        if self.image_button.isChecked() and not fits:
            self.all_button.setChecked(True)
        self.map_button.setEnabled(fits if self.image_button.isChecked() else n_all > 0)
