"""The one training loop: data, steps, average, curves, samples, checkpoints, and how it ends."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from PIL import Image

from engine.atomic_file import write_bytes
from engine.data.cache import TrainingArrays, training_arrays
from engine.errors import CheckpointError, ConfigError, TrainingError
from engine.feedback.negative_images import NegativeImages
from engine.feedback.reweighting import Reweighting, reweighting
from engine.feedback.snapshot import load_snapshot
from engine.gans.registry import variant_class
from engine.gans.variant import Batch, ImageSpec, Variant
from engine.training.checkpoint import (
    Checkpoint,
    list_checkpoints,
    load_checkpoint,
    save_checkpoint,
)
from engine.training.config import TrainConfig
from engine.training.data_order import DataOrder
from engine.training.ema import Ema
from engine.training.events import CheckpointSaved, Event, Progress, SampleGrid
from engine.training.metrics_file import MetricsFile
from engine.training.precision import autocast, chosen_device, use_threads
from engine.training.randomness import generator
from engine.training.runs import RunFolder, run_folder, write_status
from engine.workspace import Workspace

Wish = Literal["run", "pause", "cancel", "stop"]
#: how a run's loop ended without an error
Ending = Literal["finished", "cancelled", "stopped"]

_GRID_IMAGES = 16
_GRID_SEED = 20_26
_PROGRESS_INTERVAL_S = 0.25
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Control:
    """How the loop asks what is wanted: ``wish`` at each step, ``wait`` while it is paused."""

    wish: Callable[[], Wish]
    wait: Callable[[], Wish]


def always_run() -> Control:
    """A control for callers that never pause or stop."""
    return Control(lambda: "run", lambda: "run")


class Trainer:
    """Trains one run from wherever it stands, in the calling thread.

    `train` raises `ConfigError`, `DataError`, `CheckpointError` or `FeedbackError` when the run
    cannot start, and `TrainingError` when its losses stop being numbers.
    """

    def __init__(
        self, workspace: Workspace, run_id: str, emit: Callable[[Event], None], control: Control
    ) -> None:
        self._workspace = workspace
        self._run_id = run_id
        self._emit = emit
        self._control = control
        self._folder: RunFolder = run_folder(workspace, run_id)
        self._config = TrainConfig.read(self._folder.config)
        self._last_progress = 0.0
        self._metrics = MetricsFile(self._folder.metrics)

    def train(self) -> Ending:
        """Go on from the newest checkpoint that is whole, to the last step or the wish to stop."""
        config = self._config
        use_threads(config)
        device = chosen_device(config)
        data = training_arrays(self._workspace, config.dataset, config.size)
        variant = build_variant(config, image_spec(data, config.size))
        variant.to(device)
        ema = Ema(variant, config.ema_decay)
        feedback = self._feedback(variant)
        step = self._restore(variant, ema)
        self._metrics.cut(step)
        weights = feedback.real_weights(data.record_ids) if feedback else None
        order = DataOrder(len(data), config.batch_size, config.seed, weights)
        negatives = self._negatives(feedback) if feedback else None
        self._draw_grid(variant, ema, data, step)
        began, first = time.monotonic(), step
        while step < config.steps:
            wish = self._control.wish()
            if wish == "pause":
                self._save(variant, ema, step)
                write_status(self._folder, "paused", step=step)
                wish = self._control.wait()
                write_status(self._folder, "running", step=step)
                began, first = time.monotonic(), step
            if wish in ("cancel", "stop"):
                self._save(variant, ema, step)
                return "cancelled" if wish == "cancel" else "stopped"
            rows = order.rows(step)
            batch = Batch(
                torch.from_numpy(data.batch(rows)).to(device),
                torch.from_numpy(data.labels[rows]).to(device),
                negatives.drawn(step, device) if negatives else None,
            )
            rng = generator(config.seed, "step", step, device=device)
            with autocast(config, device):
                losses = variant.step(batch, step, rng)
            ema.update(variant)
            step += 1
            if step % config.log_every == 0 or step == config.steps:
                values = {name: float(value) for name, value in losses.items()}
                self._check_finite(values, step)
                self._metrics.add(step, values)
                speed = (step - first) * config.batch_size / max(time.monotonic() - began, 1e-9)
                self._report(step, speed, values, device)
            if step % config.sample_every == 0 or step == config.steps:
                self._draw_grid(variant, ema, data, step)
            if step % config.checkpoint_every == 0 or step == config.steps:
                self._check_finite({n: float(v) for n, v in losses.items()}, step)
                self._save(variant, ema, step)
        return "finished"

    def _feedback(self, variant: Variant) -> Reweighting | None:
        feedback = self._config.feedback
        if feedback is None:
            return None
        if feedback.method not in variant.accepts_feedback:
            raise ConfigError(
                f"{variant.name} cannot use the feedback '{feedback.method}'. Train it without "
                "feedback, or choose a variant that accepts it (dcgan)."
            )
        return reweighting(load_snapshot(self._folder.ratings, feedback.snapshot_sha256), feedback)

    def _negatives(self, feedback: Reweighting) -> NegativeImages:
        config = self._config
        return NegativeImages(
            self._workspace,
            feedback,
            size=config.size,
            at_most=config.batch_size,
            seed=config.seed,
        )

    def _restore(self, variant: Variant, ema: Ema) -> int:
        damaged = ""
        for checkpoint in reversed(list_checkpoints(self._folder.checkpoints)):
            try:
                load_checkpoint(checkpoint, variant, ema)
            except CheckpointError as error:
                damaged = str(error)
                continue
            if damaged:
                message = f"Went on from step {checkpoint.state.step}. {damaged}"
                write_status(self._folder, "running", step=checkpoint.state.step, message=message)
            return checkpoint.state.step
        if damaged:
            raise CheckpointError(f"No checkpoint of {self._run_id} is whole. {damaged}")
        if self._config.parent is not None:
            load_checkpoint(parent_checkpoint(self._workspace, self._config), variant, ema)
        return 0

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
        saved = save_checkpoint(
            self._folder.checkpoints, variant, ema, step=step, seed=self._config.seed
        )
        self._metrics.flush()
        write_status(self._folder, "running", step=step)
        self._emit(CheckpointSaved(self._run_id, step, saved.folder))

    def _report(
        self, step: int, speed: float, losses: dict[str, float], device: torch.device
    ) -> None:
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
        inputs = None
        if variant.needs_inputs:
            rows = np.arange(_GRID_IMAGES) % len(data)
            inputs = torch.from_numpy(data.batch(rows)).to(variant.device)
        with ema.applied(variant):
            drawn = variant.sample(_GRID_IMAGES, _GRID_SEED, inputs=inputs).images
        levels = ((drawn.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu()
        images = levels.permute(0, 2, 3, 1).squeeze(-1).numpy()
        self._write_grid(images, step)
        self._emit(SampleGrid(self._run_id, step, images))

    def _write_grid(self, images: NDArray[np.uint8], step: int) -> None:
        columns = math.isqrt(len(images))
        rows = [
            np.concatenate(list(images[i : i + columns]), axis=1)
            for i in range(0, len(images), columns)
        ]
        buffer = io.BytesIO()
        Image.fromarray(np.concatenate(rows, axis=0)).save(buffer, format="PNG", compress_level=1)
        write_bytes(self._folder.samples / f"step-{step:08d}.png", buffer.getvalue(), durable=False)


def image_spec(data: TrainingArrays, size: int) -> ImageSpec:
    """What a network must know of the training data."""
    channels: Literal[1, 3] = 1 if data.images.shape[1] == 1 else 3
    depth: Literal[8, 16] = 16 if data.images.dtype == np.uint16 else 8
    return ImageSpec(
        channels=channels, size=size, bit_depth=depth, class_names=tuple(data.class_names)
    )


def build_variant(config: TrainConfig, spec: ImageSpec) -> Variant:
    """A fresh variant as ``config`` asks for; raises `ConfigError`."""
    return variant_class(config.variant).build(
        spec, config.options, config.steps, generator(config.seed, "weights")
    )


def parent_checkpoint(workspace: Workspace, config: TrainConfig) -> Checkpoint:
    """The checkpoint that a child run starts from; raises `CheckpointError` when it is gone."""
    parent = config.parent
    assert parent is not None, "only child runs have a parent"
    folder = run_folder(workspace, parent.run_id)
    for checkpoint in list_checkpoints(folder.checkpoints):
        if checkpoint.reference(parent.run_id) == parent:
            return checkpoint
    raise CheckpointError(
        f"The checkpoint at step {parent.step} of the run {parent.run_id} is gone or was changed. "
        "Start the round again from a checkpoint that is there."
    )
