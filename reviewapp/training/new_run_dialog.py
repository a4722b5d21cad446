"""Asks what to train, one generator or several; Enter alone starts a run with the defaults."""

from __future__ import annotations

from PySide6.QtCore import Qt
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

from engine.errors import EngineError
from reviewapp.browse.image_words import dataset_title
from reviewapp.context import AppContext
from reviewapp.study.model import ImageFilter
from reviewapp.tasks import Task
from reviewapp.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from reviewapp.training.run_plan import RunPlan, common_sizes, seen_text
from reviewapp.training.run_words import counted
from reviewapp.training.variant_choices import PresetName, RunChoices, load_choices
from reviewapp.training.variant_list import VariantList
from reviewapp.translation import translate
from reviewapp.widgets.message_bar import MessageBar
from reviewapp.widgets.number_box import NumberBox

_WIDTH = 560
_MAX_STEPS = 10_000_000
_MAX_SEED = 2**31 - 1
_FIRST_SIZE: PresetName = 64
_PRESET_STEPS = "as each generator's preset says"
_SIZE_WORDS: dict[PresetName, str] = {
    "tiny": "32 px – a trial run of seconds",
    64: "64 px – quick, shows whether it learns",
    128: "128 px – a good compromise",
    256: "256 px – full detail; wants a GPU",
}


