"""Draws images from a trained run into the library."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.data.cache import training_arrays
from engine.data.records import ImageRecord
from engine.gans.variant import ImageSpec, Samples, Variant
from engine.generated_images import RESTORED_FROM, ImageOrigin, add_generated, store_generated
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.restoration import check_channels, restoring_variant
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.training.config import TrainConfig
from engine.training.draws import drawn_classes
from engine.training.randomness import derived_seed
from engine.training.runs import run_folder
from engine.workspace import Workspace

#: images drawn between two looks at the caller's wish to cancel
_CHUNK = 32


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
    restores images gets real ones of its data set, degraded. Maps are the variant's own, or those
    of the restoring run ``uncertainty_run``. Raises the engine's errors, and `Cancelled`; what was
    drawn by then is kept.
    """
    checkpoint = newest_checkpoint(workspace, run_id, checkpoint_step)
    variant = sampling_variant(checkpoint)
    mapper = restoring_variant(workspace, uncertainty_run)[0] if uncertainty_run else None
    dataset = TrainConfig.read(run_folder(workspace, run_id).config).dataset
    spec = variant.spec
    prefix = f"{run_id}/s{checkpoint.state.step:06d}"
    done: list[ImageRecord] = []
    try:
        for first in range(0, n, _CHUNK):
            raise_if_cancelled(cancelled)
            count = min(_CHUNK, n - first)
            progress(first, n, run_id)
            started = _starts(workspace, dataset, spec, variant, seed, first, count)
            labels = started.labels
            samples = variant.sample(
                count, seed, labels=labels, inputs=started.images, first=first, maps=mapper is None
            )
            if mapper is not None:
                check_channels(mapper, samples.images)
                maps = mapper.restore(samples.images, seed, first=first)
                samples = Samples(samples.images, maps.maps)
            origin = uncertainty_run if mapper is not None and uncertainty_run else run_id
            for offset in range(count):
                index = first + offset
                label = int(labels[offset])
                done.append(
                    store_generated(
                        workspace,
                        samples.row(offset),
                        checkpoint,
                        ImageOrigin(
                            record_id=f"{prefix}/{seed}-{index:06d}",
                            run_id=run_id,
                            maps_run=origin,
                            dataset=dataset,
                            class_label=spec.class_names[label] if label >= 0 else "",
                            seed=seed,
                            sample_index=index,
                            attributes=(
                                {RESTORED_FROM: started.record_ids[offset]}
                                if started.record_ids
                                else {}
                            ),
                        ),
                    )
                )
    finally:
        add_generated(workspace, run_id, done)
    progress(n, n, run_id)
    return done


@dataclass(frozen=True, slots=True)
class _Starts:
    """What samples are made from: a class each, -1 without, and real images where they are."""

    labels: Tensor
    images: Tensor | None = None
    record_ids: tuple[str, ...] = ()


def _starts(
    workspace: Workspace,
    dataset: str,
    spec: ImageSpec,
    variant: Variant,
    seed: int,
    first: int,
    count: int,
) -> _Starts:
    """Those of samples ``first`` … ``first + count - 1``."""
    if not variant.needs_inputs:
        return _Starts(drawn_classes(seed, first, count, spec.n_classes))
    data = training_arrays(workspace, dataset, spec.size)
    rows = [derived_seed(seed, "input", i) % len(data) for i in range(first, first + count)]
    names = [data.class_names[label] if label >= 0 else "" for label in data.labels[rows]]
    known = [spec.class_names.index(n) if n in spec.class_names else -1 for n in names]
    return _Starts(
        torch.tensor(known),
        torch.from_numpy(data.batch(rows)),
        tuple(data.record_ids[row] for row in rows),
    )
