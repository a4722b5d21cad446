"""What a restoring run (upgan, higan) does to library images: maps their uncertainty, refines them.

It works on any image of its channels, real or another variant's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from engine.data.content_store import UncertaintyMap, read_image, to_float, write_map
from engine.data.records import ImageRecord
from engine.errors import ConfigError
from engine.gans.restoring_variant import RestoringVariant
from engine.generated_images import ImageOrigin, add_generated, store_generated
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.training.checkpoint import Checkpoint
from engine.training.randomness import derived_seed
from engine.workspace import Workspace

#: attribute of a refined image: the record id of the image that it was made from
REFINED_FROM = "refined from"


def restoring_variant(
    workspace: Workspace, run_id: str, step: int | None = None
) -> tuple[RestoringVariant, Checkpoint]:
    """The networks of a run that can restore images; raises `ConfigError` for another one."""
    checkpoint = newest_checkpoint(workspace, run_id, step)
    variant = sampling_variant(checkpoint)
    if not isinstance(variant, RestoringVariant):
        raise ConfigError(
            f"The run {run_id} is a {variant.name}; to map or refine other images, take a run of "
            "upgan or higan."
        )
    return variant, checkpoint


def check_channels(variant: RestoringVariant, images: Tensor) -> None:
    """Raise `ConfigError` unless ``images`` (N, C, H, W) have the variant's channels."""
    if images.shape[1] != variant.spec.channels:
        raise ConfigError(
            f"The images have {images.shape[1]} channels, the {variant.name} run "
            f"{variant.spec.channels}. Choose a run of the same data set."
        )


def map_images(
    workspace: Workspace,
    run_id: str,
    records: Sequence[ImageRecord],
    *,
    seed: int = 0,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> int:
    """Map the uncertainty of library images by the restoring run ``run_id``; returns how many.

    Images are brought to the run's size; maps are stored at the image's own. Raises `ConfigError`
    for a run of another variant or an image of other channels.
    """
    mapper, _ = restoring_variant(workspace, run_id)
    for number, record in enumerate(records):
        raise_if_cancelled(cancelled)
        progress(number, len(records), record.record_id)
        image = _image(workspace, record, mapper)
        for uncertainty in mapper.restore(_at(image, mapper), seed, first=number).maps:
            enlarged = F.interpolate(
                uncertainty.values[:, None], size=tuple(image.shape[2:]), mode="bilinear"
            )
            values = enlarged[0, 0].numpy()
            stored = UncertaintyMap(values, uncertainty.kind, uncertainty.unit, run_id)
            write_map(workspace, record.key, stored)
    progress(len(records), len(records), "")
    return len(records)


def refine_images(
    workspace: Workspace,
    run_id: str,
    records: Sequence[ImageRecord],
    *,
    checkpoint_step: int | None = None,
    seed: int = 0,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> list[ImageRecord]:
    """Restore library images as they stand into new, generated ones with maps; their records.

    A refined image has the run's size, its attribute `REFINED_FROM` names the image it was made
    from, and it depends on that image, the run's checkpoint and ``seed`` alone: repeating adds
    nothing. Raises `ConfigError` for a run that cannot restore or an image of other channels, and
    `Cancelled`; what was refined by then is kept.
    """
    refiner, checkpoint = restoring_variant(workspace, run_id, checkpoint_step)
    done: list[ImageRecord] = []
    try:
        for number, record in enumerate(records):
            raise_if_cancelled(cancelled)
            progress(number, len(records), record.record_id)
            start = _at(_image(workspace, record, refiner), refiner)
            own_seed = derived_seed(seed, "refine", record.key)
            refined = refiner.restore(start, own_seed, degrade=False)
            source = hashlib.sha256(record.record_id.encode("utf-8")).hexdigest()[:16]
            origin = ImageOrigin(
                record_id=f"{run_id}/s{checkpoint.state.step:06d}/refined-{seed}-{source}",
                run_id=run_id,
                maps_run=run_id,
                dataset=record.dataset,
                class_label=record.class_label,
                seed=seed,
                attributes={REFINED_FROM: record.record_id},
            )
            done.append(store_generated(workspace, refined, checkpoint, origin))
    finally:
        add_generated(workspace, run_id, done)
    progress(len(records), len(records), "")
    return done


def _image(workspace: Workspace, record: ImageRecord, variant: RestoringVariant) -> Tensor:
    image = torch.from_numpy(to_float(read_image(workspace, record.key)))[None]
    check_channels(variant, image)
    return image


def _at(image: Tensor, variant: RestoringVariant) -> Tensor:
    """The image at the variant's size: averaged where that is smaller, else interpolated."""
    size = variant.spec.size
    if min(image.shape[2:]) >= size:
        return F.interpolate(image, size=(size, size), mode="area")
    return F.interpolate(image, size=(size, size), mode="bilinear", align_corners=False)
