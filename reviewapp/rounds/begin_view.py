"""The way into the rounds: a study whose images readers rate, and the generator that drew them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QPushButton, QWidget

from reviewapp.browse.network_jobs import run_title
from reviewapp.rounds.presenter import StudyOffer
from reviewapp.rounds.step_view import StepView, primary, wrapped
from reviewapp.theme.tokens import SPACE_S
from reviewapp.training.run_words import counted
from reviewapp.translation import translate

_BOX_CHARACTERS = 24


class BeginView(StepView):
    """``begin_requested`` carries a study's id and a run; ``cancelled`` goes back to the rounds."""

    begin_requested = Signal(str, object)
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.say(
            "Begin with a study",
            "Round 0 is a generator as it is and the study in which readers rate its images. "
            "Their ratings train the generator of round 1, whose images are rated in a new study, "
            "and so on.",
        )
        self.study_box, self.run_box = QComboBox(), QComboBox()
        for box in (self.study_box, self.run_box):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(_BOX_CHARACTERS)
        self.study_box.currentIndexChanged.connect(self._show_study)
        self._facts = wrapped("", "secondary")
        form = QFormLayout()
        form.setVerticalSpacing(SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(translate("Rounds", "&Study"), self.study_box)
        form.addRow(translate("Rounds", "&Generator"), self.run_box)
        for box, name in ((self.study_box, "Study"), (self.run_box, "Generator")):
            box.setAccessibleName(name)
            box.view().setAccessibleName(name)
        self.body.addLayout(form)
        self.body.addWidget(self._facts)
        self.body.addStretch(1)
        self.begin_button = primary("Begin round 0")
        self.begin_button.clicked.connect(self._request)
        self.cancel_button = QPushButton(translate("Rounds", "Back"))
        self.cancel_button.clicked.connect(self.cancelled)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.cancel_button)
        self.buttons.addWidget(self.begin_button)

    def show_offers(self, offers: list[StudyOffer], *, can_cancel: bool) -> None:
        """Offer these studies; the one chosen before stays chosen."""
        chosen = self.study_box.currentData()
        self.study_box.blockSignals(True)
        self.study_box.clear()
        for offer in offers:
            self.study_box.addItem(offer.study.name, offer)
        ids = [offer.study.study_id for offer in offers]
        if chosen is not None and chosen.study.study_id in ids:
            self.study_box.setCurrentIndex(ids.index(chosen.study.study_id))
        self.study_box.blockSignals(False)
        self.cancel_button.setVisible(can_cancel)
        self._show_study()

    def choose(self, study_id: str) -> None:
        """Choose a study that is offered; another leaves the choice as it is."""
        for place in range(self.study_box.count()):
            if self.study_box.itemData(place).study.study_id == study_id:
                self.study_box.setCurrentIndex(place)

    def _show_study(self) -> None:
        offer: StudyOffer | None = self.study_box.currentData()
        self.run_box.clear()
        self.begin_button.setEnabled(offer is not None)
        if offer is None:
            self._facts.setText(
                translate("Rounds", "No study is left to begin with. Make one on the Rate page.")
            )
            return
        for run in offer.runs:
            self.run_box.addItem(run_title(run), run)
        permission = offer.permission
        text = f"{counted(permission.n_finished, 'session')} finished, "
        text += f"{permission.n_agreed} of them by readers who agree to training."
        if offer.study.blinded and not offer.study.protocol.permits_feedback:
            text += " The study is blinded: its ratings can train once it is unblinded."
        elif offer.study.blinded:
            text += " The study is blinded and permits training with the coordinator's passphrase."
        self._facts.setText(text)

    def _request(self) -> None:
        offer: StudyOffer | None = self.study_box.currentData()
        run = self.run_box.currentData()
        if offer is not None and run is not None:
            self.begin_requested.emit(offer.study.study_id, run)
