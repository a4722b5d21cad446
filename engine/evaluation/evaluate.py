"""The evaluation protocol: a checkpoint's images against its data set's, metric by metric.

Images come from the averaged weights and are not post-processed. Every finished metric is written
at once, so that an evaluation that was stopped goes on where it ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.atomic_file import write_bytes
from engine.data.cache import TrainingArrays, training_arrays, unseen_arrays
from engine.data.content_store import encode_png
from engine.errors import EvaluationError
from engine.evaluation.diversity import diversity
from engine.evaluation.encoder import load_or_train_encoder
from engine.evaluation.evaluation_record import (
    Evaluation,
    EvaluationConfig,
    MetricRecord,
    evaluation_path,
    nearest_picture_path,
    read_evaluation,
    write_evaluation,
)
from engine.evaluation.features import FeatureExtractor
from engine.evaluation.frechet import frechet_distance
from engine.evaluation.image_summary import PIXELS_PX, ImageSummary, summarise
from engine.evaluation.kernel import kernel_distance
from engine.evaluation.likelihood import likelihood
from engine.evaluation.memorisation import memorisation, pair_picture
from engine.evaluation.metric import Metric
from engine.evaluation.parzen import parzen
from engine.evaluation.prdc import prdc
from engine.evaluation.spectrum import spectrum_distance
from engine.gans.variant import Variant
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.training.checkpoint import WEIGHTS, Checkpoint
from engine.training.config import TrainConfig
from engine.training.precision import chosen_device, use_threads
from engine.training.randomness import derived_seed
from engine.training.runs import run_folder
from engine.training.training_subset import subset_weights
from engine.workspace import Workspace


def evaluate(
    workspace: Workspace,
    run_id: str,
    *,
    step: int | None = None,
    config: EvaluationConfig | None = None,
    extractor: FeatureExtractor | None = None,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> Evaluation:
    """Evaluate the run's checkpoint at ``step``, or its newest; returns what is kept of it.

    Without ``extractor`` the data set's own encoder is used, and trained where there is none yet.
    A metric that cannot be computed is kept as refused, with its reason. An evaluation of the same
    weights, settings and extractor goes on where it ended; another one's file is replaced. Raises
    the engine's errors when nothing can be evaluated, and `Cancelled`.
    """
    config = config or EvaluationConfig()
    checkpoint = newest_checkpoint(workspace, run_id, step)
    settings = TrainConfig.read(run_folder(workspace, run_id).config)
    use_threads(settings)
    if extractor is None:
        extractor = load_or_train_encoder(
            workspace, settings.dataset, settings.size, progress=progress, cancelled=cancelled
        )
    images = _Images(
        workspace, run_id, settings, checkpoint, config, extractor, progress, cancelled
    )
    fresh = images.empty_evaluation()
    kept = read_evaluation(evaluation_path(workspace, run_id, fresh.step))
    found = kept if kept is not None and kept.is_of_same(fresh) else fresh
    groups = {name: g for name, g in _GROUPS.items() if name != "likelihood" or config.ais_images}
    for name, compute in groups.items():
        if name in found.groups or name in found.refused:
            continue
        raise_if_cancelled(cancelled)
        images.prepare(name)
        began = time.perf_counter()
        progress(0, 0, name)
        try:
            metrics = compute(images)
        except EvaluationError as error:
            found = _with(found, refused=found.refused | {name: str(error)})
        else:
            seconds = time.perf_counter() - began
            records = {metric.name: MetricRecord.of(metric, seconds) for metric in metrics}
            found = _with(found, metrics=found.metrics | records, groups=(*found.groups, name))
        write_evaluation(workspace, found)
    if not found.complete:
        found = _with(found, complete=True)
        write_evaluation(workspace, found)
    return found


class _Images:
    """What the metrics of one checkpoint are computed from, made when first asked for."""

    def __init__(
        self,
        workspace: Workspace,
        run_id: str,
        settings: TrainConfig,
        checkpoint: Checkpoint,
        config: EvaluationConfig,
        extractor: FeatureExtractor,
        progress: ProgressReport,
        cancelled: CancelCheck,
    ) -> None:
        self.workspace = workspace
        self.run_id = run_id
        self.checkpoint = checkpoint
        self.config = config
        self.extractor = extractor
        self.progress = progress
        self.cancelled = cancelled
        self._settings = settings
        arrays = training_arrays(
            workspace, settings.dataset, settings.size, progress=progress, cancelled=cancelled
        )
        self.data = arrays
        weights = subset_weights(arrays.groups, settings.train_fraction, settings.subset_seed)
        everything = np.arange(len(arrays))
        #: rows of the data set that the run was trained on
        self.trained_on = everything if weights is None else np.flatnonzero(weights)
        rng = np.random.default_rng(derived_seed(config.seed, "real images"))
        few = rng.choice(len(arrays), min(len(arrays), config.n), replace=False)
        #: rows that generated images are compared with
        self.compared = np.sort(few)

    @cached_property
    def variant(self) -> Variant:
        """The averaged networks, on the run's device."""
        variant = sampling_variant(self.checkpoint)
        variant.to(chosen_device(self._settings))
        for network in variant.networks().values():
            network.requires_grad_(False)
        return variant

    @cached_property
    def unseen(self) -> TrainingArrays | None:
        """Images that no run is trained on; None without any."""
        return unseen_arrays(
            self.workspace,
            self._settings.dataset,
            self._settings.size,
            progress=self.progress,
            cancelled=self.cancelled,
        )

    @property
    def inputs(self) -> TrainingArrays:
        """What an image-to-image variant restores: unseen images where there are any."""
        return self.unseen or self.data

    def empty_evaluation(self) -> Evaluation:
        """The evaluation before its first metric."""
        state = self.checkpoint.state
        return Evaluation(
            run_id=self.run_id,
            step=state.step,
            weights_sha256=state.sha256[WEIGHTS],
            variant=state.variant,
            dataset=self._settings.dataset,
            size=state.spec.size,
            train_fraction=self._settings.train_fraction,
            extractor=self.extractor.name,
            config=self.config,
            n_real=len(self.compared),
            protocol=self._protocol(),
            restores=self.variant.needs_inputs,
        )

    def _protocol(self) -> str:
        n, real = self.config.n, f"{len(self.compared)} training images of the data set"
        if not self.variant.needs_inputs:
            return f"{n} images drawn without post-processing, against {real}"
        which = "unseen" if self.unseen is not None else "training"
        return (
            f"{n} degraded {which} images, restored without post-processing, against {real}: "
            "this measures restoration, not drawing, and is not comparable with generators"
        )

    def drawn(self, rows: slice) -> Tensor:
        """Generated images of these numbers, float32 (n, C, S, S)."""
        n, seed = rows.stop - rows.start, self.config.seed
        if not self.variant.needs_inputs:
            return self.variant.sample(n, seed, first=rows.start, maps=False).images
        numbers = range(rows.start, rows.stop)
        chosen = [derived_seed(seed, "input", i) % len(self.inputs) for i in numbers]
        return self.variant.sample(
            n,
            seed,
            first=rows.start,
            labels=torch.full((n,), -1),
            inputs=torch.from_numpy(self.inputs.batch(chosen)),
            maps=False,
        ).images

    def prepare(self, group: str) -> None:
        """Draw and read before the clock of a metric starts."""
        if group != "likelihood":
            _ = self.generated, self.real

    @cached_property
    def generated(self) -> ImageSummary:
        """Of the drawn images."""
        return self._summary(self.drawn, self.config.n, "drawing images")

    @cached_property
    def real(self) -> ImageSummary:
        """Of the images compared with."""
        return self._read(self.data, self.compared, "reading real images")

    @cached_property
    def training(self) -> ImageSummary:
        """Of all images that the run was trained on."""
        if np.array_equal(self.trained_on, self.compared):
            return self.real
        return self._read(self.data, self.trained_on, "reading training images")

    @cached_property
    def unseen_summary(self) -> ImageSummary | None:
        """Of all images that the run was not trained on; None without any."""
        if self.unseen is not None:
            return self._read(self.unseen, np.arange(len(self.unseen)), "reading unseen images")
        rest = np.setdiff1d(np.arange(len(self.data)), self.trained_on)
        return self._read(self.data, rest, "reading unseen images") if len(rest) else None

    def _read(self, data: TrainingArrays, rows: NDArray[np.int64], item: str) -> ImageSummary:
        return self._summary(lambda part: torch.from_numpy(data.batch(rows[part])), len(rows), item)

    def _summary(self, load: Callable[[slice], Tensor], n: int, item: str) -> ImageSummary:
        return summarise(self.extractor, load, n, item, self.progress, self.cancelled)


