"""One run as the Train page shows it: what is on disk, brought up to date by live events."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.training.events import Progress, RunState
from reviewapp.training.run_words import (
    STATE_WORDS,
    duration_text,
    loss_symbol,
    memory_text,
    speed_text,
)

if TYPE_CHECKING:
    from engine.training.config import TrainConfig
    from engine.training.runs import RunSummary

_PAUSABLE: tuple[RunState, ...] = ("running",)
_RESUMABLE: tuple[RunState, ...] = ("paused", "interrupted", "cancelled", "failed")
_CANCELLABLE: tuple[RunState, ...] = ("queued", "running", "paused")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run's facts and state; speed, time left and memory are 0 unless it is training.

    ``saved_step`` is the newest checkpoint's, 0 before the first one.
    """

    run_id: str
    config: TrainConfig
    state: RunState
    message: str
    step: int
    created_at: str
    saved_step: int = 0
    images_per_s: float = 0.0
    eta_s: float = 0.0
    memory_mib: float = 0.0
    losses: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, summary: RunSummary) -> RunRow:
        """The row of a run as its folder describes it."""
        return cls(
            run_id=summary.run_id,
            config=summary.config,
            state=summary.state,
            message=summary.message,
            step=summary.step,
            created_at=summary.created_at,
            # The folder tells the step at its checkpoints only.
            saved_step=summary.step,
        )

    def in_state(self, state: RunState, message: str) -> RunRow:
        """The row after a change of state."""
        step = self.config.steps if state == "finished" else self.step
        return replace(
            self,
            state=state,
            message=message,
            step=step,
            images_per_s=0.0,
            eta_s=0.0,
            memory_mib=0.0,
        )

    def progressed(self, progress: Progress) -> RunRow:
        """The row after some steps."""
        return replace(
            self,
            step=progress.step,
            images_per_s=progress.images_per_s,
            eta_s=progress.eta_s,
            memory_mib=progress.memory_mib,
            losses=progress.losses,
        )

    def with_checkpoint(self, step: int) -> RunRow:
        """The row after a checkpoint was written."""
        return replace(self, saved_step=step, step=max(step, self.step))

    @property
    def state_text(self) -> str:
        """The state in plain words; a sign tells that the run has something to say."""
        words = STATE_WORDS[self.state]
        return f"{words}  ⓘ" if self.message and self.state == "running" else words

    @property
    def step_text(self) -> str:
        """Steps done of all."""
        return f"{self.step:,} / {self.config.steps:,}"

    @property
    def fraction(self) -> float:
        """Share of the steps done, 0 … 1."""
        return min(1.0, self.step / self.config.steps)

    @property
    def speed_text(self) -> str:
        """Images per second while it trains, otherwise ""."""
        return speed_text(self.images_per_s) if self.images_per_s > 0 else ""

    @property
    def time_left_text(self) -> str:
        """The time left while it trains, otherwise ""."""
        return duration_text(self.eta_s) if self.images_per_s > 0 else ""

    @property
    def memory_text(self) -> str:
        """Memory in use while it trains, otherwise ""."""
        return memory_text(self.memory_mib) if self.images_per_s > 0 else ""

    @property
    def losses_text(self) -> str:
        """The newest losses, short."""
        return " · ".join(f"{loss_symbol(n)} {v:.3g}" for n, v in self.losses.items())

    @property
    def parent_run_id(self) -> str:
        """The run whose checkpoint this one started from, "" for a first run."""
        return self.config.parent.run_id if self.config.parent else ""

    @property
    def can_pause(self) -> bool:
        """Whether it can be held."""
        return self.state in _PAUSABLE

    @property
    def can_resume(self) -> bool:
        """Whether it can go on."""
        return self.state in _RESUMABLE

    @property
    def can_cancel(self) -> bool:
        """Whether it can be ended."""
        return self.state in _CANCELLABLE

    @property
    def can_generate(self) -> bool:
        """Whether there is a checkpoint to draw with."""
        return self.saved_step > 0
