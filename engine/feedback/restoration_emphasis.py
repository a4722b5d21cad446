"""Marks in restored images lead the restoring network back to the real image under them.

Upadhyay et al. 2021 lead each stage by an attention map over its loss; what specialists marked is
one more: a marked pixel counts 1 + ρ times, ρ the region weight times how surely it was marked.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.manifest import all_records
from engine.feedback.region_masks import MarkedImage, marked_images
from engine.feedback.snapshot import Snapshot
from engine.generated_images import RESTORED_FROM
from engine.restoration import REFINED_FROM
from engine.workspace import Workspace


class RestorationEmphasis:
    """How much each pixel of a training image counts, by its record id."""

    def __init__(self, regions: dict[str, NDArray[np.float32]], size: int) -> None:
        self._regions = regions
        self._size = size

    def __len__(self) -> int:
        return len(self._regions)

    def of(self, record_ids: list[str]) -> Tensor:
        """Weights of these images' pixels, float32 (n, 1, S, S), each ≥ 1."""
        weights = torch.ones(len(record_ids), 1, self._size, self._size)
        for row, record_id in enumerate(record_ids):
            if record_id in self._regions:
                weights[row, 0] += torch.from_numpy(self._regions[record_id])
        return weights


def restoration_emphasis(
    workspace: Workspace, snapshot: Snapshot, region_weight: float, size: int
) -> RestorationEmphasis:
    """What is marked in real images, and in restored or refined copies of them that may train.

    Several marked images of one real image count as the strongest of them at each pixel.
    """
    copies = marked_images(snapshot, "generated")
    wanted = {marked.record_id for marked in copies}
    origins = {
        record.record_id: record.attributes.get(RESTORED_FROM) or record.attributes[REFINED_FROM]
        for record in all_records(workspace)
        if record.record_id in wanted
        and (RESTORED_FROM in record.attributes or REFINED_FROM in record.attributes)
    }
    found: list[tuple[str, MarkedImage]] = [
        (origins[marked.record_id], marked) for marked in copies if marked.record_id in origins
    ]
    found += [(marked.record_id, marked) for marked in marked_images(snapshot, "real")]
    regions: dict[str, NDArray[np.float32]] = {}
    for record_id, marked in found if region_weight else []:
        region = np.float32(region_weight * marked.strength) * marked.region(size)
        regions[record_id] = np.maximum(regions.get(record_id, np.float32(0)), region)
    return RestorationEmphasis(regions, size)