def _memorisation(images: _Images) -> list[Metric]:
    if images.variant.needs_inputs:
        raise EvaluationError(
            f"{images.variant.name} restores real images, so that its images are near real ones "
            "by intention; nearness to training images says nothing."
        )
    unseen = images.unseen_summary
    found = memorisation(
        images.training.features,
        images.generated.features,
        images.extractor.name,
        unseen=None if unseen is None else unseen.features,
    )
    pixels = memorisation(
        images.training.pixels,
        images.generated.pixels,
        "pixels",
        unseen=None if unseen is None else unseen.pixels,
    ).metric
    closest = found.closest
    drawn = images.drawn(slice(closest, closest + 1))[0].cpu().numpy()
    twin = images.data.batch([images.trained_on[found.nearest[closest]]])[0]
    picture = nearest_picture_path(images.workspace, images.run_id, images.checkpoint.state.step)
    write_bytes(picture, encode_png(pair_picture(drawn, twin)))
    note = f"{pixels.note}; images reduced to {PIXELS_PX} pixels"
    return [found.metric, Metric(pixels.name, pixels.label, pixels.value, "lower", note=note)]


def _likelihood(images: _Images) -> list[Metric]:
    unseen = images.unseen
    return likelihood(
        images.variant, images.data, unseen, images.config, images.progress, images.cancelled
    )


#: groups of metrics, the quick ones first
_GROUPS: Mapping[str, Callable[[_Images], list[Metric]]] = {
    "frechet": lambda i: [
        frechet_distance(i.real.features, i.generated.features, i.extractor.name)
    ],
    "kernel": lambda i: [
        kernel_distance(
            i.real.features, i.generated.features, i.extractor.name, seed=i.config.seed % 2**32
        )
    ],
    "prdc": lambda i: list(prdc(i.real.features, i.generated.features, i.extractor.name)),
    "diversity": lambda i: [diversity(i.real.features, i.generated.features, i.extractor.name)],
    "spectrum": lambda i: [spectrum_distance(i.real.spectrum, i.generated.spectrum)],
    "parzen": lambda i: [
        parzen(i.real.features, i.generated.features, i.extractor.name, seed=i.config.seed % 2**32)
    ],
    "memorisation": _memorisation,
    "likelihood": _likelihood,
}


def _with(evaluation: Evaluation, **changes: object) -> Evaluation:
    return evaluation.model_copy(update=changes)
