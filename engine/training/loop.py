"""The one training loop: data, steps, average, curves, samples, checkpoints, and how it ends."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import psutil
import torch

from engine.data.cache import TrainingArrays, training_arrays
from engine.degradation.guard import Guard
from engine.errors import Cancelled, TrainingError
from engine.feedback.signals import Signals, prepare_signals
from engine.gans.latent_variant import LatentVariant
from engine.gans.variant import Variant
from engine.out_of_memory import is_out_of_memory
from engine.training.batches import Batches
from engine.training.checkpoint import list_checkpoints, remove_unfinished, save_checkpoint
from engine.training.config import TrainConfig
from engine.training.control import WISHES, Control, Ending, Wish
from engine.training.ema import Ema
from engine.training.events import CheckpointSaved, Event, Progress, SampleGrid, StateChanged
from engine.training.metrics_file import MetricsFile
from engine.training.precision import autocast, chosen_device, use_threads
from engine.training.restoring import build_variant, image_spec, restore
from engine.training.runs import RunFolder, run_folder, write_status
from engine.training.sample_grid import draw_grid, write_grid
from engine.training.updates import OneProcess, Processes, Updates
from engine.workspace import Workspace

_PROGRESS_INTERVAL_S = 0.25
_MIB = 2**20


def always_run() -> Control:
    """A control for callers that never pause or stop."""
    return Control(lambda: "run", lambda: "run")


class Trainer:
    """Trains one run from wherever it stands, in the calling thread.

    With several ``processes`` each calls `train` on the same run; the batch is divided among them,
    and the first alone writes and tells. `train` raises `ConfigError`, `DataError`,
    `CheckpointError` or `FeedbackError` when the run cannot start, and `TrainingError` when its
    losses stop being numbers or memory does not suffice.
    """

    def __init__(
        self,
        workspace: Workspace,
        run_id: str,
        emit: Callable[[Event], None],
        control: Control,
        processes: Processes | None = None,
    ) -> None:
        self._workspace = workspace
        self._run_id = run_id
        self._emit = emit
        self._control = control
        self._processes: Processes = processes or OneProcess()
        self._folder: RunFolder = run_folder(workspace, run_id)
        self._config = TrainConfig.read(self._folder.config)
        self._last_progress = 0.0
        self._notice = ""
        self._metrics = MetricsFile(self._folder.metrics)

    def train(self) -> Ending:
        """Go on from the newest checkpoint that is whole, to the last step or the wish to stop."""
        try:
            return self._train()
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise TrainingError(
                f"There is not enough memory for this run: {error}. Its last checkpoint is kept. "
                "Choose a smaller batch, image size or network, or close other programs."
            ) from None

    def _train(self) -> Ending:
        config = self._config
        use_threads(config)
        device = self._processes.device or chosen_device(config)
        data = self._data()
        variant = build_variant(config, image_spec(data, config.size))
        variant.to(device)
        variant.updates = Updates(lambda: autocast(config, device), self._processes)
        ema = Ema(variant, config.ema_decay)
        step = self._restore(variant, ema)
        try:
            signals = self._signals(variant)
        except Cancelled:
            return "cancelled" if self._control.wish() == "cancel" else "stopped"
        if self._first:
            self._metrics.cut(step)
        if signals.notice:
            self._tell(signals.notice, step)
        batches = Batches(data, config, signals, self._processes, device)
        guard = Guard(self._workspace, self._run_id, self._emit, self._is_ending)
        self._draw_grid(variant, ema, data, step)
        self._score(signals, variant, ema, step)
        if self._first and (
            notice := guard.begin(variant, ema, data, batches.row_weights, signals.scores, step)
        ):
            self._tell(notice, step)
        began, first = time.monotonic(), step
        while step < config.steps:
            wish = self._wish()
            if wish == "pause":
                self._save(variant, ema, step)
                write_status(self._folder, "paused", step=step, message=self._notice)
                wish = self._control.wait()
                self._set_running(step)
                began, first = time.monotonic(), step
                guard.restart_clock()
            if wish in ("cancel", "stop"):
                self._save(variant, ema, step)
                return "cancelled" if wish == "cancel" else "stopped"
            batch = batches.at(step)
            parts = variant.updates.parts
            losses = variant.step(batch, step)
            if signals.reward is not None and isinstance(variant, LatentVariant):
                losses |= signals.reward.teach(variant, batch, step)
            if variant.updates.parts != parts:
                self._tell_division(variant.updates.parts, step)
            ema.update(variant, step)
            step += 1
            if step % config.log_every == 0 or step == config.steps:
                values = {name: float(value) for name, value in losses.items()}
                self._check_finite(values, step)
                speed = (step - first) * config.batch_size / max(time.monotonic() - began, 1e-9)
                self._report(step, speed, values, device)
            if step % config.sample_every == 0 or step == config.steps:
                self._draw_grid(variant, ema, data, step)
            if step % config.checkpoint_every == 0 or step == config.steps:
                self._check_finite({n: float(v) for n, v in losses.items()}, step)
                self._save(variant, ema, step)
                self._score(signals, variant, ema, step)
            if notice := guard.after_step(step):
                self._tell(notice, step)
        return "finished"

    def _data(self) -> TrainingArrays:
        if not self._first:
            self._processes.highest(0)
        data = training_arrays(self._workspace, self._config.dataset, self._config.size)
        if self._first:
            # The others wait for this, so that the arrays are made once.
            self._processes.highest(0)
        return data

    def _wish(self) -> Wish:
        wish = self._control.wish()
        if self._processes.world_size == 1:
            return wish
        return WISHES[self._processes.highest(WISHES.index(wish))]

    def _is_ending(self) -> bool:
        return self._control.wish() in ("cancel", "stop")

    @property
    def _first(self) -> bool:
        return self._processes.rank == 0

    def _tell_division(self, parts: int, step: int) -> None:
        size = -(-self._config.batch_size // parts)
        self._tell(
            f"Memory ran out at step {step}: each batch of {self._config.batch_size} is now worked "
            f"on in {parts} parts of up to {size} images, and their gradients are added up. "
            "The run goes on, more slowly.",
            step,
        )

    def _tell(self, notice: str, step: int) -> None:
        self._notice = notice
        self._set_running(step, notice)
        self._emit(StateChanged(self._run_id, "running", notice))

    def _signals(self, variant: Variant) -> Signals:
        """What the run's ratings do; the first process fits critics, the others read them."""
        if not self._first:
            self._processes.highest(0)
        signals = prepare_signals(
            self._workspace,
            self._folder,
            self._config,
            variant,
            self._is_ending,
        )
        if self._first:
            self._processes.highest(0)
        return signals

    def _score(self, signals: Signals, variant: Variant, ema: Ema, step: int) -> None:
        if self._first and signals.scores is not None:
            with ema.applied(variant):
                signals.scores.score(variant, step)

    def _restore(self, variant: Variant, ema: Ema) -> int:
        """All processes go on from the checkpoint that the first one finds."""
        only_step = None
        if self._first:
            remove_unfinished(self._folder.checkpoints)
        else:
            only_step = self._processes.highest(0)
        restored = restore(self._workspace, self._folder, self._config, variant, ema, only_step)
        if self._first:
            self._processes.highest(restored.step)
        if restored.notice:
            self._set_running(restored.step, restored.notice)
        return restored.step

    def _check_finite(self, values: dict[str, float], step: int) -> None:
        wrong = [name for name, value in values.items() if not math.isfinite(value)]
        if wrong:
            saved = list_checkpoints(self._folder.checkpoints)
            last = f"step {saved[-1].state.step}" if saved else "none yet"
            raise TrainingError(
                f"The loss '{wrong[0]}' is no longer a number at step {step}; the run was stopped. "
                f"Last good checkpoint: {last}. Try a lower learning rate or fp32."
            )

    def _save(self, variant: Variant, ema: Ema, step: int) -> None:
        if not self._first:
            return
        self._folder.check_present()
        # Before the checkpoint: the rows up to its step are whole wherever a crash comes.
        self._metrics.flush()
        saved = save_checkpoint(
            self._folder.checkpoints, variant, ema, step=step, seed=self._config.seed
        )
        self._set_running(step, self._notice)
        self._emit(CheckpointSaved(self._run_id, step, saved.folder))

    def _set_running(self, step: int, message: str = "") -> None:
        if self._first:
            write_status(self._folder, "running", step=step, message=message)

    def _report(
        self, step: int, speed: float, losses: dict[str, float], device: torch.device
    ) -> None:
        if not self._first:
            return
        self._metrics.add(step, losses)
        now = time.monotonic()
        last = step == self._config.steps
        if now - self._last_progress < _PROGRESS_INTERVAL_S and not last:
            return
        self._last_progress = now
        self._metrics.flush()
        left = (self._config.steps - step) * self._config.batch_size
        memory = (
            torch.cuda.max_memory_allocated(device)
            if device.type == "cuda"
            else psutil.Process().memory_info().rss
        )
        self._emit(
            Progress(
                run_id=self._run_id,
                step=step,
                total_steps=self._config.steps,
                images_per_s=speed,
                eta_s=left / max(speed, 1e-9),
                memory_mib=memory / _MIB,
                losses=losses,
            )
        )

    def _draw_grid(self, variant: Variant, ema: Ema, data: TrainingArrays, step: int) -> None:
        if not self._first:
            return
        with ema.applied(variant):
            images = draw_grid(variant, data)
        # Else the folder would be made anew where it was.
        self._folder.check_present()
        write_grid(images, self._folder.samples / f"step-{step:08d}.png")
        self._emit(SampleGrid(self._run_id, step, images))
