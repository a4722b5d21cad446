"""Writes the files that readers see: every image of a study through the one rendering path."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from engine.atomic_file import write_bytes
from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.study.blinding import presented_key
from reviewapp.study.model import ImageRow
from reviewapp.study.presentation import common_presentation, present
from reviewapp.study.protocol import Protocol

# A source of randomness that nothing in the database can reproduce.
_unpredictable = random.SystemRandom()


def render_images(
    workspace: Workspace,
    images: Sequence[ImageRow],
    protocol: Protocol,
    study_key: bytes,
    written: list[Path],
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> dict[str, str]:
    """Write every presented image, noting new files in ``written``; returns keys by record id.

    Raises `engine.errors.DataError` (damaged image, full disk) and `engine.errors.Cancelled`.
    """
    from engine.data.content_store import read_image

    presentations = {
        dataset: common_presentation(
            [image for image in images if image.dataset == dataset], protocol.size_px
        )
        for dataset in protocol.datasets
    }
    # In an order of its own, so that the files' times say nothing either.
    order = list(images)
    _unpredictable.shuffle(order)
    keys = {}
    for done, image in enumerate(order):
        raise_if_cancelled(cancelled)
        progress(done, len(order), f"Image {done + 1} of {len(order)}")
        png = present(read_image(workspace, image.key), presentations[image.dataset])
        key = presented_key(study_key, png)
        path = workspace.image_path(key)
        if not path.exists():
            written.append(path)
            write_bytes(path, png)
        keys[image.record_id] = key
    return keys
