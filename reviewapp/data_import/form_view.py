"""The questions of the import dialog: which folder, which data set, how to take it in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from engine.data.importing import DatasetKind
from reviewapp.browse.image_words import dataset_title
from reviewapp.data_import.detection import detect_kind
from reviewapp.data_import.presenter import (
    CINE_EXPLANATION,
    KIND_EXPLANATIONS,
    KIND_TITLES,
    SIZES,
    ImportForm,
)
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_M, SPACE_S, SPACE_XS
from reviewapp.translation import translate

_RADIO_INDENT = 26


class ImportFormView(QWidget):
    """Widgets for an `ImportForm`; a chosen folder selects the data set it seems to hold."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder_edit = QLineEdit()
        self.folder_edit.setPlaceholderText(translate("DataImport", "Folder of images"))
        self.folder_edit.setAccessibleName(translate("DataImport", "Folder of images"))
        self.folder_edit.textChanged.connect(self.changed)
        self.folder_edit.editingFinished.connect(self._detect)
        choose = QPushButton(icon("folder-open"), translate("DataImport", " Choose folder…"))
        choose.clicked.connect(self._choose_folder)
        folder_row = QHBoxLayout()
        folder_row.setSpacing(SPACE_S)
        folder_row.addWidget(self.folder_edit, 1)
        folder_row.addWidget(choose)
        self._detected_for = ""

        self.kind_buttons: dict[DatasetKind, QRadioButton] = {}
        self._kinds = QButtonGroup(self)
        kinds = QVBoxLayout()
        kinds.setSpacing(SPACE_XS)
        for kind, title in KIND_TITLES.items():
            button = QRadioButton(title)
            button.setAccessibleDescription(KIND_EXPLANATIONS[kind])
            button.toggled.connect(self._show_options)
            self._kinds.addButton(button)
            self.kind_buttons[kind] = button
            explanation = QLabel(KIND_EXPLANATIONS[kind])
            explanation.setProperty("role", "secondary")
            explanation.setWordWrap(True)
            explanation.setContentsMargins(_RADIO_INDENT, 0, 0, SPACE_XS)
            kinds.addWidget(button)
            kinds.addWidget(explanation)

        self._form = self._make_options()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        layout.addLayout(folder_row)
        layout.addLayout(kinds)
        layout.addLayout(self._form)
        self.generated_button.toggled.connect(self._show_options)
        self.kind_buttons["folder"].setChecked(True)

    def _make_options(self) -> QFormLayout:
        self.real_button = QRadioButton(translate("DataImport", "Real"))
        self.generated_button = QRadioButton(translate("DataImport", "Generated"))
        self.real_button.setChecked(True)
        self._sources = QButtonGroup(self)
        self._source_row = QWidget()
        sources = QHBoxLayout(self._source_row)
        sources.setContentsMargins(0, 0, 0, 0)
        for button in (self.real_button, self.generated_button):
            self._sources.addButton(button)
            sources.addWidget(button)
        sources.addStretch(1)
        self.name_edit = QLineEdit()
        self.name_edit.setPlaceholderText(translate("DataImport", "the folder's own name"))
        self.name_edit.textChanged.connect(self.changed)
        self.classes_edit = QLineEdit()
        self.classes_edit.setPlaceholderText(
            translate("DataImport", "optional: table of file and class (or sequence, frame)")
        )
        self.classes_edit.setAccessibleName(
            translate("DataImport", "Table of classes and sequences")
        )
        self.classes_edit.textChanged.connect(self.changed)
        choose = QPushButton(translate("DataImport", "Choose…"))
        choose.setAccessibleName(translate("DataImport", "Choose the table of classes"))
        choose.clicked.connect(self._choose_classes)
        self._classes_row = QWidget()
        classes = QHBoxLayout(self._classes_row)
        classes.setContentsMargins(0, 0, 0, 0)
        classes.setSpacing(SPACE_S)
        classes.addWidget(self.classes_edit, 1)
        classes.addWidget(choose)
        self.compared_box = QComboBox()
        self.set_datasets(())
        self.cine_box = QCheckBox(
            translate("DataImport", "Also import all &frames of the cine (patientNNN_4d.nii.gz)")
        )
        self.cine_box.setAccessibleDescription(CINE_EXPLANATION)
        self.cine_box.toggled.connect(self.changed)
        explanation = QLabel(CINE_EXPLANATION)
        explanation.setProperty("role", "secondary")
        explanation.setWordWrap(True)
        explanation.setContentsMargins(_RADIO_INDENT, 0, 0, 0)
        self._cine_cell = QWidget()
        cine = QVBoxLayout(self._cine_cell)
        cine.setContentsMargins(0, 0, 0, 0)
        cine.setSpacing(SPACE_XS)
        cine.addWidget(self.cine_box)
        cine.addWidget(explanation)
        self.size_box = QComboBox()
        for size in SIZES:
            self.size_box.addItem(
                "as recommended for the data set" if size is None else f"{size} x {size} pixels",
                size,
            )
        form = QFormLayout()
        form.setSpacing(SPACE_S)
        form.addRow(translate("DataImport", "The images are"), self._source_row)
        form.addRow(translate("DataImport", "Compare &with"), self.compared_box)
        form.addRow(translate("DataImport", "&Name"), self.name_edit)
        form.addRow(translate("DataImport", "&Classes"), self._classes_row)
        form.addRow(translate("DataImport", "Cine"), self._cine_cell)
        form.addRow(translate("DataImport", "Picture &size"), self.size_box)
        return form

    def form(self) -> ImportForm:
        """What is filled in now."""
        return ImportForm(
            kind=next(kind for kind, button in self.kind_buttons.items() if button.isChecked()),
            folder=self.folder_edit.text(),
            size=self.size_box.currentData(),
            cine=self.cine_box.isChecked(),
            name=self.name_edit.text(),
            source_kind="generated" if self.generated_button.isChecked() else "real",
            compared_with=self.compared_box.currentData() or "",
            classes_csv=self.classes_edit.text(),
        )

    def set_datasets(self, datasets: Sequence[str]) -> None:
        """Offer these data sets' real images for generated ones to be compared with."""
        chosen = self.compared_box.currentData()
        self.compared_box.clear()
        self.compared_box.addItem(
            translate("DataImport", "real images that are imported under the same name"), ""
        )
        for dataset in datasets:
            self.compared_box.addItem(f"the real images of {dataset_title(dataset)}", dataset)
        self.compared_box.setCurrentIndex(max(0, self.compared_box.findData(chosen)))

    def set_folder(self, folder: Path) -> None:
        """Fill in the folder and select the data set that it seems to hold."""
        self.folder_edit.setText(str(folder))
        self._detect()

    def _detect(self) -> None:
        text = self.folder_edit.text().strip()
        # Once per folder, so that a person's own choice of the data set stays.
        if text and text != self._detected_for:
            self._detected_for = text
            kind = detect_kind(Path(text).expanduser())
            if kind is not None:
                self.kind_buttons[kind].setChecked(True)

    def _show_options(self) -> None:
        plain = self.kind_buttons["folder"].isChecked()
        for field in (self._source_row, self.name_edit, self._classes_row):
            self._form.setRowVisible(field, plain)
        generated = plain and self.generated_button.isChecked()
        self._form.setRowVisible(self.compared_box, generated)
        self._form.setRowVisible(self._cine_cell, self.kind_buttons["acdc"].isChecked())
        self.changed.emit()

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, "Folder of images", self.folder_edit.text().strip()
        )
        if folder:
            self.set_folder(Path(folder))

    def _choose_classes(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Table of classes", self.folder_edit.text().strip(), "CSV tables (*.csv)"
        )
        if path:
            self.classes_edit.setText(path)
