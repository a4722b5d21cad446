"""A specialist gives an image its class; such classes are labelled examples in feedback rounds."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.image_words import class_title, dataset_title
from reviewapp.study.errors import StudyError
from reviewapp.study.model import ImageRow
from reviewapp.study.store import StudyStore
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar

_WIDTH = 460


class ClassDialog(QDialog):
    """Offers the classes of the image's data set; kept at once, with who gave it and when.

    Each class that is given is kept beside the earlier ones, the latest counts, and one can be
    taken back. ``said`` tells afterwards what was done.
    """

    #: who gave the last class, proposed for the next image
    _last_reader = ""

    def __init__(self, store: StudyStore, image: ImageRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(translate("Browse", "Class of this image"))
        self.setFixedWidth(_WIDTH)
        self._store, self._image = store, image
        self._given = store.class_labels(image.dataset).get(image.record_id)
        self.said = ""
        self.messages = MessageBar()
        self.class_box = QComboBox()
        for name in store.classes_of(image.dataset):
            self.class_box.addItem(class_title(name, image.dataset), name)
        self.reader_box = QComboBox()
        self.reader_box.setEditable(True)
        for reader in store.readers():
            self.reader_box.addItem(reader.name or reader.reader_id)
        self.reader_box.setEditText(ClassDialog._last_reader or self.reader_box.currentText())
        known = self._given.class_name if self._given is not None else image.class_label
        self.class_box.setCurrentIndex(max(0, self.class_box.findData(known)))
        for box, name in ((self.class_box, "Class"), (self.reader_box, "Given by")):
            box.setAccessibleName(name)
            box.view().setAccessibleName(name)
        form = QFormLayout()
        form.setVerticalSpacing(SPACE_M)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(translate("Browse", "&Class"), self.class_box)
        form.addRow(translate("Browse", "Given &by"), self.reader_box)
        explanation = QLabel(self._explanation())
        explanation.setProperty("role", "secondary")
        explanation.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.give_button = QPushButton(translate("Browse", "Give this class"))
        self.give_button.setProperty("role", "primary")
        self.give_button.clicked.connect(self._give)
        self.back_button = QPushButton(translate("Browse", "Take it back"))
        self.back_button.setAutoDefault(False)
        self.back_button.clicked.connect(self._take_back)
        buttons.addButton(self.back_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.give_button, QDialogButtonBox.ButtonRole.ActionRole)
        # The button box shows what is added to it.
        self.back_button.setVisible(self._given is not None)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self.messages)
        layout.addLayout(form)
        layout.addWidget(explanation)
        layout.addWidget(buttons)
        self.give_button.setDefault(True)
        self.give_button.setEnabled(self.class_box.count() > 0)
        if not self.class_box.count():
            self.messages.show_info(
                f"{dataset_title(image.dataset)} has no classes. Import it with a table of classes."
            )

    def _explanation(self) -> str:
        if self._given is None:
            return "In a feedback round the image counts as one more labelled example."
        name = class_title(self._given.class_name, self._image.dataset)
        return f"So far: {name}, given by {self._given.reader} on {self._given.at:%d %b %Y}."

    def _give(self) -> None:
        self._keep(self.class_box.currentData(), f"{self.class_box.currentText()}: noted.")

    def _take_back(self) -> None:
        self._keep("", "The class was taken back.")

    def _keep(self, class_name: str, said: str) -> None:
        reader = self.reader_box.currentText().strip()
        try:
            self._store.give_class(self._image, class_name, reader)
        except StudyError as error:
            self.messages.show_error(str(error))
            return
        ClassDialog._last_reader = reader
        self.said = said
        self.accept()
