"""The training images nearest to an image: by eye the first test of whether it was copied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.cache import TrainingArrays, area_average, training_arrays
from engine.data.content_store import read_image, to_float
from engine.errors import DataError
from engine.evaluation.encoder import load_or_train_encoder
from engine.evaluation.features import FeatureExtractor, extract
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.workspace import Workspace

Space = Literal["pixels", "features"]
#: both are compared at no more pixels a side: what is alike is so at this size
_LARGEST_PX = 128
_BLOCK_BYTES = 32 * 2**20
_GREY_LEVELS_PER_UNIT = 127.5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training image and its distance from the image asked for.

    In pixels the root mean square difference in grey levels (0–255), among features the Euclidean
    distance. ``space`` is "pixels" or the extractor's name.
    """

    record_id: str
    key: str
    distance: float
    space: str


def nearest_real(
    workspace: Workspace,
    dataset: str,
    key: str,
    n: int = 3,
    *,
    space: Space = "pixels",
    extractor: FeatureExtractor | None = None,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> list[Neighbour]:
    """The ``n`` training images of a data set nearest to the library image ``key``, nearest first.

    An image is never its own neighbour. Features are those of the data set's encoder, which is
    trained when first needed, unless an ``extractor`` is given. Raises `DataError` for an image
    that is not square or has other channels than the data set, the engine's other errors, and
    `Cancelled`.
    """
    pixels = read_image(workspace, key)
    if pixels.shape[0] != pixels.shape[1]:
        raise DataError("Only square images have neighbours among the training images.")
    size = min(pixels.shape[0], _LARGEST_PX)
    data = training_arrays(workspace, dataset, size, progress=progress, cancelled=cancelled)
    image = to_float(area_average(pixels, size))
    channels = data.images.shape[1]
    if image.shape[0] == 1 < channels:
        image = np.repeat(image, channels, axis=0)
    if image.shape[0] != channels:
        raise DataError(
            f"The image has colours and the data set '{dataset}' is grey: they cannot be compared."
        )
    if space == "pixels":
        name, distances = "pixels", _pixel_distances(data, image, progress, cancelled)
    else:
        if extractor is None:
            extractor = load_or_train_encoder(
                workspace, dataset, size, progress=progress, cancelled=cancelled
            )
        name = extractor.name
        distances = _feature_distances(data, image, extractor, progress, cancelled)
    order = [int(row) for row in np.argsort(distances, kind="stable") if data.keys[row] != key]
    return [
        Neighbour(data.record_ids[row], data.keys[row], float(distances[row]), name)
        for row in order[:n]
    ]


def _pixel_distances(
    data: TrainingArrays,
    image: NDArray[np.float32],
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> NDArray[np.float64]:
    """Root mean square differences (N,) in grey levels, read block by block."""
    distances = np.empty(len(data))
    height = max(1, _BLOCK_BYTES // image.nbytes)
    for start in range(0, len(data), height):
        raise_if_cancelled(cancelled)
        progress(start, len(data), "comparing pixels")
        rows = np.arange(start, min(start + height, len(data)))
        difference = data.batch(rows) - image
        squares = np.square(difference).mean(axis=(1, 2, 3), dtype=np.float64)
        distances[rows] = np.sqrt(squares) * _GREY_LEVELS_PER_UNIT
    return distances


def _feature_distances(
    data: TrainingArrays,
    image: NDArray[np.float32],
    extractor: FeatureExtractor,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> NDArray[np.float64]:
    """Euclidean distances (N,) between features."""

    def load(rows: slice) -> torch.Tensor:
        return torch.from_numpy(data.batch(np.arange(rows.start, rows.stop)))

    real = extract(extractor, load, len(data), progress=progress, cancelled=cancelled)
    own = extract(extractor, lambda _: torch.from_numpy(image[None]), 1)
    distances: NDArray[np.float64] = np.linalg.norm(real.astype(np.float64) - own, axis=1)
    return distances
