"""Draws images from a trained run into the library, and maps the uncertainty of any image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.cache import training_arrays
from engine.data.content_store import (
    UncertaintyMap,
    from_float,
    read_image,
    to_float,
    write_image,
    write_map,
)
from engine.data.manifest import merge_records, read_manifest, write_manifest
from engine.data.records import ImageRecord
from engine.errors import CheckpointError, ConfigError
from engine.gans.registry import variant_class
from engine.gans.upgan import Upgan
from engine.gans.variant import BatchMap, ImageSpec, Samples, Variant
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.training.checkpoint import Checkpoint, list_checkpoints, sampling_weights
from engine.training.draws import drawn_classes
from engine.training.randomness import derived_seed, generator
from engine.training.runs import run_folder
from engine.workspace import Workspace

#: images drawn between two looks at the caller's wish to cancel
_CHUNK = 32


def newest_checkpoint(workspace: Workspace, run_id: str, step: int | None = None) -> Checkpoint:
    """The run's checkpoint at ``step``, or its newest; raises `CheckpointError` without one."""
    found = [
        checkpoint
        for checkpoint in list_checkpoints(run_folder(workspace, run_id).checkpoints)
        if step is None or checkpoint.state.step == step
    ]
    if not found:
        wanted = "" if step is None else f" at step {step}"
        raise CheckpointError(
            f"The run {run_id} has no checkpoint{wanted}. Train it until it has saved one."
        )
    return found[-1]


def sampling_variant(checkpoint: Checkpoint) -> Variant:
    """The variant of a checkpoint, on the CPU, with averaged weights where there are any.

    Raises `CheckpointError` when the weights are damaged or belong to other networks.
    """
    state = checkpoint.state
    variant = variant_class(state.variant).build(
        state.spec, state.options, max(1, state.total_steps), generator(0)
    )
    weights = sampling_weights(checkpoint)
    networks = variant.networks()
    try:
        for name in variant.sampling_networks():
            start = f"{name}/"
            networks[name].load_state_dict(
                {k.removeprefix(start): t for k, t in weights.items() if k.startswith(start)}
            )
    except RuntimeError as error:
        raise CheckpointError(
            f"The checkpoint {checkpoint.folder} does not fit its own state.json: {error}"
        ) from error
    return variant


