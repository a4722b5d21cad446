"""How a study's ratings are to be written."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from reviewapp.study.model import Study
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.confirm_buttons import ConfirmButtons

_WIDTH = 460


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """What `export_ratings` is called with."""

    bom: bool = False
    parquet: bool = False
    truth: bool = True


def parquet_is_possible() -> bool:
    """Whether the library that writes Parquet is installed."""
    return importlib.util.find_spec("pyarrow") is not None


class ExportDialog(QDialog):
    """Three choices, each with a value that suits most; Enter alone exports."""

    def __init__(self, study: Study, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Rating", "Export ratings"))
        self.setFixedWidth(_WIDTH)
        self._blinded = study.blinded
        text = QLabel(
            translate(
                "Rating",
                "Writes ratings.csv, marks.csv and data_dictionary.csv into the "
                "workspace's exports.",
            )
        )
        text.setWordWrap(True)
        self.truth_box = QCheckBox(
            translate("Rating", "With the truth (real or generated, run, right or wrong)")
        )
        self.truth_box.setChecked(not study.blinded)
        self.truth_box.setEnabled(not study.blinded)
        if study.blinded:
            self.truth_box.setToolTip(
                translate("Rating", "The study is blinded: its truth is sealed.")
            )
        self.bom_box = QCheckBox(translate("Rating", "For spreadsheets: mark the files as UTF-8"))
        self.bom_box.setToolTip(
            translate("Rating", "A byte order mark, without which Excel garbles accented letters")
        )
        self.parquet_box = QCheckBox(translate("Rating", "Parquet files too"))
        self.parquet_box.setEnabled(parquet_is_possible())
        if not parquet_is_possible():
            self.parquet_box.setToolTip(translate("Rating", "Needs pyarrow: pip install pyarrow"))
        buttons = ConfirmButtons(self, translate("Rating", "Export"))
        self.export_button = buttons.confirm_button
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(text)
        for box in (self.truth_box, self.bom_box, self.parquet_box):
            layout.addWidget(box)
        layout.addWidget(buttons)
        self.export_button.setDefault(True)

    def choice(self) -> ExportChoice:
        """What is ticked."""
        return ExportChoice(
            bom=self.bom_box.isChecked(),
            parquet=self.parquet_box.isChecked(),
            truth=self.truth_box.isChecked() and not self._blinded,
        )
