"""What the metrics need of a set of images, gathered in one pass so that none is held in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine.evaluation.features import FeatureExtractor, Features, checked_features
from engine.evaluation.spectrum import radial_spectrum
from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled

#: sides of the images between which distances of pixels are taken
PIXELS_PX = 32
_BLOCK = 64


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """Features (N, d), pixels float32 (N, C * P * P) of reduced images, mean log spectrum (F,)."""

    features: Features
    pixels: NDArray[np.float32]
    spectrum: NDArray[np.float64]


def summarise(
    extractor: FeatureExtractor,
    load: Callable[[slice], Tensor],
    n: int,
    item: str,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> ImageSummary:
    """Go through ``n`` ≥ 1 images (C, S, S) in [-1, 1], told as ``item``.

    Raises `EvaluationError` for features that are no numbers, and `Cancelled`.
    """
    features, pixels, spectra = [], [], []
    for start in range(0, n, _BLOCK):
        raise_if_cancelled(cancelled)
        progress(start, n, item)
        images = load(slice(start, min(start + _BLOCK, n))).float()
        with torch.no_grad():
            found = extractor.features(images.to(extractor.device)).float().cpu().numpy()
        checked_features(found)
        images = images.cpu()
        side = min(PIXELS_PX, images.shape[-1])
        features.append(found)
        pixels.append(F.interpolate(images, size=(side, side), mode="area").flatten(1).numpy())
        spectra.append(radial_spectrum(images.numpy()) * len(images))
    progress(n, n, item)
    return ImageSummary(
        np.concatenate(features), np.concatenate(pixels), np.sum(spectra, axis=0) / n
    )
