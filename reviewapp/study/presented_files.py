"""The files that readers see: every image of a study through the one rendering path."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.atomic_file import write_bytes
from engine.bounded_file import read_bounded
from engine.errors import DataError
from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.study.appearance import CommonLook, common_sharpness, pooled_levels, sharpness
from reviewapp.study.blinding import presented_key
from reviewapp.study.errors import StoreError
from reviewapp.study.model import ImageRow
from reviewapp.study.presentation import (
    Presentation,
    common_presentation,
    native_view,
    present,
    treated_view,
)
from reviewapp.study.protocol import Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.data.content_store import Pixels

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

    presentations = presentations_of(workspace, images, protocol, cancelled)
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


def presentations_of(
    workspace: Workspace, images: Sequence[ImageRow], protocol: Protocol, cancelled: CancelCheck
) -> dict[str, Presentation]:
    """How each data set is shown; reads the images only where a remedy matches them to a pool."""
    from engine.data.content_store import read_image

    presentations = {}
    for dataset in protocol.datasets:
        own = [image for image in images if image.dataset == dataset]
        plain = common_presentation(own, protocol.size_px, protocol.remedies)

        def pixels(own: Sequence[ImageRow] = own) -> Iterator[Pixels]:
            for image in own:
                raise_if_cancelled(cancelled)
                yield read_image(workspace, image.key)

        presentations[dataset] = with_common_look(plain, pixels)
    return presentations


def with_common_look(plain: Presentation, pixels: Callable[[], Iterator[Pixels]]) -> Presentation:
    """``plain`` with the look that its remedies match to; ``pixels`` gives all images anew."""
    remedies = plain.remedies
    if not (remedies.match_histogram or remedies.match_sharpness):
        return plain
    levels = pooled_levels(native_view(image, plain) for image in pixels())
    matched = replace(plain, look=CommonLook(levels))
    if not remedies.match_sharpness:
        return matched
    target = common_sharpness([sharpness(treated_view(image, matched)) for image in pixels()])
    return replace(plain, look=CommonLook(levels, target))


def read_presented(path: Path) -> NDArray[np.uint8]:
    """A file that readers saw: uint8 (h, w) or (h, w, 3); raises `StoreError` for a damaged one."""
    import numpy as np

    from engine.data.content_store import MAX_IMAGE_BYTES, decode_png

    try:
        pixels = decode_png(read_bounded(path, MAX_IMAGE_BYTES))
        if pixels.dtype != np.uint8:
            raise DataError("it has 16 bits")
        return pixels.astype(np.uint8, copy=False)
    except (OSError, DataError) as error:
        raise StoreError(
            f"The presented image {path.name} cannot be read ({error}). "
            "Restore the workspace from a copy, or make the study again."
        ) from error
