"""The guard of a run: looks when it can afford to, keeps what it saw, and warns."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.cache import TrainingArrays, unseen_arrays
from engine.degradation.config import GuardConfig
from engine.degradation.losses import LossWatch
from engine.degradation.measurement import Measurement, from_columns
from engine.degradation.rules import new_findings
from engine.degradation.samples import SampleWatch
from engine.degradation.watched_images import WatchedImages
from engine.errors import Cancelled, DataError, EngineError
from engine.feedback.judge import RoundScores
from engine.gans.variant import Variant
from engine.progress import CancelCheck, never_cancelled
from engine.training.config import TrainConfig
from engine.training.ema import Ema
from engine.training.events import DegradationMeasured, DegradationWarning, Event
from engine.training.metrics_file import MetricsFile
from engine.training.runs import read_table, run_folder
from engine.workspace import Workspace

_log = logging.getLogger(__name__)
#: forward and backward passes of a Hessian-vector product beside one of a training step
_PASSES_OF_PRODUCT = 3
#: looks take longer than the one before at times, and must not pass the limit then
_MARGIN = 1.25


@dataclass(frozen=True, slots=True)
class Watches:
    """What a guard looks at."""

    run: TrainConfig
    config: GuardConfig
    losses: LossWatch
    samples: SampleWatch
    variant: Variant
    ema: Ema
    scores: RoundScores | None


class Guard:
    """Watches one run; training is the same, bit for bit, with it and without it.

    `after_step` is called after every step and does nothing but at multiples of ``every``, and
    there only as far as ``max_cost`` allows. A child run is looked at before its first step too,
    whatever that takes: what it had from its parent is what it may lose. Values go to
    ``degradation.csv`` and, with warnings, to ``emit``. Before `begin`, and for a run without
    guard, it never looks.
    """

    def __init__(
        self,
        workspace: Workspace,
        run_id: str,
        emit: Callable[[Event], None],
        cancelled: CancelCheck = never_cancelled,
    ) -> None:
        self._workspace = workspace
        self._run_id = run_id
        self._emit = emit
        self._cancelled = cancelled
        self._folder = run_folder(workspace, run_id)
        self._file = MetricsFile(self._folder.degradation)
        self._watches: Watches | None = None
        self._rows: list[Measurement] = []
        self._steps = 0
        self._training_s = 0.0
        self._spent_s = 0.0
        self._losses_s = 0.0
        self._samples_s = 0.0

    def begin(
        self,
        variant: Variant,
        ema: Ema,
        data: TrainingArrays,
        weights: NDArray[np.float64] | None,
        scores: RoundScores | None,
        step: int,
    ) -> str:
        """Watch the run from ``step`` on, and keep what was measured up to it; a notice or "".

        ``weights`` tell how often the run shows each row of ``data``, None all alike: rows of 0 are
        no training images. ``scores`` are those of a feedback round.
        """
        run = TrainConfig.read(self._folder.config)
        if run.guard is None:
            return ""
        self._file.cut(step)
        self._rows = from_columns(read_table(self._folder.degradation))
        rows = np.arange(len(data)) if weights is None else np.flatnonzero(weights)
        unseen = None
        with contextlib.suppress(DataError):
            unseen = unseen_arrays(self._workspace, run.dataset, run.size)
        images = WatchedImages(data, rows, unseen)
        self._watches = Watches(
            run,
            run.guard,
            LossWatch(variant, images, run.guard, run.seed),
            SampleWatch(self._workspace, run.dataset, images, run.guard, run.seed),
            variant,
            ema,
            scores,
        )
        notice = self._try_look(0) if step == 0 and run.parent and not self._rows else ""
        self.restart_clock()
        return notice

    def restart_clock(self) -> None:
        """Do not count the time since the last step: the run was held."""
        self._last = time.perf_counter()

    def after_step(self, step: int) -> str:
        """Look at the run after ``step`` steps where it is time to; returns a notice or ""."""
        if self._watches is None:
            return ""
        self._training_s += time.perf_counter() - self._last
        self._steps += 1
        notice = ""
        if step % self._watches.config.every == 0:
            notice = self._try_look(step)
        self.restart_clock()
        return notice

    def _try_look(self, step: int) -> str:
        assert self._watches is not None, "begin has set them"
        try:
            return self._look(step, self._watches)
        except (EngineError, RuntimeError, MemoryError, ArithmeticError, ValueError) as error:
            # Whatever is wrong with the guard must not end hours of training.
            _log.exception("The degradation guard of %s failed", self._run_id)
            self._watches = None
            return f"The degradation guard stopped at step {step}: {error}. The run goes on."

    def _look(self, step: int, watches: Watches) -> str:
        began = time.perf_counter()
        if not self._can_afford(self._losses_s or self._expected_losses_s(watches), watches):
            return ""
        values = watches.losses.measure(step)
        self._losses_s = time.perf_counter() - began
        values |= self._measured_samples(watches, began) | self._scores(watches.scores)
        seconds = time.perf_counter() - began
        self._spent_s += seconds
        trained = int(values.pop("trained"))
        cost = self._spent_s / self._training_s if self._training_s else math.nan
        row = Measurement(step, seconds, cost, trained, **values)
        self._rows.append(row)
        self._file.add(step, row.values())
        self._file.flush()
        self._emit(DegradationMeasured(self._run_id, step, row.values()))
        return self._warn(watches.config)

    def _warn(self, config: GuardConfig) -> str:
        found = new_findings(self._rows, config)
        for each in found:
            self._emit(
                DegradationWarning(
                    self._run_id,
                    each.step,
                    each.name,
                    each.value,
                    each.threshold,
                    each.message,
                    pauses=each.name in config.pause_on,
                )
            )
        return " ".join(f"Step {each.step}: {each.name}. {each.message}" for each in found)

    def _measured_samples(self, watches: Watches, began: float) -> dict[str, float]:
        already = time.perf_counter() - began
        samples = watches.samples
        if samples.is_ready:
            if not self._can_afford(already + self._samples_s, watches):
                return {}
        elif not self._can_afford(already + samples.expected_preparation_s(), watches):
            return {}
        try:
            samples.prepare(watches.variant.device, self._cancelled)
            start = time.perf_counter()
            values = samples.measure(watches.variant, watches.ema, self._cancelled)
        except Cancelled:
            return {}
        self._samples_s = time.perf_counter() - start
        return values

    def _scores(self, scores: RoundScores | None) -> dict[str, float]:
        """The newest scores of a feedback round, each taken over once."""
        since = self._rows[-1].step if self._rows else -1
        if scores is None or not scores.scores or scores.scores[-1].step <= since:
            return {}
        newest = scores.scores[-1]
        judge = math.nan if newest.judge is None else newest.judge
        return {"critic_score": newest.critic, "judge_score": judge}

    def _can_afford(self, seconds: float, watches: Watches) -> bool:
        most = watches.config.max_cost
        if most is None or not self._steps:
            return True
        return self._spent_s + _MARGIN * seconds <= most * self._training_s

    def _expected_losses_s(self, watches: Watches) -> float:
        """Of the first look: so many passes for each product, on so much of a batch."""
        share = watches.config.probe_images / watches.run.batch_size
        passes = _PASSES_OF_PRODUCT * (1 + watches.config.power_iterations)
        return passes * share * self._training_s / max(self._steps, 1)
