"""Rated images as a critic sees them: pixels at one size, with each rating's reader and group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.content_store import read_image, to_float
from engine.feedback.snapshot import FeedbackRating
from engine.workspace import Workspace


def rated_image(workspace: Workspace, key: str, size: int) -> NDArray[np.float32]:
    """A library image as float32 (C, size, size) in [-1, 1]; raises `DataError` without it."""
    image = to_float(read_image(workspace, key))
    if image.shape[-2:] == (size, size):
        return image
    resized = torch.nn.functional.interpolate(
        torch.from_numpy(image)[None], size=(size, size), mode="area"
    )
    array: NDArray[np.float32] = resized[0].numpy()
    return array


@dataclass(frozen=True, slots=True)
class RatedImages:
    """Ratings with their images, float32 (M, C, S, S), ``rows`` telling each rating's image.

    ``confidences`` 1 … 6, ``readers`` (an index into ``reader_ids``) and ``rows`` are int64 (N,);
    ``groups`` are whole numbers, ``generated`` is bool, both (N,).
    """

    images: Tensor
    rows: Tensor
    confidences: Tensor
    readers: Tensor
    reader_ids: tuple[str, ...]
    groups: NDArray[np.int64]
    generated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.rows)


def load_rated_images(
    workspace: Workspace, ratings: Sequence[FeedbackRating], size: int, channels: int
) -> RatedImages:
    """Read the images of ``ratings``, at least one; grey and colour are brought to ``channels``."""
    keys = sorted({rating.key for rating in ratings})
    place = {key: number for number, key in enumerate(keys)}
    readers = sorted({rating.reader_id for rating in ratings})
    groups = sorted({rating.group or rating.record_id for rating in ratings})
    images = [with_channels(rated_image(workspace, key, size), channels) for key in keys]
    return RatedImages(
        images=torch.from_numpy(np.stack(images)),
        rows=torch.tensor([place[r.key] for r in ratings]),
        confidences=torch.tensor([r.confidence for r in ratings]),
        readers=torch.tensor([readers.index(r.reader_id) for r in ratings]),
        reader_ids=tuple(readers),
        groups=np.array([groups.index(r.group or r.record_id) for r in ratings]),
        generated=np.array([r.source == "generated" for r in ratings]),
    )


def with_channels(image: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    """An image (C, S, S) as (channels, S, S): colours become their mean, grey is repeated."""
    if len(image) == channels:
        return image
    grey = image.mean(axis=0, keepdims=True)
    return np.repeat(grey, channels, axis=0)
