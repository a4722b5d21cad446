"""Makes images alike in what a reader should not judge by: levels, sharpness, coding.

Each remedy treats every image of a data set the same way, by a reference pooled over all of them,
and knows nothing of their source.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Planes = NDArray[np.float32]

_QUANTILES = 512
#: this share of the images may stay blurrier than the common sharpness
_BLURRIEST = 0.05
_MAX_SIGMA_PX = 8.0
_BISECTIONS = 24


@dataclass(frozen=True, slots=True)
class CommonLook:
    """``levels`` are pooled quantiles, float32 (C, Q); ``sharpness`` a value of `sharpness`."""

    levels: Planes
    sharpness: float | None = None


def pooled_levels(views: Iterable[Planes]) -> Planes:
    """Quantiles of each channel's levels, averaged over the images: float32 (C, Q)."""
    import numpy as np

    at = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    total, count = None, 0
    for planes in views:
        own = np.quantile(planes.reshape(planes.shape[0], -1), at, axis=1).T
        total = own if total is None else total + own
        count += 1
    if total is None:
        raise ValueError("No image was given to pool.")
    return (total / count).astype(np.float32)


def match_levels(planes: Planes, levels: Planes) -> Planes:
    """``planes`` (C, n, n) with the distribution ``levels`` (C, Q) in every channel.

    By mid-ranks, so that a flat background stays flat.
    """
    import numpy as np
    from scipy.stats import rankdata

    at = (np.arange(levels.shape[1]) + 0.5) / levels.shape[1]
    matched = [
        np.interp((rankdata(plane.ravel()) - 0.5) / plane.size, at, reference).reshape(plane.shape)
        for plane, reference in zip(planes, levels, strict=True)
    ]
    return np.stack(matched).astype(np.float32)


def sharpness(planes: Planes) -> float:
    """Mean square of the Laplacian over the variance, of all channels; 0 for a flat image."""

    power, laplacian = _spectra(planes)[1:]
    variance = float(power.sum() - power[:, 0, 0].sum())
    return float((power * laplacian**2).sum() / variance) if variance > 1e-9 * power.size else 0.0


def common_sharpness(values: Sequence[float]) -> float:
    """What all but the blurriest few of the images reach."""
    import numpy as np

    return float(np.quantile(np.asarray(values), _BLURRIEST))


def match_sharpness(planes: Planes, target: float) -> Planes:
    """Blur ``planes`` by the Gaussian that brings `sharpness` down to ``target``.

    An image that is blurrier already is left as it is: detail cannot be added.
    """
    import numpy as np
    from scipy.fft import idctn

    coefficients, power, laplacian = _spectra(planes)
    squared_frequency = _squared_frequency(planes.shape[-1])

    def blurred(sigma: float) -> float:
        kept = power * np.exp(-(sigma**2) * squared_frequency)
        variance = float(kept.sum() - kept[:, 0, 0].sum())
        return float((kept * laplacian**2).sum() / variance) if variance > 0 else 0.0

    if sharpness(planes) <= target:
        return planes
    low, high = 0.0, _MAX_SIGMA_PX
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if blurred(middle) > target else (low, middle)
    kept = coefficients * np.exp(-0.5 * high**2 * squared_frequency)
    return np.asarray(idctn(kept, axes=(1, 2), norm="ortho"), dtype=np.float32)


def coded_as_jpeg(planes: Planes, quality: int) -> Planes:
    """``planes`` in [-1, 1] as JPEG of this quality leaves them, without chroma subsampling."""
    import numpy as np
    from PIL import Image

    levels = np.rint((np.clip(planes, -1, 1) + 1) * 127.5).astype(np.uint8)
    image = Image.fromarray(levels[0] if len(levels) == 1 else np.moveaxis(levels, 0, 2))
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=quality, subsampling=0)
    coded = np.asarray(Image.open(buffer), dtype=np.float32) / 127.5 - 1
    return coded[None] if coded.ndim == 2 else np.ascontiguousarray(np.moveaxis(coded, 2, 0))


def reduce_levels(levels: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """8-bit ``levels`` rounded to ``count`` evenly spaced ones."""
    import numpy as np

    step = 255 / (count - 1)
    return np.rint(np.rint(levels / step) * step).astype(np.uint8)


def _spectra(planes: Planes) -> tuple[NDArray[np.float64], ...]:
    """Cosine coefficients, their power, and the Laplacian's transfer, for mirrored borders."""
    import numpy as np
    from scipy.fft import dctn

    coefficients = np.asarray(dctn(planes.astype(np.float64), axes=(1, 2), norm="ortho"))
    angles = np.pi * np.arange(planes.shape[-1]) / planes.shape[-1]
    along = 2 * np.cos(angles) - 2
    return coefficients, coefficients**2, along[:, None] + along[None, :]


def _squared_frequency(side: int) -> NDArray[np.float64]:
    import numpy as np

    angles = np.pi * np.arange(side) / side
    return np.asarray(angles[:, None] ** 2 + angles[None, :] ** 2)