def generate_batch(
    workspace: Workspace,
    run_id: str,
    n: int,
    seed: int,
    *,
    checkpoint_step: int | None = None,
    uncertainty_run: str | None = None,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> list[ImageRecord]:
    """Draw ``n`` images of a run into the library, with their maps; returns their records.

    The same run, step and seed give the same records, and repeating adds nothing. A variant that
    restores images (upgan) gets real ones of its data set, degraded. Maps are the variant's own,
    or those of the upgan run ``uncertainty_run``. Raises the engine's errors, and `Cancelled`;
    what was drawn by then is kept.
    """
    checkpoint = newest_checkpoint(workspace, run_id, checkpoint_step)
    variant = sampling_variant(checkpoint)
    mapper = _mapper(workspace, uncertainty_run) if uncertainty_run else None
    dataset = _dataset(workspace, run_id)
    spec = variant.spec
    manifest = run_folder(workspace, run_id).generated
    prefix = f"{run_id}/s{checkpoint.state.step:06d}"
    done: list[ImageRecord] = []
    try:
        for first in range(0, n, _CHUNK):
            raise_if_cancelled(cancelled)
            count = min(_CHUNK, n - first)
            progress(first, n, run_id)
            rows, labels = _classes(workspace, dataset, spec, variant, seed, first, count)
            samples = variant.sample(
                count, seed, labels=labels, inputs=rows, first=first, maps=mapper is None
            )
            if mapper is not None:
                maps = _fitted(mapper, samples.images).restore(samples.images, seed, first=first)
                samples = Samples(samples.images, maps.maps)
            origin = uncertainty_run if mapper is not None and uncertainty_run else run_id
            for offset, record in enumerate(
                _stored(workspace, samples, spec, labels, origin, checkpoint, dataset, run_id)
            ):
                index = first + offset
                done.append(
                    record.model_copy(
                        update={
                            "record_id": f"{prefix}/{seed}-{index:06d}",
                            "seed": seed,
                            "sample_index": index,
                        }
                    )
                )
    finally:
        if done:
            merged = merge_records(read_manifest(manifest), done)
            write_manifest(manifest, merged.records)
    progress(n, n, run_id)
    return done


def map_images(
    workspace: Workspace,
    run_id: str,
    records: Sequence[ImageRecord],
    *,
    seed: int = 0,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> int:
    """Map the uncertainty of library images by the upgan run ``run_id``; returns how many.

    Images are brought to the run's size; maps are stored at the image's own. Raises `ConfigError`
    for a run of another variant or an image of other channels.
    """
    mapper = _mapper(workspace, run_id)
    size = mapper.spec.size
    for number, record in enumerate(records):
        raise_if_cancelled(cancelled)
        progress(number, len(records), record.record_id)
        image = torch.from_numpy(to_float(read_image(workspace, record.key)))[None]
        fitted = torch.nn.functional.interpolate(image, size=(size, size), mode="area")
        for uncertainty in _fitted(mapper, fitted).restore(fitted, seed, first=number).maps:
            enlarged = torch.nn.functional.interpolate(
                uncertainty.values[:, None], size=tuple(image.shape[2:]), mode="bilinear"
            )
            _write_map(workspace, record.key, uncertainty, enlarged[0, 0].numpy(), run_id)
    progress(len(records), len(records), "")
    return len(records)


def _stored(
    workspace: Workspace,
    samples: Samples,
    spec: ImageSpec,
    labels: torch.Tensor,
    origin: str,
    checkpoint: Checkpoint,
    dataset: str,
    run_id: str,
) -> Iterator[ImageRecord]:
    depth: Literal[8, 16] = spec.bit_depth
    for row, image in enumerate(samples.images.cpu().numpy()):
        key = write_image(workspace, from_float(image, depth))
        for uncertainty in samples.maps:
            _write_map(workspace, key, uncertainty, uncertainty.values[row].numpy(), origin)
        label = int(labels[row])
        yield ImageRecord(
            record_id=run_id,
            key=key,
            dataset=dataset,
            source="generated",
            class_label=spec.class_names[label] if label >= 0 else "",
            width=spec.size,
            height=spec.size,
            channels=spec.channels,
            bit_depth=depth,
            variant=checkpoint.state.variant,
            run_id=run_id,
            checkpoint_step=checkpoint.state.step,
        )


def _write_map(
    workspace: Workspace,
    key: str,
    uncertainty: BatchMap,
    values: NDArray[np.float32],
    origin: str,
) -> None:
    write_map(workspace, key, UncertaintyMap(values, uncertainty.kind, uncertainty.unit, origin))


def _classes(
    workspace: Workspace,
    dataset: str,
    spec: ImageSpec,
    variant: Variant,
    seed: int,
    first: int,
    count: int,
) -> tuple[torch.Tensor | None, torch.Tensor]:
    """Input images where the variant needs them, and the class of each sample (-1 without)."""
    if variant.needs_inputs:
        data = training_arrays(workspace, dataset, spec.size)
        rows = [derived_seed(seed, "input", i) % len(data) for i in range(first, first + count)]
        names = [data.class_names[label] if label >= 0 else "" for label in data.labels[rows]]
        known = [spec.class_names.index(n) if n in spec.class_names else -1 for n in names]
        return torch.from_numpy(data.batch(rows)), torch.tensor(known)
    return None, drawn_classes(seed, first, count, spec.n_classes)


def _mapper(workspace: Workspace, run_id: str) -> Upgan:
    variant = sampling_variant(newest_checkpoint(workspace, run_id))
    if not isinstance(variant, Upgan):
        raise ConfigError(
            f"The run {run_id} is a {variant.name}; uncertainty maps of other images need a run "
            "of upgan."
        )
    return variant


def _fitted(mapper: Upgan, images: torch.Tensor) -> Upgan:
    if images.shape[1] != mapper.spec.channels:
        raise ConfigError(
            f"The images have {images.shape[1]} channels, the upgan run {mapper.spec.channels}. "
            "Choose an upgan run of the same data set."
        )
    return mapper


def _dataset(workspace: Workspace, run_id: str) -> str:
    from engine.training.config import TrainConfig

    return TrainConfig.read(run_folder(workspace, run_id).config).dataset
