"""Step 1: whose ratings train, how many judge, and what they say."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from reviewapp.rounds.round_ratings import RoundRatings
from reviewapp.rounds.step_view import StepView, primary, wrapped
from reviewapp.rounds.timeline import TimelineRow
from reviewapp.study.model import Study
from reviewapp.training.run_words import counted
from reviewapp.translation import translate


class RatingsView(StepView):
    """``read_requested`` reads the ratings, ``next_requested`` goes on to the training."""

    read_requested = Signal()
    next_requested = Signal()
    rate_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.readers_label = wrapped("")
        self.earlier_box = QCheckBox(
            translate("Rounds", "Also &use the ratings of the rounds before")
        )
        self.earlier_box.setChecked(True)
        self.counts_label = wrapped("")
        self.critic_label = wrapped("", "secondary")
        self.judge_label = wrapped("", "secondary")
        self.left_out_label = wrapped("", "secondary")
        for widget in (
            self.readers_label,
            self.earlier_box,
            self.counts_label,
            self.critic_label,
            self.judge_label,
            self.left_out_label,
        ):
            self.body.addWidget(widget)
        self.body.addStretch(1)
        self.rate_button = QPushButton(translate("Rounds", "To the Rate page"))
        self.rate_button.clicked.connect(self.rate_requested)
        self.read_button = primary("Read the ratings")
        self.read_button.clicked.connect(self.read_requested)
        self.next_button = primary("Next: train")
        self.next_button.clicked.connect(self.next_requested)
        self.buttons.addWidget(self.rate_button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.read_button)
        self.buttons.addWidget(self.next_button)

    def show_round(
        self,
        row: TimelineRow,
        study: Study,
        readers: list[str],
        ratings: RoundRatings | None,
        *,
        busy: bool,
    ) -> None:
        """Show what is known of a round's ratings; ``ratings`` None while they are not read."""
        self.say(
            f"Ratings of round {row.number}",
            f"Study “{study.name}”, {_blinding(study)}. Only finished sessions of readers who "
            "agree are used; ratings that come later are for the next round.",
        )
        self.readers_label.setText(
            "\n".join(f"•  {line}" for line in readers)
            or "Nobody has begun this study yet. Start a session on the Rate page."
        )
        self.earlier_box.setVisible(row.round.based_on is not None)
        self.counts_label.setText("" if ratings is None else _counts(ratings))
        self.counts_label.setVisible(ratings is not None)
        self.critic_label.setText("" if ratings is None else ratings.critic)
        self.critic_label.setVisible(ratings is not None)
        self.judge_label.setText("" if ratings is None else ratings.judge)
        self.judge_label.setVisible(ratings is not None)
        left_out = () if ratings is None else ratings.left_out
        self.left_out_label.setText("\n".join(left_out))
        self.left_out_label.setVisible(bool(left_out))
        sealed = study.blinded
        self.read_button.setText("Enter the passphrase…" if sealed else "Read the ratings")
        permitted = not sealed or study.protocol.permits_feedback
        self.read_button.setVisible(ratings is None)
        self.read_button.setEnabled(permitted and not busy and row.readers.n_finished > 0)
        self.read_button.setToolTip("" if permitted else "Unblind the study on the Rate page first")
        newly_read = ratings is not None and self.next_button.isHidden()
        self.next_button.setVisible(ratings is not None)
        self.next_button.setEnabled(not busy)
        if newly_read:
            self.next_button.setFocus()


def _blinding(study: Study) -> str:
    if not study.blinded:
        return "unblinded"
    if study.protocol.permits_feedback:
        return "still blinded; it stays so, its protocol permits training"
    return "still blinded: its ratings can train once it is unblinded"


def _counts(ratings: RoundRatings) -> str:
    counts = ratings.counts
    text = f"{counts.blinded_text()}." if ratings.blinded else counts.text()
    if ratings.labels:
        text += f"\n•  {counted(len(ratings.labels), 'class', 'classes')} given by specialists"
    return text
