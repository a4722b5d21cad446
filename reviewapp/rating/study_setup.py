"""Sets up a study: what is shown, how, how much of it, and who can unseal the truth."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.image_words import dataset_title, variant_title
from reviewapp.rating.estimate_card import EstimateCard
from reviewapp.rating.explained_form import ExplainedForm
from reviewapp.rating.preset_fit import fitted_counts
from reviewapp.rating.study_form import DESIGNS, LibraryCounts, StudyForm, protocol_presets
from reviewapp.study.protocol import Protocol, Tools
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from reviewapp.translation import translate
from reviewapp.widgets.checked_list import CheckedList
from reviewapp.widgets.number_box import NumberBox
from reviewapp.widgets.say_why import say_why

_FORM_WIDTH = 620
#: narrower pages have no room for the estimate beside the form
_TWO_COLUMNS = 820
_BOX_CHARACTERS = 10
_SHORTEST_MS, _LONGEST_MS = 100, 5000
#: the reader's tools in the words of the page, by their field in `Tools`
_TOOLS = {
    "window": "Contrast and brightness",
    "zoom": "Zoom",
    "invert": "Black and white exchanged",
    "marks": "Marking regions",
    "comment": "Comments",
    "cine": "Cine",
}


class StudySetup(QWidget):
    """Every field starts with a value that works; what is wrong is told beneath its field.

    ``create_requested`` carries a `StudyForm` without problems; ``cancelled`` goes back.
    """

    create_requested = Signal(object)
    cancelled = Signal()

    def __init__(
        self, library: LibraryCounts, names_taken: frozenset[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._names_taken = names_taken
        self._presets = protocol_presets()
        self._form = ExplainedForm()

        self.name_edit = QLineEdit()
        self.preset_box = QComboBox()
        self.preset_box.addItems([preset.title for preset in self._presets])
        self.preset_text = QLabel()
        self._explanation = QLabel(
            translate(
                "Rating",
                "Nobody can see which images are generated until this passphrase is entered. "
                "It cannot be recovered: keep it where readers do not find it.",
            )
        )
        self._feedback_text = QLabel(
            translate(
                "Rating",
                "A generator can learn from the ratings of readers who agree to it. Otherwise "
                "that is possible once the study is unblinded. The coordinator's passphrase "
                "starts it; readers and results stay blinded.",
            )
        )
        self.design_box = QComboBox()
        for design, text in DESIGNS.items():
            self.design_box.addItem(text, design)
        self.exposure_spin = _count(_LONGEST_MS, _SHORTEST_MS, " ms")
        self.exposure_spin.setSingleStep(50)
        self.timed_scale_box = QComboBox()
        self.timed_scale_box.addItem(translate("Rating", "Six steps of confidence"), "confidence6")
        self.timed_scale_box.addItem(translate("Rating", "Real or generated"), "yes_no")
        self.after_box = QComboBox()
        self.after_box.addItem(translate("Rating", "A noise pattern"), "mask")
        self.after_box.addItem(translate("Rating", "Plain grey"), "blank")
        datasets = sorted({dataset for dataset, _ in library.generated})
        self.datasets_list = CheckedList(datasets, [dataset_title(name) for name in datasets])
        self.runs_list = CheckedList(
            library.runs(),
            [f"{variant_title(run)}  ({library.generated_by(run)})" for run in library.runs()],
        )
        self.real_spin, self.generated_spin = _count(5000), _count(5000)
        self.training_spin = _count(200, at_least=0)
        self.repeats_spin = _count(50, at_least=0, suffix=" %")
        self.block_spin = _count(1000, at_least=2)
        self.break_spin = _count(3600, at_least=0, suffix=" s")
        self.tool_boxes = {field: QCheckBox(text) for field, text in _TOOLS.items()}
        self.feedback_box = QCheckBox(translate("Rating", "&Permit it while the study is blinded"))
        self.passphrase_edit, self.again_edit = QLineEdit(), QLineEdit()
        for edit in (self.passphrase_edit, self.again_edit):
            edit.setEchoMode(QLineEdit.EchoMode.Password)
        for box in (self.preset_box, self.design_box, self.timed_scale_box, self.after_box):
            # A long title must not widen the page; the list that opens shows it in full.
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(_BOX_CHARACTERS)
        self._fill_form()

        self.estimate = EstimateCard()
        self.create_button = QPushButton(translate("Rating", "Create study"))
        self.create_button.setProperty("role", "primary")
        self.create_button.clicked.connect(self._request)
        self.cancel_button = QPushButton(translate("Rating", "Cancel"))
        self.cancel_button.clicked.connect(self.cancelled)
        self._lay_out()
        self.preset_box.currentIndexChanged.connect(self._take_preset)
        self._take_preset()
        self._connect_changes()
        self._check()

    def form(self) -> StudyForm:
        """The fields as values."""
        return StudyForm(
            name=self.name_edit.text(),
            preset=self._preset(),
            datasets=self.datasets_list.checked(),
            runs=self.runs_list.checked(),
            design=self.design_box.currentData(),
            n_real=self.real_spin.value(),
            n_generated=self.generated_spin.value(),
            training_trials=self.training_spin.value(),
            repeats_percent=self.repeats_spin.value(),
            block_size=self.block_spin.value(),
            break_seconds=self.break_spin.value(),
            exposure_ms=self.exposure_spin.value(),
            timed_scale=self.timed_scale_box.currentData(),
            after_exposure=self.after_box.currentData(),
            tools=Tools(
                **{f: box.isChecked() and box.isEnabled() for f, box in self.tool_boxes.items()}
            ),
            permits_feedback=self.feedback_box.isChecked(),
            passphrase=self.passphrase_edit.text(),
            passphrase_again=self.again_edit.text(),
        )

    def problem(self, field: str) -> str:
        """What the page says beneath a field; "" where nothing is wrong, or nobody was there."""
        return self._form.problem(field)

    def _fill_form(self) -> None:
        for label in (self.preset_text, self._explanation, self._feedback_text):
            label.setProperty("role", "secondary")
            label.setWordWrap(True)
        self._form.add_field("name", "&Name", self.name_edit)
        self._form.add_field("preset", "&Protocol", self.preset_box)
        self._form.addRow(self.preset_text)
        self._form.add_field("design", "&Question", self.design_box)
        self._form.add_cells(
            ("exposure", "Sho&wn for", self.exposure_spin),
            ("timed_scale", "Answered b&y", self.timed_scale_box),
            ("after", "Co&vered by", self.after_box),
        )
        self._form.add_field("datasets", "&Data sets", self.datasets_list)
        self._form.add_field("runs", "Generated &by", self.runs_list)
        self._form.add_cells(
            ("n_real", "&Real images", self.real_spin),
            ("n_generated", "G&enerated images", self.generated_spin),
            ("training_trials", "Pr&actice first", self.training_spin),
        )
        self._form.add_cells(
            ("repeats", "Shown &twice", self.repeats_spin),
            ("block_size", "Blo&ck of", self.block_spin),
            ("break", "Brea&k between blocks", self.break_spin),
        )
        tools = QGridLayout()
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setVerticalSpacing(0)
        tools.setHorizontalSpacing(SPACE_M)
        for position, box in enumerate(self.tool_boxes.values()):
            tools.addWidget(box, position // 2, position % 2)
        self._form.addRow(QLabel(translate("Rating", "Readers may use")), tools)
        self._form.add_field("permits_feedback", "Training with ratings", self.feedback_box)
        self._form.addRow(self._feedback_text)
        self._form.add_field("passphrase", "Passp&hrase", self.passphrase_edit)
        self._form.add_field("passphrase_again", "Passphrase a&gain", self.again_edit)
        self._form.addRow(self._explanation)

    def _lay_out(self) -> None:
        title = QLabel(translate("Rating", "New study"))
        title.setProperty("role", "title")
        content = QWidget()
        content.setMaximumWidth(_FORM_WIDTH)
        content.setLayout(self._form)
        self._form.setContentsMargins(0, 0, SPACE_L, 0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        scroll.setAccessibleName(translate("Rating", "Settings of the study"))
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

        self._beside = QScrollArea()
        self._beside.setWidgetResizable(True)
        self._beside.setWidget(self.estimate)
        self._beside.setAccessibleName(translate("Rating", "Estimate"))
        self._beside.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

        columns = QHBoxLayout()
        columns.setSpacing(SPACE_XL)
        columns.addWidget(scroll, 3)
        columns.addWidget(self._beside, 2)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_S)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.create_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        layout.setSpacing(SPACE_M)
        layout.addWidget(title)
        layout.addLayout(columns, 1)
        layout.addLayout(buttons)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside the form, or below it where the page is narrow, stands the estimate."""
        super().resizeEvent(event)
        beside = self.width() >= _TWO_COLUMNS
        if beside == (self._beside.widget() is self.estimate):
            return
        if beside:
            self._form.takeRow(self.estimate)
            self._beside.setWidget(self.estimate)
        else:
            self._form.addRow(self._beside.takeWidget())
        self.estimate.show()
        self._beside.setVisible(beside)

    def _connect_changes(self) -> None:
        for edit in (self.name_edit, self.passphrase_edit, self.again_edit):
            edit.textChanged.connect(self._check)
            edit.returnPressed.connect(self._take_enter)
        for spin in self.findChildren(NumberBox):
            spin.valueChanged.connect(self._check)
        for box in (self.design_box, self.timed_scale_box, self.after_box):
            box.currentIndexChanged.connect(self._check)
        for tool in self.tool_boxes.values():
            tool.toggled.connect(self._check)
        for choice in (self.datasets_list, self.runs_list):
            choice.itemChanged.connect(self._check)

    def _preset(self) -> Protocol:
        return self._presets[self.preset_box.currentIndex()]

    def _take_preset(self) -> None:
        if self.preset_box.currentIndex() < 0:
            return
        preset = self._preset()
        fitted = fitted_counts(
            preset, self._library, self.datasets_list.checked(), self.runs_list.checked()
        )
        fewer = translate("Rating", "Here with fewer images, as the library has no more.")
        self.preset_text.setText(
            f"{preset.description} {fewer}" if fitted.reduced else preset.description
        )
        self.design_box.setCurrentIndex(self.design_box.findData(preset.design))
        self.real_spin.setValue(fitted.n_real)
        self.generated_spin.setValue(fitted.n_generated)
        self.training_spin.setValue(fitted.training_trials)
        self.repeats_spin.setValue(round(preset.repeats_fraction * 100))
        self.block_spin.setValue(preset.block_size)
        self.break_spin.setValue(preset.break_seconds)
        self.exposure_spin.setValue(preset.exposure_ms or 500)
        self.timed_scale_box.setCurrentIndex(self.timed_scale_box.findData(preset.timed_scale))
        self.after_box.setCurrentIndex(self.after_box.findData(preset.after_exposure))
        for field, box in self.tool_boxes.items():
            box.setChecked(getattr(preset.tools, field))
        self.feedback_box.setChecked(preset.permits_feedback)

    def _check(self) -> None:
        form = self.form()
        self._show_fields(form)
        problems = form.problems(self._library, self._names_taken)
        # Empty fields are not called wrong; the button says that they are needed.
        untouched = {
            field
            for field, edit in (
                ("name", self.name_edit),
                ("passphrase", self.passphrase_edit),
                ("passphrase_again", self.again_edit),
            )
            if not edit.text()
        }
        self._form.show_problems(problems, untouched)
        say_why(self.create_button, next(iter(problems.values()), ""))
        self.estimate.show_form(form)

    def _show_fields(self, form: StudyForm) -> None:
        for field in ("exposure", "timed_scale", "after"):
            self._form.cells[field].setVisible(form.design == "timed")
        self._form.cells["n_generated"].setVisible(not form.is_paired)
        self._form.captions["n_real"].setText("Pai&rs" if form.is_paired else "&Real images")
        self.real_spin.setAccessibleName("Pairs" if form.is_paired else "Real images")
        # Nothing can be marked on an image that is gone.
        self.tool_boxes["marks"].setEnabled(form.design != "timed")
        self.tool_boxes["cine"].setEnabled(form.design.startswith("single"))

    def _take_enter(self) -> None:
        """Create the study, or go to the next field that needs something."""
        if self.create_button.isEnabled():
            self._request()
        else:
            self.focusNextChild()

    def _request(self) -> None:
        self.create_requested.emit(self.form())


def _count(at_most: int, at_least: int = 1, suffix: str = "") -> NumberBox:
    spin = NumberBox()
    spin.setRange(at_least, at_most)
    spin.setSuffix(suffix)
    return spin
