"""Features of images: what an extractor promises, and checked extraction in blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.errors import EvaluationError
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)

Features = NDArray[np.float32]
#: rows of a set of images to the images, float32 (n, C, S, S) in [-1, 1]
LoadBlock = Callable[[slice], Tensor]
_BLOCK = 64


class FeatureExtractor(Protocol):
    """A fixed network whose activations stand for an image."""

    #: part of every label that is computed from these features
    name: str
    #: numbers for each image
    dim: int
    device: torch.device

    def features(self, images: Tensor) -> Tensor:
        """Features (N, dim), float32, of images (N, C, S, S) in [-1, 1]; any size, 1 or 3 channels.

        Gradients reach the images where they ask for them, never the network.
        """


def extract(
    extractor: FeatureExtractor,
    load: LoadBlock,
    n: int,
    *,
    block: int = _BLOCK,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> Features:
    """Features float32 (n, dim) of ``n`` images, ``block`` of them in memory at a time.

    Raises `EvaluationError` for features that are no finite numbers, and `Cancelled`.
    """
    features = np.empty((n, extractor.dim), dtype=np.float32)
    for start in range(0, n, block):
        raise_if_cancelled(cancelled)
        progress(start, n, extractor.name)
        rows = slice(start, min(start + block, n))
        with torch.no_grad():
            found = extractor.features(load(rows).to(extractor.device))
        features[rows] = found.float().cpu().numpy()
    progress(n, n, extractor.name)
    checked_features(features)
    return features


def checked_features(features: NDArray[np.floating], name: str = "images") -> NDArray[np.float64]:
    """The features as float64 (N, dim); raises `EvaluationError` where they are no numbers."""
    checked = np.asarray(features, dtype=np.float64)
    if checked.ndim != 2:
        raise EvaluationError(
            f"Features of the {name} must be a table of images by numbers, not of shape "
            f"{checked.shape}. Flatten each image's features first."
        )
    wrong = np.flatnonzero(~np.isfinite(checked).all(axis=1))
    if len(wrong):
        raise EvaluationError(
            f"{len(wrong)} of {len(checked)} {name} have features that are no numbers (the first "
            f"is number {wrong[0]}). Look for images with damaged pixels, or train the generator "
            "again from an earlier checkpoint."
        )
    return checked


def checked_pair(
    real: NDArray[np.floating], generated: NDArray[np.floating], least: int, metric: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both sets checked for a metric that needs ``least`` images on each side.

    Raises `EvaluationError` for too few images, features of different length, or a set whose
    images are all alike.
    """
    pair = checked_features(real, "real images"), checked_features(generated, "generated images")
    if pair[0].shape[1] != pair[1].shape[1]:
        raise EvaluationError(
            f"The {metric} compares features of one extractor; these have {pair[0].shape[1]} and "
            f"{pair[1].shape[1]} numbers. Extract both sets with the same one."
        )
    for features, name in zip(pair, ("real", "generated"), strict=True):
        if len(features) < least:
            raise EvaluationError(
                f"The {metric} needs at least {least} {name} images, there are {len(features)}. "
                f"{'Import' if name == 'real' else 'Draw'} more."
            )
        if len(features) > 1 and (features == features[0]).all():
            raise EvaluationError(
                f"All {len(features)} {name} images have the same features, so that the {metric} "
                "means nothing. Constant or identical images are the usual reason."
            )
    return pair
