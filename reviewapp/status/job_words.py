"""The run at work and the tasks beside it, in one short line."""

from __future__ import annotations

from collections.abc import Mapping

from engine.training.events import Progress, RunState
from reviewapp.training.run_words import duration_text


class JobWords:
    """Follows the training queue's events."""

    def __init__(self) -> None:
        self._states: dict[str, RunState] = {}
        self._progress: dict[str, Progress] = {}

    def note_state(self, run_id: str, state: RunState) -> None:
        """A run entered a state."""
        self._states[run_id] = state
        if state not in ("running", "paused"):
            self._progress.pop(run_id, None)

    def note_progress(self, progress: Progress) -> None:
        """A run told where it stands."""
        self._states.setdefault(progress.run_id, "running")
        self._progress[progress.run_id] = progress

    def text(self, tasks: Mapping[str, int]) -> str:
        """What is at work; ``tasks`` counts those beside training by title. "" when idle."""
        parts = [
            title if count == 1 else f"{title} ({count})" for title, count in sorted(tasks.items())
        ]
        for run_id, state in self._states.items():
            if state in ("running", "paused"):
                parts.append(self._run_text(run_id, state))
        waiting = sum(state == "queued" for state in self._states.values())
        if waiting:
            parts.append(f"{waiting} waiting")
        return "  ·  ".join(parts)

    def _run_text(self, run_id: str, state: RunState) -> str:
        told = self._progress.get(run_id)
        if state == "paused":
            return f"{run_id} paused"
        if told is None:
            return f"Training {run_id}"
        percent = 100 * told.step // max(1, told.total_steps)
        return f"Training {run_id}: {percent} %, {duration_text(told.eta_s)} left"
