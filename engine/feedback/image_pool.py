"""Rated images held in memory, of which each step sees a few."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.manifest import all_records
from engine.feedback.rated_images import rated_image, with_channels
from engine.gans.batch import ExtraImages
from engine.gans.variant import ImageSpec
from engine.training.randomness import derived_seed, generator
from engine.workspace import Workspace

#: of a batch's images: how many a step sees beside it, so that it takes little longer
_SHARE = 1 / 6


@dataclass(frozen=True, slots=True)
class PoolImage:
    """One image: ``label`` an index of a class or -1, ``region`` float32 (S, S) or None."""

    key: str
    weight: float
    label: int = -1
    region: NDArray[np.float32] | None = None
    region_weight: float = 0.0


class ImagePool:
    """At least one image of a library at a run's size, drawn from by step, seeded.

    A step sees up to a sixth of a batch; where there are more images, those seen weigh as many
    times more, so that the expected loss is that of up to a whole batch of them. Raises `DataError`
    when an image is no longer in the library.
    """

    def __init__(
        self,
        workspace: Workspace,
        images: Sequence[PoolImage],
        spec: ImageSpec,
        *,
        batch_size: int,
        seed: int,
    ) -> None:
        self._seed = seed
        self._images = np.stack(
            [with_channels(rated_image(workspace, i.key, spec.size), spec.channels) for i in images]
        )
        self._labels = torch.tensor([image.label for image in images])
        self._weights = torch.tensor([image.weight for image in images])
        self._regions, self._region_weights = _regions(images, spec.size)
        self._seen = min(len(images), max(1, int(batch_size * _SHARE)))
        self._scale = min(len(images), batch_size) / self._seen

    def drawn(self, step: int, device: torch.device) -> ExtraImages:
        """What ``step`` sees."""
        rng = generator(self._seed, "rated images", step)
        rows = torch.randperm(len(self._images), generator=rng)[: self._seen]
        regions, region_weights = self._regions, self._region_weights
        return ExtraImages(
            torch.from_numpy(self._images[rows.numpy()]).to(device),
            self._labels[rows].to(device),
            (self._scale * self._weights[rows]).to(device),
            regions=None if regions is None else regions[rows].to(device),
            region_weights=(
                None if region_weights is None else (self._scale * region_weights[rows]).to(device)
            ),
            seed=derived_seed(self._seed, "rated images", step),
        )


def drawn_classes_of(
    workspace: Workspace, record_ids: Iterable[str], class_names: tuple[str, ...]
) -> dict[str, int]:
    """The class that each image was drawn as, an index into ``class_names``, by record id.

    Images of no or another class are left out.
    """
    wanted, index = set(record_ids), {name: number for number, name in enumerate(class_names)}
    return {
        record.record_id: index[record.class_label]
        for record in all_records(workspace)
        if record.record_id in wanted and record.class_label in index
    }


def generated_among(workspace: Workspace, record_ids: Iterable[str]) -> set[str]:
    """Those of the images that are generated."""
    wanted = set(record_ids)
    return {
        record.record_id
        for record in all_records(workspace)
        if record.source == "generated" and record.record_id in wanted
    }


def _regions(
    images: Sequence[PoolImage], size: int
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    if not any(image.region_weight for image in images):
        return None, None
    nothing = np.zeros((size, size), dtype=np.float32)
    regions = [nothing if image.region is None else image.region for image in images]
    weights = torch.tensor([image.region_weight for image in images])
    return torch.from_numpy(np.stack(regions)[:, None]), weights
