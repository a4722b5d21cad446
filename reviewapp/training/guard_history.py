"""What the degradation guard of a run has seen and what it warns of, without widgets."""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.degradation.config import GuardConfig
from engine.degradation.measurement import Measurement, from_columns, read_measurements
from engine.degradation.rules import Finding, all_warnings, findings, new_findings
from engine.workspace import Workspace
from reviewapp.training.loss_history import LossHistory


class GuardHistory:
    """The looks of one run in order; ``warnings`` oldest first. A run may have no guard (None)."""

    def __init__(self, config: GuardConfig | None) -> None:
        self._config = config
        self.rows: list[Measurement] = []
        self.warnings: list[Finding] = []

    @property
    def is_watched(self) -> bool:
        """Whether the run has a guard."""
        return self._config is not None

    @property
    def every(self) -> int:
        """Steps from one look to the next, at least; 0 without guard."""
        return 0 if self._config is None else self._config.every

    @property
    def standing(self) -> tuple[Finding, ...]:
        """What is wrong at the newest look."""
        return () if self._config is None else findings(self.rows, self._config)

    @property
    def cost(self) -> float:
        """The guard's share of the training time so far; NaN before its first look."""
        return self.rows[-1].cost if self.rows else math.nan

    def append(self, step: int, values: Mapping[str, float]) -> None:
        """Add a look; one at or before the last step drops what it repeats."""
        if self._config is None:
            return
        self.rows = [row for row in self.rows if row.step < step]
        self.warnings = [each for each in self.warnings if each.step < step]
        self.rows += from_columns({"step": [step]} | {n: [v] for n, v in values.items()})
        self.warnings += new_findings(self.rows, self._config)

    def judged(self, workspace: Workspace, run_id: str) -> GuardHistory:
        """The looks in the run's folder, with this guard's rules; for background threads."""
        read = GuardHistory(self._config)
        read.rows = read_measurements(workspace, run_id)
        if self._config is not None:
            read.warnings = list(all_warnings(read.rows, self._config))
        return read

    def go_on_with(self, live: GuardHistory) -> None:
        """Add the looks that came meanwhile."""
        last = self.rows[-1].step if self.rows else -1
        for row in live.rows:
            if row.step > last:
                self.append(row.step, row.values())

    def curves(self, names: tuple[str, ...]) -> LossHistory:
        """The values called ``names`` over the steps; those that were never had are left out."""
        values = [row.values() for row in self.rows]
        known = [name for name in names if any(math.isfinite(each[name]) for each in values)]
        history = LossHistory()
        for row, each in zip(self.rows, values, strict=True):
            history.append(row.step, {name: abs(each[name]) for name in known})
        return history
