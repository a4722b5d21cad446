"""How often each grey level or value occurs. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data.content_store import UncertaintyMap
from reviewapp.browse.image_words import map_legend
from reviewapp.widgets.pixel_rendering import Pixels

N_BINS = 128
_TOP = 255.0
#: pixels looked at; a photograph's millions would change nothing that can be seen
_SAMPLED = 500_000


@dataclass(frozen=True, slots=True)
class Histogram:
    """``counts`` (channels, bins) from ``low`` to ``high``, and what is counted."""

    counts: NDArray[np.int64]
    low: float
    high: float
    title: str

    def heights(self) -> NDArray[np.float64]:
        """Counts as fractions 0 to 1 of the height to draw.

        The background of MR and the surroundings of a photograph would flatten all else, so the
        lowest and the highest bin may be cut off.
        """
        inner = self.counts[:, 1:-1]
        top = max(1, int(inner.max()) if inner.size else 1)
        return np.minimum(1.0, self.counts / top)


def image_histogram(pixels: Pixels) -> Histogram:
    """Of the stored levels as 0–255, whatever the depth; three channels of a colour image."""
    step = max(1, round((pixels.shape[0] * pixels.shape[1] / _SAMPLED) ** 0.5))
    sampled = pixels[::step, ::step]
    planes = sampled[None] if sampled.ndim == 2 else np.moveaxis(sampled, 2, 0)
    top = int(np.iinfo(pixels.dtype).max)
    counts = [np.histogram(plane, N_BINS, (0, top))[0] for plane in planes]
    title = "Image: red, green, blue 0–255" if len(counts) == 3 else "Image: grey levels 0–255"
    return Histogram(np.asarray(counts), 0.0, _TOP, title)


def map_histogram(found: UncertaintyMap, high: float) -> Histogram:
    """Of a map's values from 0 to ``high``; larger ones are counted in the last bin."""
    high = high if high > 0 else 1.0
    counts = np.histogram(np.clip(found.values, 0, high), N_BINS, (0, high))[0]
    return Histogram(counts[None], 0.0, high, map_legend(found.kind, found.unit))
