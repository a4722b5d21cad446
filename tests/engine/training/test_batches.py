"""Batches: what several processes see together is what one would."""

from __future__ import annotations

import numpy as np
import torch

from engine.data.cache import training_arrays
from engine.data.manifest import read_manifest
from engine.feedback.image_pool import ImagePool, PoolImage
from engine.feedback.restoration_emphasis import RestorationEmphasis
from engine.feedback.signals import NO_SIGNALS, Signals
from engine.gans.batch import Batch
from engine.gans.registry import preset
from engine.gans.variant import ImageSpec
from engine.training.batches import Batches
from engine.training.config import TrainConfig
from engine.training.updates import OneProcess
from engine.workspace import Workspace

CONFIG = TrainConfig.checked(
    **(preset("dcgan", "acdc", "tiny").model_dump() | {"size": 16, "batch_size": 9})
)


class OneOf(OneProcess):
    """One of several processes, that never waits for the others."""

    def __init__(self, rank: int, world_size: int) -> None:
        self.rank, self.world_size = rank, world_size


def signals(library: Workspace) -> Signals:
    records = read_manifest(library.manifest_path("acdc"))
    images = [PoolImage(record.key, 1.0, label=1) for record in records[:8]]
    spec = ImageSpec(channels=1, size=16, class_names=("DCM", "NOR"))
    pool = ImagePool(library, images, spec, batch_size=48, seed=1)
    marked = np.full((16, 16), 2.0, dtype=np.float32)
    return Signals(
        negatives=pool,
        labelled=pool,
        emphasis=RestorationEmphasis({record.record_id: marked for record in records[:5]}, 16),
        named={records[0].record_id: 1, records[1].record_id: 0},
    )


def batches(library: Workspace, given: Signals, rank: int = 0, world_size: int = 1) -> Batch:
    data = training_arrays(library, "acdc", 16)
    return Batches(data, CONFIG, given, OneOf(rank, world_size), torch.device("cpu")).at(3)


def test_processes_share_images_classes_marks_and_rated_images(library: Workspace) -> None:
    given = signals(library)
    whole = batches(library, given)
    shares = [batches(library, given, rank, 3) for rank in range(3)]
    assert [len(share) for share in shares] == [3, 3, 3]
    assert torch.equal(torch.cat([share.images for share in shares]), whole.images)
    assert torch.equal(torch.cat([share.labels for share in shares]), whole.labels)
    pixels = torch.ones(9, 1, 16, 16)
    weighed = [share.emphasised(torch.ones(3, 1, 16, 16)) for share in shares]
    assert torch.equal(torch.cat(weighed), whole.emphasised(pixels))
    assert set(whole.emphasised(pixels).unique().tolist()) == {1.0, 3.0}
    for kind in ("negatives", "labelled"):
        parts = [getattr(share, kind) for share in shares]
        assert torch.equal(torch.cat([part.images for part in parts]), getattr(whole, kind).images)
    divided = whole.parts(4)
    assert torch.equal(
        torch.cat([part.emphasised(torch.ones(len(part), 1, 16, 16)) for part in divided]),
        whole.emphasised(pixels),
    )


def test_specialists_classes_are_those_of_the_batch(library: Workspace) -> None:
    plain, named = batches(library, NO_SIGNALS), batches(library, signals(library))
    assert torch.equal(plain.images, named.images)
    assert plain.negatives is None and plain.labelled is None
    data = training_arrays(library, "acdc", 16)
    changed = signals(library).named
    rows = [
        int(np.flatnonzero((data.batch(range(len(data))) == image.numpy()).all((1, 2, 3)))[0])
        for image in plain.images
    ]
    expected = [changed.get(data.record_ids[row], int(data.labels[row])) for row in rows]
    assert named.labels.tolist() == expected
