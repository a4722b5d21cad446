"""Step 2 while the round's generator trains in the background, and after it stopped early."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from engine.training.events import Progress
from reviewapp.rounds.step_view import StepView, wrapped
from reviewapp.rounds.timeline import TimelineRow
from reviewapp.training.run_words import STATE_WORDS, counted, duration_text, speed_text
from reviewapp.translation import translate

_LIVE = ("queued", "running", "paused")
_STOPPED = ("paused", "interrupted", "cancelled", "failed")


class TrainingView(StepView):
    """Shows how far the run is; its buttons steer it."""

    show_run_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(translate("Rounds", "Training of this round"))
        self.text = wrapped("")
        self.body.addWidget(self.bar)
        self.body.addWidget(self.text)
        self.body.addStretch(1)
        self.pause_button = QPushButton(translate("Rounds", "Pause"))
        self.resume_button = QPushButton(translate("Rounds", "Resume"))
        self.cancel_button = QPushButton(translate("Rounds", "Cancel"))
        self.show_run_button = QPushButton(translate("Rounds", "Show the run"))
        self.show_run_button.clicked.connect(self.show_run_requested)
        for button in (self.pause_button, self.resume_button, self.cancel_button):
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.show_run_button)

    def show_round(self, row: TimelineRow, progress: Progress | None, message: str) -> None:
        """Show a round's run as it stands; ``message`` says why, "" where that is plain."""
        run, state = row.run, row.run_state
        self.say(
            f"Round {row.number} trains",
            "This goes on in the background. Readers may rate meanwhile: ratings that arrive now "
            "are for the next round.",
        )
        for button, shown in (
            (self.pause_button, state == "running"),
            (self.resume_button, state in _STOPPED),
            (self.cancel_button, state in _LIVE),
            (self.show_run_button, run is not None),
        ):
            button.setVisible(shown)
        if run is None or state is None:
            self.bar.hide()
            self.text.setText(
                f"The folder of the run {row.round.run_id} is gone. Go on from another round."
            )
            return
        self.bar.show()
        self.bar.setRange(0, run.config.steps)
        self.bar.setValue(run.step)
        words = f"{STATE_WORDS[state]} – {run.step:,} of {counted(run.config.steps, 'step')}"
        self.text.setText(f"{words}\n{message}".rstrip())
        if progress is not None and state == "running":
            self.show_progress(progress)

    def show_progress(self, progress: Progress) -> None:
        """Show how far the run is by now."""
        self.bar.setRange(0, progress.total_steps)
        self.bar.setValue(progress.step)
        left = duration_text(progress.eta_s)
        self.text.setText(
            f"{STATE_WORDS['running']} – {progress.step:,} of "
            f"{counted(progress.total_steps, 'step')}, "
            f"{speed_text(progress.images_per_s)} images/s" + (f", {left} left" if left else "")
        )