class NewRunDialog(QDialog):
    """Generators, data set, size and length of new runs, one for each generator.

    The generators are looked up in the background when the dialog opens, because that loads torch;
    Start may be pressed before that is done. ``run_ids`` are the runs that were queued.
    """

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._choices: RunChoices | None = None
        self._start_wanted = False
        self.run_ids: list[str] = []
        self.setWindowTitle(translate("Training", "Start a training run"))
        self.setMinimumWidth(_WIDTH)
        self.messages = MessageBar()
        self.dataset_box = QComboBox()
        # Generated images of a data set that has lost its real ones are no data to train on.
        facets = context.store.facets()
        for dataset in facets.get("dataset", []):
            self.dataset_box.addItem(dataset_title(dataset), dataset)
        self.variants = VariantList()
        self.variants.set_note("Looking up the generators…")
        self.size_box = QComboBox()
        self.steps_spin = NumberBox()
        self.steps_spin.setRange(0, _MAX_STEPS)
        self.steps_spin.setSpecialValueText(_PRESET_STEPS)
        self.steps_spin.setGroupSeparatorShown(True)
        self.steps_spin.setSingleStep(1000)
        self.seed_spin = NumberBox()
        self.seed_spin.setRange(0, _MAX_SEED)
        self.seed_spin.setToolTip(
            translate("Training", "The same seed, data and settings train the same generator")
        )
        self.device_box = QComboBox()
        self.device_box.addItem(
            translate("Training", "Automatic – the GPU if there is one"), "auto"
        )
        self.device_box.addItem(translate("Training", "CPU"), "cpu")
        self.dataset_note = _note()
        self._variant_note = _note()
        self._steps_note = _note()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_L)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self.messages)
        layout.addLayout(self._make_form())
        layout.addWidget(self._make_buttons())
        self.start_button.setDefault(True)
        self._set_ready(False)
        self.dataset_box.currentIndexChanged.connect(self._show_dataset)
        self.variants.changed.connect(self._offer_sizes)
        self.size_box.currentIndexChanged.connect(self._take_presets)
        self.steps_spin.valueChanged.connect(self._describe_steps)
        self._show_dataset()
        self._look_up(facets.get("dataset", []))
        self.start_button.setFocus()

    def plan(self) -> RunPlan:
        """The chosen settings; at least one generator and a size must be chosen."""
        return RunPlan(
            variants=self.variants.chosen(),
            dataset=self.dataset_box.currentData(),
            size=self.size_box.currentData(),
            steps=self.steps_spin.value() or None,
            seed=self.seed_spin.value(),
            device=self.device_box.currentData(),
        )

    def start(self) -> None:
        """Queue the runs and close; what is wrong is said in place."""
        if self._problem():
            return
        if self._choices is None:
            self._start_wanted = True
            self.start_button.setText(translate("Training", "Starting…"))
            return
        try:
            for config in self.plan().configs():
                self.run_ids.append(self._context.training.submit(config))
        except EngineError as error:
            self.messages.show_error(str(error))
            return
        finally:
            self._context.runs_changed.emit()
        self.accept()

    # Choices ---------------------------------------------------------------------------------

    def _look_up(self, datasets: list[str]) -> None:
        self._task: Task = self._context.tasks.prepare(
            "Looking up the generators",
            lambda progress, cancelled: load_choices(datasets, progress, cancelled),
        )
        self._task.succeeded.connect(self._take_choices)
        self._task.failed.connect(self.messages.show_error)
        self._context.tasks.launch(self._task)

    def _take_choices(self, choices: RunChoices) -> None:
        self._choices = choices
        if choices.gpu:
            self.device_box.addItem(f"GPU – {choices.gpu}", "cuda")
        self._set_ready(True)
        self.variants.set_choices(choices.variants)
        if self._start_wanted:
            self.start()

    def _set_ready(self, ready: bool) -> None:
        for widget in (self.variants, self.size_box, self.steps_spin):
            widget.setEnabled(ready)

    def _offer_sizes(self) -> None:
        if self._choices is None:
            return
        described = self.variants.current()
        if described is not None:
            self._variant_note.setText(described.description)
        wanted = self.size_box.currentData() or _FIRST_SIZE
        sizes = common_sizes(self.variants.chosen(), self.dataset_box.currentData())
        if sizes != [self.size_box.itemData(i) for i in range(self.size_box.count())]:
            self.size_box.blockSignals(True)
            self.size_box.clear()
            for size in sizes:
                self.size_box.addItem(_SIZE_WORDS[size], size)
            self.size_box.setCurrentIndex(max(0, self.size_box.findData(wanted)))
            self.size_box.blockSignals(False)
        self._take_presets()
        self._problem()

    def _take_presets(self) -> None:
        """Propose the preset's length for one generator, for several each preset's own."""
        if self._choices is None or self.size_box.currentData() is None:
            return
        variants = self.variants.chosen()
        first = variants[0].presets[self.dataset_box.currentData(), self.size_box.currentData()]
        self.steps_spin.setValue(first.steps if len(variants) == 1 else 0)
        self._describe_steps()

    def _show_dataset(self) -> None:
        n_images = self._n_training_images()
        if self.dataset_box.currentData() is not None:
            self.dataset_note.setText(
                f"{counted(n_images, 'real image')} to learn from. Patients kept for testing are "
                "never trained on."
            )
        self._offer_sizes()
        self._problem()

    def _describe_steps(self) -> None:
        if self._choices is not None and self.size_box.currentData() is not None:
            text = seen_text(self.plan().configs(), self._n_training_images())
            self._steps_note.setText(text)
            n_runs = len(self.variants.chosen())
            self.start_button.setText(
                "Start training" if n_runs == 1 else f"Start {counted(n_runs, 'run')}"
            )
            self._make_room()

    def _make_room(self) -> None:
        # A form gives wrapped text its height by squeezing the other rows: the window must grow.
        self.setMinimumHeight(self.layout().heightForWidth(self.width()))

    # Checks ----------------------------------------------------------------------------------

    def _n_training_images(self) -> int:
        dataset = self.dataset_box.currentData()
        if dataset is None:
            return 0
        return sum(
            self._context.store.count_images(
                ImageFilter(dataset=dataset, source="real", split=split)
            )
            for split in ("train", "")
        )

    def _problem(self) -> bool:
        """Whether the choice cannot be trained; the reason stands at the field."""
        if self.dataset_box.count() == 0:
            self._complain(
                self.dataset_note, "There are no images yet. Import a data set on the Browse page."
            )
        elif self._n_training_images() == 0:
            self._complain(
                self.dataset_note,
                "This data set has no real images for training. Choose another or import it again.",
            )
        elif self._choices is not None and not self.variants.chosen():
            self._complain(self._variant_note, "Tick at least one generator.")
        elif self._choices is not None and self.size_box.count() == 0:
            self._complain(
                self._variant_note,
                "These generators have no image size in common. Start them separately.",
            )
        else:
            for note in (self.dataset_note, self._variant_note):
                _set_role(note, "secondary")
            self.start_button.setEnabled(True)
            return False
        self.start_button.setEnabled(False)
        return True

    def _complain(self, note: QLabel, text: str) -> None:
        note.setText(text)
        _set_role(note, "error")

    # Widgets ---------------------------------------------------------------------------------

    def _make_form(self) -> QFormLayout:
        form = QFormLayout()
        form.setSpacing(SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(translate("Training", "&Data set"), self.dataset_box)
        form.addRow("", self.dataset_note)
        form.addRow(translate("Training", "&Generators"), self.variants)
        form.addRow("", self._variant_note)
        form.addRow(translate("Training", "&Image size"), self.size_box)
        form.addRow(translate("Training", "S&teps"), self.steps_spin)
        form.addRow("", self._steps_note)
        form.addRow(translate("Training", "S&eed"), self.seed_spin)
        form.addRow(translate("Training", "De&vice"), self.device_box)
        return form

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.start_button = QPushButton(translate("Training", "Start training"))
        self.start_button.setProperty("role", "primary")
        buttons.addButton(self.start_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.start_button.clicked.connect(self.start)
        buttons.rejected.connect(self.reject)
        return buttons

    def done(self, result: int) -> None:
        """Stop looking the variants up when the dialog closes, and start nothing any more."""
        self._start_wanted = False
        if self._choices is None:
            self._task.cancel()
        super().done(result)


def _note() -> QLabel:
    note = QLabel()
    note.setWordWrap(True)
    # Room for two lines from the start: the dialog does not grow while texts change.
    note.setMinimumHeight(2 * note.fontMetrics().lineSpacing() + 2)
    note.setAlignment(Qt.AlignmentFlag.AlignTop)
    note.setProperty("role", "secondary")
    return note


def _set_role(label: QLabel, role: str) -> None:
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)
