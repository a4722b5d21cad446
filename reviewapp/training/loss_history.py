"""The points of a run's loss curves, bounded however long the run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

#: about the pixels that a curve is wide; twice as many take twice as long to draw
MAX_POINTS = 1000


class LossHistory:
    """Steps and losses in order; beyond ``max_points`` every second point is dropped."""

    def __init__(self, max_points: int = MAX_POINTS) -> None:
        self._max_points = max_points
        self._steps: list[float] = []
        self._losses: dict[str, list[float]] = {}

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def names(self) -> list[str]:
        """The losses, in the engine's order."""
        return list(self._losses)

    def replace(self, metrics: Mapping[str, Sequence[float]]) -> None:
        """Take over the logged curves of a run, as `engine.training.runs.read_metrics` gives them.

        Points beyond the last logged step, which came as live progress, are kept.
        """
        if not metrics.get("step"):
            return
        later = [
            (step, {name: self._losses[name][i] for name in self._losses})
            for i, step in enumerate(self._steps)
            if step > metrics["step"][-1]
        ]
        self._steps = list(metrics["step"])
        self._losses = {name: list(values) for name, values in metrics.items() if name != "step"}
        self._thin()
        for step, losses in later:
            self.append(step, losses)

    def append(self, step: float, losses: Mapping[str, float]) -> None:
        """Add the losses at ``step``; a step at or before the last one drops what it repeats."""
        if not losses:
            return
        while self._steps and self._steps[-1] >= step:
            self._steps.pop()
            for values in self._losses.values():
                values.pop()
        for name in losses:
            self._losses.setdefault(name, [math.nan] * len(self._steps))
        self._steps.append(step)
        for name, values in self._losses.items():
            values.append(losses.get(name, math.nan))
        self._thin()

    def curve(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Steps and values of one loss, float64 (N,)."""
        return np.array(self._steps), np.array(self._losses[name])

    def _thin(self) -> None:
        while len(self._steps) > self._max_points:
            # Counted from the end, so that the newest point stays.
            self._steps = self._steps[::-1][::2][::-1]
            self._losses = {name: v[::-1][::2][::-1] for name, v in self._losses.items()}
